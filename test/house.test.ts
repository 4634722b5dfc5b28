/**
 * The rules of the house, held against the real tree: who may import whom, which room may use
 * which package, where time may be read, and how a file begins and how long it may be. Every
 * offence is listed at once. Rooms that are not built yet are no offence.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  importOffence,
  importsOf,
  machineOffences,
  roomOf,
  styleOffences,
  timeOffences,
} from './house-rules.ts'

const root = path.resolve(import.meta.dirname, '..')

/** Tracked files, and new ones that git would not ignore. */
const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(path.join(root, file)))

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const sources = files
  .filter((file) => /^(harness|topologies|scenarios|reports|toolchain|test)\/.*\.ts$/.test(file))
  .map((file) => ({ file, text: read(file) }))
const productive = sources.filter(({ file }) => !file.startsWith('test/'))

describe('the house', () => {
  it('has rooms to look at', () => {
    expect(productive.map(({ file }) => roomOf(file))).toEqual(
      expect.arrayContaining(['model', 'measure', 'judge', 'scenarios', 'topologies']),
    )
  })

  it('lets each room import only what it may', () => {
    const offences = sources.flatMap(({ file, text }) =>
      importsOf(text).flatMap((specifier) => importOffence(file, specifier) ?? []),
    )
    expect(offences).toEqual([])
  })

  it('plays the model without loading a package', () => {
    const loaded = new Set<string>()
    const load = (file: string): string[] => {
      if (loaded.has(file)) return []
      loaded.add(file)
      if (!file.endsWith('.ts')) return []
      const text = read(file).replace(/^import type [^']*'[^']+'$/gm, '')
      return importsOf(text).flatMap((specifier) => {
        if (specifier.startsWith('.')) return load(path.join(path.dirname(file), specifier))
        return isBuiltin(specifier) ? [] : [`${file}: ${specifier}`]
      })
    }
    expect(load('harness/predict/simulate.ts')).toEqual([])
    expect(loaded).toContain('harness/run/conductor.ts')
  })

  it('reads no wall clock, throws no dice and sleeps nowhere outside the clocks', () => {
    expect(productive.flatMap(({ file, text }) => timeOffences(file, text))).toEqual([])
  })

  it('begins every file with what it is for, and keeps it short', () => {
    expect(sources.flatMap(({ file, text }) => styleOffences(file, text))).toEqual([])
  })

  it('names no folder of a machine and no registry', () => {
    const others = files.filter((file) => !file.startsWith('test/house'))
    expect(others.flatMap((file) => machineOffences(file, read(file)))).toEqual([])
  })
})

describe('its rules', () => {
  it.each([
    ["import { a } from './a.ts'", ['./a.ts']],
    ["import type { A } from '../a.ts'", ['../a.ts']],
    ["import {\n  a,\n  type B,\n} from 'zod'", ['zod']],
    ["import './effect.ts'", ['./effect.ts']],
    ["export { a } from './a.ts'", ['./a.ts']],
    ["const a = await import('./a.ts')", ['./a.ts']],
    ["const text = 'no import here'", []],
  ])('read the imports of %j', (text, imports) => {
    expect(importsOf(text)).toEqual(imports)
  })

  it.each([
    ['harness/model/a.ts', '../plan/b.ts'],
    ['harness/measure/a.ts', 'node:fs'],
    ['harness/measure/a.ts', '../judge/b.ts'],
    ['harness/judge/a.ts', 'zod'],
    ['harness/run/a.ts', '../cluster/kind/b.ts'],
    ['harness/run/a.ts', '../record/b.ts'],
    ['harness/run/a.ts', 'execa'],
    ['harness/cluster/sim/a.ts', '../kind/b.ts'],
    ['harness/cluster/port.ts', './kind/b.ts'],
    ['harness/cluster/kind/a.ts', '../../cli/b.ts'],
    ['scenarios/a.ts', '../topologies/b.ts'],
    ['reports/a.ts', '../harness/measure/b.ts'],
    ['harness/cli/a.ts', '../../test/b.ts'],
  ])('%s may not import %s', (file, specifier) => {
    expect(importOffence(file, specifier)).not.toBeNull()
  })

  it.each([
    ['harness/measure/a.ts', '../model/b.ts'],
    ['harness/cluster/kind/a.ts', '../port.ts'],
    ['harness/cluster/kind/a.ts', '@kubernetes/client-node'],
    ['scenarios/claims/a.ts', '../../harness/model/b.ts'],
    ['harness/cli/a.ts', '../cluster/kind/b.ts'],
    ['test/a.ts', '../harness/cli/b.ts'],
    ['harness/run/a.ts', 'node:child_process'],
  ])('%s may import %s', (file, specifier) => {
    expect(importOffence(file, specifier)).toBeNull()
  })

  it('find a clock, but not in a comment, nor where clocks live', () => {
    const text = 'const now = Date.now() // Date.now() is the wall clock\n'
    expect(timeOffences('harness/plan/a.ts', text)).toEqual(['harness/plan/a.ts: Date.now('])
    expect(timeOffences('harness/cluster/real-clock.ts', text)).toEqual([])
    expect(timeOffences('harness/plan/a.ts', 'new Date(epochMs)')).toEqual([])
  })

  it('find a missing head and a long file', () => {
    expect(styleOffences('a.ts', 'const a = 1\n')).toHaveLength(1)
    expect(styleOffences('a.ts', `/** A. */\n${'\n'.repeat(400)}x\n`)).toHaveLength(1)
    expect(styleOffences('a.ts', '#!/usr/bin/env node\n/** A. */\n')).toEqual([])
  })

  it('find a machine in a line', () => {
    expect(machineOffences('a', "const folder = '/home/someone/x'")).toHaveLength(1)
    expect(machineOffences('a', 'export GOPROXY=https://proxy.example')).toHaveLength(1)
    expect(machineOffences('a', 'see https://example.org/home/page and ./work/x')).toEqual([])
  })
})
