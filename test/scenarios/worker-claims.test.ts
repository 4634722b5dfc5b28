/**
 * What document 001 says of a lost worker: what moves by itself, what waits for a person, what
 * waits for the disk, and what the extra worker carries.
 */
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../harness/model/record.ts'
import type { Topology } from '../../harness/model/topology.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHaLocal } from '../../topologies/cx-worker-ha-local.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { cxWorkerHaMetallbLocal } from '../../topologies/cx-worker-ha-metallb-local.ts'
import { bad, type EventRow, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('save-b', { throughNode: 'worker-b' }),
  vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' }),
  vantageOf('report-b', { kind: 'report', throughNode: 'worker-b' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 700_000),
]
const well = good(0, 700_000)
const cleaned: Facts = {
  ...{ deleted: 2, deletedPods: 'ef-external/database-0, expertflow/page-1' },
  ...{ refused: 1, refusedPods: 'ingress-nginx/ingress-1' },
}

interface Lost {
  save?: Row[]
  page?: Row[]
  report?: Row[]
  target?: string
  topology?: Topology
  facts?: Facts | null
  events?: EventRow[]
}

/** A worker is lost at 2 s, a person cleans up at 400 s, and it is back at 500 s. */
function run({ save = well, page = well, report = well, ...over }: Lost) {
  const { target = 'worker-a', topology = cxWorkerHaMetallb, facts = cleaned, events = [] } = over
  const cleanUp = {
    ...({ kind: 'operator.force-delete', target, atMs: 400_000, undoneAtMs: 400_500 } as const),
    ...(facts === null ? {} : { facts }),
  }
  const power = { kind: 'power.kill', target, atMs: 2_000, undoneAtMs: 500_000 } as const
  return played({
    ...{ scenario: workerDown, topology, vantages, events },
    faults: facts === null ? [power] : [power, cleanUp],
    ...{ healAtMs: 500_000, endMs: 700_000 },
    rows: { 'save-b': save, 'page-b': page, 'report-b': report },
  })
}

describe('001-worker-down-shared', () => {
  const id = '001-worker-down-shared'

  it('is confirmed when what was lost is back by itself after five minutes', () => {
    expect(verdictOf(run({ save: away(2_000, 312_000) }), id)).toBe('confirmed')
  })

  it('is contradicted when it waits for a person, and says so', () => {
    const found = resultOf(run({ save: away(2_000, 405_000) }), id)
    expect(found.verdict).toBe('contradicted')
    expect(found.because).toContain('a person had to delete what was stuck')
    expect(found.measured).toBe('save-b unavailable for 6 min 43 s to 6 min 44 s')
  })

  it('is contradicted when it is back sooner or later than five minutes', () => {
    expect(verdictOf(run({ save: away(2_000, 50_000) }), id)).toBe('contradicted')
    expect(verdictOf(run({ save: away(2_000, 360_000) }), id)).toBe('contradicted')
    expect(verdictOf(run({}), id)).toBe('contradicted')
  })

  it('says when it was not back at all', () => {
    const found = resultOf(run({ save: [...good(0, 2_000), ...bad(2_000, 700_000)] }), id)
    expect(found.verdict).toBe('contradicted')
    expect(found.measured).toContain('and still so at the end of the run')
  })

  it('speaks of reports too, which wait for their own worker', () => {
    const found = resultOf(run({ target: 'reporting', report: away(2_000, 505_000) }), id)
    expect(found.verdict).toBe('contradicted')
    expect(found.measured).toContain('report-b')
  })
})

describe.each([{ topology: cxWorkerHaMetallbLocal }, { topology: cxWorkerHaLocal }])(
  '001-worker-down-local on $topology.name',
  ({ topology }) => {
    const id = '001-worker-down-local'
    const pending: EventRow = [350_000, 'pod-created', 'database-9', { component: 'database' }]
    const local = { topology, facts: null }

    it('is confirmed when it waits for the worker, with the pod that waits', () => {
      const found = resultOf(run({ ...local, save: away(2_000, 510_000), events: [pending] }), id)
      expect(found.verdict).toBe('confirmed')
      expect(found.measured).toContain('waiting for a node: database-9')
    })

    it('is contradicted when it is back before, or was never away', () => {
      expect(verdictOf(run({ ...local, save: away(2_000, 360_000) }), id)).toBe('contradicted')
      expect(verdictOf(run(local), id)).toBe('contradicted')
    })
  },
)

describe('001-terminating', () => {
  const id = '001-terminating'
  const anew: EventRow = [401_000, 'pod-created', 'database-0', { component: 'database' }]

  it('is confirmed by what was stuck, and what was made once it was gone', () => {
    const found = resultOf(run({ save: away(2_000, 405_000), events: [anew] }), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toMatch(/^2 pods were still Terminating 6 min 38 s after the loss/)
    expect(found.measured).toContain('made anew once they were gone: database-0; saves good again')
    expect(found.because).toContain('a StatefulSet waits')
  })

  it('says when each had been replaced before', () => {
    const found = resultOf(run({ save: away(2_000, 300_000) }), id)
    expect(found.because).toContain('Deployments do not wait for it')
  })

  it('is contradicted when nothing was stuck', () => {
    expect(verdictOf(run({ facts: { ...cleaned, deleted: 0 } }), id)).toBe('contradicted')
  })

  it('cannot tell when nobody cleaned up', () => {
    expect(verdictOf(run({ facts: null }), id)).toBe('undetermined')
  })
})

describe('001-terminating-except', () => {
  const id = '001-terminating-except'

  it('is confirmed when theirs are left, and when there are none', () => {
    const found = resultOf(run({}), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('1 pods of ingress-nginx and nfs-client were left Terminating')
    const none = { deleted: 1, deletedPods: 'expertflow/page-1', refused: 0, refusedPods: '' }
    expect(resultOf(run({ facts: none }), id).because).toContain('none of theirs was stuck')
  })

  it('is contradicted when one of theirs was deleted', () => {
    const facts = { ...cleaned, deletedPods: 'expertflow/page-1, ingress-nginx/ingress-1' }
    expect(resultOf(run({ facts }), id)).toMatchObject({
      verdict: 'contradicted',
      because: 'the clean-up reached into ingress-nginx',
    })
  })

  it('cannot tell when nobody cleaned up', () => {
    expect(verdictOf(run({ facts: null }), id)).toBe('undetermined')
  })
})

describe('001-reporting', () => {
  const id = '001-reporting'
  const lost = { target: 'reporting', report: away(2_000, 505_000) }

  it('is confirmed when reports alone fail without it', () => {
    expect(verdictOf(run(lost), id)).toBe('confirmed')
  })

  it('is contradicted when something else fails, or reports do not', () => {
    expect(verdictOf(run({ ...lost, page: away(2_000, 9_000) }), id)).toBe('contradicted')
    expect(verdictOf(run({ target: 'reporting' }), id)).toBe('contradicted')
  })

  const moved = (node: string): EventRow => [
    ...([350_000, 'pod-scheduled', 'page-7'] as const),
    { component: 'page', node },
  ]

  it('is judged by where pods of another worker moved', () => {
    expect(verdictOf(run({ events: [moved('worker-b')] }), id)).toBe('confirmed')
    expect(resultOf(run({ events: [moved('reporting')] }), id)).toMatchObject({
      verdict: 'contradicted',
      because: 'page-7 ran there',
    })
    expect(verdictOf(run({}), id)).toBe('undetermined')
  })
})
