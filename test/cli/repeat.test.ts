/** A scenario played several times, on a provider without an engine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runScenario, type ScenarioOptions } from '../../harness/cli/scenario.ts'
import { InterruptedError, MachineError, UsageError } from '../../harness/model/errors.ts'
import { repeatSchema } from '../../harness/model/repeat.ts'
import { FakeProvider } from './fake-provider.ts'

let home: string
let provider: FakeProvider
let interrupt: AbortController
let options: ScenarioOptions
const cluster = 'drill-cx-worker-ha-brisk'

vi.setConfig({ testTimeout: 30_000 })
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clusterdrill-repeat-'))
  vi.stubEnv('CLUSTERDRILL_HOME', home)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  provider = new FakeProvider()
  interrupt = new AbortController()
  options = {
    ...{ provider: 'kind', pace: 'brisk', seed: '1', set: [], out: join(home, 'runs') },
    ...{ keep: false, yes: false, json: true, repeat: '3' },
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(home, { recursive: true })
})

const play = (over: Partial<ScenarioOptions> = {}): Promise<number> =>
  runScenario(
    'worker-down',
    { ...options, ...over },
    { provider, probe: provider.probe, signal: interrupt.signal },
  )

function setIn(out: string) {
  const [name = ''] = readdirSync(out)
  expect(name).toMatch(/^\d{4}-.*-cx-worker-ha-worker-down-kind-repeat$/)
  const files = readdirSync(join(out, name))
  const repeat = repeatSchema.parse(
    JSON.parse(readFileSync(join(out, name, 'repeat.json'), 'utf8')),
  )
  return { files, repeat, summary: readFileSync(join(out, name, 'summary.md'), 'utf8') }
}

it('plays all on one cluster, and judges the set', async () => {
  await play()
  expect(provider.done).toEqual([
    ...[`open ${cluster}`, `reuse ${cluster}`, `reuse ${cluster}`, `remove ${cluster}`],
  ])
  const { files, repeat, summary } = setIn(options.out)
  expect(files).toHaveLength(5)
  expect(repeat.runs.map(({ verdict }) => verdict === 'invalid')).toEqual([false, false, false])
  expect(repeat.outageMs?.runs).toBe(3)
  expect(repeat.claims.map(({ id }) => id)).toContain('000-worker-down')
  expect(repeat.problems).toEqual([])
  expect(summary).toContain('Three runs')
})

it('leaves the cluster with --keep', async () => {
  await play({ repeat: '1', keep: true })
  expect(provider.done).toEqual([`open ${cluster}`])
})

it('makes a new cluster each time where a run uses it up', async () => {
  provider.onOpen = (drill) => drill.spending.push('worker-power')
  await play({ repeat: '2' })
  expect(provider.done).toEqual([
    ...[`open ${cluster}`, `remove ${cluster}`, `open ${cluster}`, `remove ${cluster}`],
  ])
})

it('is judged over what it has when it is interrupted, and says so', async () => {
  provider.onOpen = (drill, _, before) => {
    if (before !== 1) return
    drill.before['inject worker-power'] = () =>
      interrupt.abort(new InterruptedError({ what: 'i', changed: '', next: '' }))
  }
  await expect(play()).rejects.toMatchObject({
    exitCode: 130,
    what: 'interrupted: 1 of 3 runs are valid',
    next: expect.stringContaining('summary.md'),
  })
  const { repeat } = setIn(options.out)
  expect(repeat.runs).toHaveLength(2)
  expect(repeat.outageMs?.runs).toBe(1)
  expect(repeat.problems[0]).toBe('interrupted in run 2 of 3')
  expect(provider.done.at(-1)).toBe(`remove ${cluster}`)
})

it('is judged over what it has when the machine fails', async () => {
  provider.onOpen = (_, __, before) => {
    if (before === 1) throw new MachineError({ what: 'no memory', changed: 'nothing', next: '' })
  }
  await play()
  expect(setIn(options.out).repeat.problems[0]).toContain('ended after 1 of 3 runs: no memory')
})

it('has the error of the first run where there is none to judge', async () => {
  const failing = new MachineError({ what: 'no memory', changed: 'nothing', next: '' })
  provider.onOpen = () => {
    throw failing
  }
  await expect(play()).rejects.toBe(failing)
  expect(readdirSync(options.out)).toEqual([])
})

it.each(['0', '1.5', 'often'])('refuses to be played %s times', async (repeat) => {
  const error = await play({ repeat }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(UsageError)
  expect(provider.done).toEqual([])
  expect(readdirSync(home)).toEqual([])
})
