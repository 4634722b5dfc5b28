/** One drill from a plan to a record, and what becomes of its cluster, without an engine. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DrillPorts, playDrill } from '../../harness/cli/drill.ts'
import { MachineError } from '../../harness/model/errors.ts'
import type { Found } from '../../harness/model/found.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { recordSchema } from '../../harness/model/record.ts'
import type { Capability } from '../../harness/model/scenario.ts'
import { compile, type Draft } from '../../harness/plan/compile.ts'
import { listActive } from '../../harness/record/active.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { FakeProvider } from './fake-provider.ts'

let home: string
let provider: FakeProvider
let interrupt: AbortController
let ports: DrillPorts
const cluster = 'drill-cx-worker-ha-brisk'

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'clusterdrill-drill-'))
  vi.stubEnv('CLUSTERDRILL_HOME', home)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  provider = new FakeProvider()
  interrupt = new AbortController()
  const nothing = () => undefined
  const screen = { report: nothing, event: nothing, progress: nothing, done: nothing }
  ports = { provider, probe: provider.probe, signal: interrupt.signal, screen: () => screen }
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(home, { recursive: true })
})

const out = () => join(home, 'runs')

function draftOf(scenario = 'worker-down', over: Partial<Draft> = {}): Draft {
  const request = { scenario, topology: 'cx-worker-ha', provider: 'kind', target: null } as const
  const { plan, problems } = compile(
    { ...request, pace: 'brisk', set: [], seed: 1, harnessVersion: '0.1.0' },
    { scenarios, topologies },
  )
  if (!plan) throw new Error(problems.join('\n'))
  return { ...plan, ...over }
}

const lastingLoss = (): Draft =>
  draftOf('worker-down', {
    faults: [{ id: 'power', kind: 'power.kill', target: 'worker-with-database', lasting: true }],
    settleUntil: ['a-while'],
  })

describe('a drill', () => {
  it('is judged, written down, taken off the register, and its cluster removed', async () => {
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(drilled.record.problems).toEqual([])
    expect(drilled.record.claims.map(({ id }) => id)).toContain('000-worker-down')
    expect(drilled).toMatchObject({ standing: false, reused: false, healed: true, spent: false })
    expect(drilled.bringUpMs).toBeGreaterThan(0)
    expect(drilled.wallMs).toBeGreaterThanOrEqual(drilled.bringUpMs)
    expect(provider.done).toEqual([`open ${cluster}`, `remove ${cluster}`])
    expect((await listActive(home)).runs).toEqual([])
    const record = recordSchema.parse(
      JSON.parse(readFileSync(join(drilled.directory, 'record.json'), 'utf8')),
    )
    expect(record).toEqual(drilled.record)
    expect(existsSync(join(drilled.directory, 'report.html'))).toBe(true)
  })

  it('is predicted from how it stands, before its first fault', async () => {
    const said = {
      provider: 'sim' as const,
      outageMs: [1_000, 2_000] as [number, number],
      steps: [],
    }
    const predict = vi.fn(async (_: Plan, found: Found) => {
      expect(provider.done).toEqual([`open ${cluster}`])
      expect(found.pods.length).toBeGreaterThan(0)
      return said
    })
    const { record } = await playDrill(draftOf(), { ...ports, predict }, { out: out(), keep: true })
    expect(predict).toHaveBeenCalledOnce()
    expect(record.prediction).toEqual(said)
    expect(record.problems).toEqual([])
  })

  it('goes on where the model fails, and says so', async () => {
    const predict = async () => {
      throw new RangeError('no such machine')
    }
    const { record } = await playDrill(draftOf(), { ...ports, predict }, { out: out(), keep: true })
    expect(record.prediction).toBeNull()
    expect(record.verdict).not.toBe('invalid')
    expect(record.problems).toEqual(['the model could not predict this drill: no such machine'])
  })

  it('leaves its cluster where it is to be kept', async () => {
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: true })
    expect(drilled.standing).toBe(true)
    expect(provider.done).toEqual([`open ${cluster}`])
  })

  it('leaves a cluster that it took over, and counts no bring-up', async () => {
    provider.clusters.add(cluster)
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(drilled).toMatchObject({ standing: true, reused: true, bringUpMs: 0 })
    expect(provider.done).toEqual([`reuse ${cluster}`])
  })

  it.each([
    ['made for it', false],
    ['taken over', true],
  ])('removes a cluster %s that a lasting fault has used up, kept or not', async (_, there) => {
    if (there) provider.clusters.add(cluster)
    const drilled = await playDrill(lastingLoss(), ports, { out: out(), keep: true })
    expect(drilled).toMatchObject({ spent: true, standing: false, healed: true })
    expect(provider.done.at(-1)).toBe(`remove ${cluster}`)
    expect((await listActive(home)).runs).toEqual([])
  })

  it('removes one whose journal says that it is used up', async () => {
    provider.onOpen = (drill) => drill.spending.push('worker-power')
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: true })
    expect(drilled).toMatchObject({ spent: true, standing: false })
  })

  it('keeps one that was broken by nothing yet, lasting or not', async () => {
    provider.onOpen = (drill) => {
      drill.before['find worker-with-database'] = () => {
        throw new MachineError({ what: 'nobody runs it', changed: 'nothing', next: 'look' })
      }
    }
    const drilled = await playDrill(lastingLoss(), ports, { out: out(), keep: true })
    expect(drilled.record).toMatchObject({ verdict: 'invalid' })
    expect(drilled.record.problems).toContain('nobody runs it')
    expect(drilled).toMatchObject({ spent: false, standing: true })
  })

  it('that cannot be healed keeps cluster and register for `clean`', async () => {
    provider.onOpen = (drill) => {
      drill.before['undo worker-a'] = () => {
        throw new Error('no power')
      }
    }
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(drilled).toMatchObject({ healed: false, standing: true })
    expect(drilled.record.verdict).toBe('invalid')
    expect((await listActive(home)).runs).toHaveLength(1)
    await expect(playDrill(draftOf(), ports, { out: out(), keep: false })).rejects.toThrow(
      /another drill uses/,
    )
  })

  it('heals when it is interrupted, and resolves with what it saw', async () => {
    provider.onOpen = (drill) => {
      drill.before['inject worker-power'] = () => interrupt.abort(new Error('Ctrl-C'))
    }
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(drilled.record.verdict).toBe('invalid')
    expect(drilled.record.problems).toEqual([expect.stringMatching(/^interrupted in /)])
    expect(drilled.record.faults[0]?.undoneAtMs).not.toBeNull()
    expect(drilled).toMatchObject({ healed: true, standing: false })
  })

  it('tells of a cluster that cannot be removed, and keeps its result', async () => {
    provider.onRemove = () => {
      throw new Error('the engine went away')
    }
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(drilled.standing).toBe(true)
    expect(drilled.record.problems).toEqual([])
    expect(vi.mocked(process.stderr.write).mock.calls.flat().join('')).toContain(
      `${cluster} could not be removed: the engine went away`,
    )
  })
})

describe('without a capability that the plan needs', () => {
  it('nothing is brought up, and every claim is undetermined for want of it', async () => {
    provider.capabilities = new Set<Capability>(['process'])
    const drilled = await playDrill(draftOf(), ports, { out: out(), keep: false })
    expect(provider.done).toEqual([])
    expect(drilled.record).toMatchObject({ lacks: ['power'], faults: [], problems: [] })
    expect(drilled.record.verdict).toBe('undetermined')
    expect(drilled.record.claims.length).toBeGreaterThan(0)
    for (const claim of drilled.record.claims) {
      expect(claim.verdict).toBe('undetermined')
      expect(claim.because).toContain('power')
    }
    expect(readdirSync(drilled.directory)).toEqual(
      expect.arrayContaining(['plan.json', 'conduct.json', 'record.json', 'report.html']),
    )
    expect(drilled).toMatchObject({ standing: false, bringUpMs: 0, healed: true })
  })
})
