/** What a scenario writes down before its cluster is there, and which runs it refuses. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runScenario, type ScenarioOptions } from '../../harness/cli/scenario.ts'
import { MachineError } from '../../harness/model/errors.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { type ActiveRun, listActive, registerRun } from '../../harness/record/active.ts'

const { open } = vi.hoisted(() => ({ open: vi.fn<(plan: Plan) => Promise<never>>() }))
vi.mock('../../harness/cli/tools.ts', () => ({
  providerNamed: async () => ({ open, capabilities: new Set(['power']) }),
}))

let home: string
let options: ScenarioOptions
const registered = async () => (await listActive(home)).runs

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clusterdrill-scenario-'))
  vi.stubEnv('CLUSTERDRILL_HOME', home)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  options = {
    ...{ provider: 'kind', pace: 'brisk', seed: '1', set: [], out: join(home, 'runs') },
    ...{ keep: false, yes: false, json: true },
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  open.mockReset()
  rmSync(home, { recursive: true })
})

const failing = new MachineError({ what: 'no cluster', changed: 'nothing', next: 'again' })

it('registers the run where `clean` finds it from any folder, however --out was written', async () => {
  let during: ActiveRun[] = []
  let planned = false
  open.mockImplementation(async () => {
    during = await registered()
    planned = existsSync(join(during[0]?.directory ?? '', 'plan.json'))
    throw failing
  })
  const out = relative(process.cwd(), options.out)
  await expect(runScenario('worker-down', { ...options, out })).rejects.toBe(failing)
  expect(during).toMatchObject([{ cluster: 'drill-cx-worker-ha-brisk', pid: process.pid }])
  expect(isAbsolute(during[0]?.directory ?? '')).toBe(true)
  expect(planned).toBe(true)
})

it('takes the run off the register when the cluster never came up', async () => {
  open.mockRejectedValue(failing)
  await expect(runScenario('worker-down', options)).rejects.toBe(failing)
  expect(await registered()).toEqual([])
  expect(readdirSync(options.out)).toEqual([])
})

it.each([
  ['another drill still uses it', process.pid, /another drill uses drill-cx-worker-ha-brisk/],
  ['an earlier drill left it broken', 2 ** 30, /ended without healing/],
])('refuses a cluster when %s', async (_, pid, message) => {
  const entry = { runId: 'other', directory: home, cluster: 'drill-cx-worker-ha-brisk', pid }
  await registerRun(home, { ...entry, startedAt: '2026-03-01T09:30:05.000Z' })
  await expect(runScenario('worker-down', options)).rejects.toThrow(message)
  expect(open).not.toHaveBeenCalled()
  expect(readdirSync(home)).toEqual(['active'])
  expect(await registered()).toHaveLength(1)
})

it('leaves another pace of the same topology alone', async () => {
  const entry = { runId: 'other', directory: home, cluster: 'drill-cx-worker-ha', pid: process.pid }
  await registerRun(home, { ...entry, startedAt: '2026-03-01T09:30:05.000Z' })
  open.mockRejectedValue(failing)
  await expect(runScenario('worker-down', options)).rejects.toBe(failing)
})
