/**
 * The toolbox's Dockerfile against what the toolbox is where images are built here: the same
 * packages, the same programs, a Go that can build them, and nothing of the machine in it.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONTAINER_PACKAGES } from '../../toolchain/build/packages.ts'
import { moduleDir, toolchainDir } from '../../toolchain/build/versions.ts'
import { toolboxName } from '../../toolchain/toolbox-image/build.ts'

const text = await readFile(join(toolchainDir, 'toolbox-image/Dockerfile'), 'utf8')
const instructions = text
  .replace(/^#.*\n/gm, '')
  .replace(/\s*\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line !== '')
const argumentsAfter = (words: string) => {
  const line = instructions.find((each) => each.includes(words)) ?? ''
  const rest = line.slice(line.indexOf(words) + words.length).split('&&')[0] ?? ''
  return rest.trim().split(' ')
}

/** What the other images of the containers' root are for; everything else is the toolbox's. */
const notOfTheToolbox = [
  'busybox',
  'ca-certificates',
  'conntrack',
  'haproxy',
  'kmod',
  'libstdc++6',
  'nftables',
  'redis-server',
]

describe('the Dockerfile of the toolbox', () => {
  it('has the packages that the toolbox has where it is built here', () => {
    const packages = argumentsAfter('--no-install-recommends')
    expect(packages).toEqual([
      ...['docker-registry', 'iproute2', 'iptables', 'iputils-arping', 'iputils-ping'],
      ...['keepalived', 'nginx', 'procps'],
    ])
    expect([...packages, ...notOfTheToolbox].sort()).toEqual([...CONTAINER_PACKAGES].sort())
  })

  it('builds every program of the module, as the toolchain does', async () => {
    const folders = await readdir(moduleDir('floating-ip'), { recursive: true })
    const programs = folders.filter((path) => path.endsWith('main.go'))
    expect(argumentsAfter('-o /programs/').sort()).toEqual(
      programs.map((path) => `./${path.replace('/main.go', '')}`).sort(),
    )
    expect(text).toContain('CGO_ENABLED=0 go build')
    expect(text).toContain('-trimpath -ldflags "-s -w"')
  })

  it('takes a Go that the module can be built with', async () => {
    const goMod = await readFile(join(moduleDir('floating-ip'), 'go.mod'), 'utf8')
    const numbers = (version = '') => version.split('.').map(Number)
    const [major = 0, minor = 0, patch = 0] = numbers(/^FROM golang:([\d.]+)-/m.exec(text)?.[1])
    const [neededMajor = 0, neededMinor = 0, neededPatch = 0] = numbers(
      /^go ([\d.]+)$/m.exec(goMod)?.[1],
    )
    expect(neededMajor).toBe(1)
    expect(major).toBe(1)
    expect(minor * 1_000 + patch).toBeGreaterThanOrEqual(neededMinor * 1_000 + neededPatch)
  })

  it('keeps nothing but the programs of its first stage, and no setting of the machine', () => {
    const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')))
    expect(last.map((line) => line.split(' ')[0])).toEqual(['FROM', 'RUN', 'COPY', 'CMD'])
    expect(last).toContain('COPY --from=programs /programs/ /usr/local/bin/')
    expect(last[1]).toMatch(/&& rm -rf \/var\/lib\/apt\/lists\/\*$/)
    expect(text).not.toMatch(/^(ARG|ENV)|proxy=|--mount|https?:/im)
  })
})

it('is called by what it is made of', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clusterdrill-toolbox-'))
  const from = { dockerfile: join(folder, 'Dockerfile'), source: join(folder, 'source') }
  try {
    await mkdir(from.source)
    await writeFile(from.dockerfile, 'FROM one')
    await writeFile(join(from.source, 'main.go'), 'package main')
    const first = await toolboxName(from)
    await writeFile(from.dockerfile, 'FROM two')
    const second = await toolboxName(from)
    await writeFile(join(from.source, 'main.go'), 'package other')
    const third = await toolboxName(from)
    expect(first).toMatch(/^clusterdrill\/toolbox:published-[0-9a-f]{12}$/)
    expect(new Set([first, second, third]).size).toBe(3)
  } finally {
    await rm(folder, { recursive: true })
  }
})
