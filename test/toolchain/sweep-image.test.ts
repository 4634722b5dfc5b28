/** What the image of the sweep holds: a part is played with it, and with nothing else. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readPartLog } from '../../harness/record/part-log.ts'
import { toolchainDir } from '../../toolchain/build/versions.ts'
import { layOutPart, sweepImageName } from '../../toolchain/sweep-image/build.ts'

test('a part is played with what is in it', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clusterdrill-part-'))
  try {
    await layOutPart(folder)
    expect(await readdir(folder)).toEqual([
      'LICENSE',
      'harness',
      'node_modules',
      'package.json',
      'scenarios',
      'topologies',
    ])
    const words = { pace: 'brisk', set: [], vary: ['tolerationSeconds=5s,20s'], seeds: '1..4' }
    const argument = JSON.stringify({ name: 'worker-down', words, parts: 2 })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['harness/cli/sweep-part.ts', argument],
      { cwd: folder, env: { JOB_COMPLETION_INDEX: '1' } },
    )
    const read = readPartLog(1, stdout)
    expect('sweep' in read && read.sweep.seeds).toEqual({ from: 3, to: 4 })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('its name is that of what is in it', async () => {
  const name = await sweepImageName()
  expect(name).toMatch(/^clusterdrill\/sweep:\d+\.\d+\.\d+-[0-9a-f]{12}$/)
  expect(await sweepImageName()).toBe(name)
})

test('nothing is installed or fetched, and nobody is root', async () => {
  const text = await readFile(join(toolchainDir, 'sweep-image/Dockerfile'), 'utf8')
  const instructions = text
    .replace(/^#.*\n/gm, '')
    .trim()
    .split('\n')
  expect(instructions.map((line) => line.split(' ')[0])).toEqual([
    'ARG',
    'FROM',
    'COPY',
    'WORKDIR',
    'USER',
  ])
  expect(instructions.at(-1)).toBe('USER 65532:65532')
})
