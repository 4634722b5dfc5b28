/**
 * Claims about a single control plane that is lost with a worker, with its site or for good: kept
 * away, moved, made anew.
 */
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../harness/model/record.ts'
import { bothDown } from '../../scenarios/both-down.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { controlPlaneRebuild } from '../../scenarios/control-plane-rebuild.ts'
import { siteDown } from '../../scenarios/site-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { bad, type EventRow, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('save-b', { throughNode: 'worker-b' }),
  vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' }),
  vantageOf('api-read', { kind: 'api-read', throughNode: 'control-plane' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 900_000),
]
const lost = { kind: 'power.kill', atMs: 2_000 } as const

describe('a worker and the control plane are down', () => {
  /** Both from 2 s; the control plane until 400 s, the worker until 800 s. */
  function run(save: Row[], events: EventRow[] = []) {
    return played({
      ...{ scenario: bothDown, topology: cxWorkerHa, vantages, events },
      faults: [
        { ...lost, id: 'worker-power', target: 'worker-a', undoneAtMs: 800_000 },
        { ...lost, id: 'control-plane-power', target: 'control-plane', undoneAtMs: 400_000 },
      ],
      ...{ healAtMs: 400_000, endMs: 900_000 },
      rows: {
        'save-b': save,
        'page-b': good(0, 900_000),
        'api-read': away(2_000, 410_000),
      },
    })
  }
  const noticed: EventRow = [465_000, 'node-not-ready', 'worker-a', { node: 'worker-a' }]

  it('confirms that it stays so until the control plane is back, and names the clocks anew', () => {
    const measured = run(away(2_000, 770_000), [noticed])
    const found = resultOf(measured, '000-both-down')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('worker-a NotReady 1 min 5 s, saves good 6 min 10 s')
    expect(found.because).toContain('the silence of 50 s and the toleration of 5 min begin anew')
    expect(verdictOf(measured, '000-no-rescheduling')).toBe('confirmed')
  })

  it('is contradicted when what was lost comes back by itself', () => {
    const measured = run(away(2_000, 300_000))
    expect(verdictOf(measured, '000-both-down')).toBe('contradicted')
    expect(resultOf(measured, '000-no-rescheduling')).toMatchObject({
      verdict: 'contradicted',
      because: expect.stringContaining('answered again'),
    })
  })

  it('cannot tell when nothing failed', () => {
    expect(verdictOf(run(good(0, 900_000)), '000-both-down')).toBe('undetermined')
  })
})

describe('000-no-rescheduling, of the control plane alone', () => {
  const run = (events: EventRow[], api: Row[]) =>
    played({
      ...{ scenario: controlPlaneDown, topology: cxWorkerHa, vantages, events },
      faults: [{ ...lost, target: 'control-plane', undoneAtMs: 400_000 }],
      ...{ healAtMs: 400_000, endMs: 900_000 },
      rows: { 'save-b': good(0, 900_000), 'page-b': good(0, 900_000), 'api-read': api },
    })

  it('is confirmed when nothing was made, and contradicted by a pod or by an answer', () => {
    const id = '000-no-rescheduling'
    const api = away(2_000, 410_000)
    expect(verdictOf(run([], api), id)).toBe('confirmed')
    const pod: EventRow = [100_000, 'pod-created', 'page-9', { component: 'page' }]
    expect(resultOf(run([pod], api), id).because).toBe('pods were moved: page-9')
    expect(verdictOf(run([], away(2_000, 300_000)), id)).toBe('contradicted')
  })

  it('leaves pods that are made once it is back out of account', () => {
    const pod: EventRow = [420_000, 'pod-created', 'page-9', { component: 'page' }]
    expect(verdictOf(run([pod], away(2_000, 410_000)), '000-no-rescheduling')).toBe('confirmed')
  })
})

describe('000-site-down', () => {
  const site = (save: Row[], page: Row[], targets = ['control-plane', 'worker-a']) =>
    played({
      ...{ scenario: siteDown, topology: cxWorkerHa, vantages },
      faults: targets.map((target) => ({ ...lost, target, undoneAtMs: 400_000 })),
      ...{ healAtMs: 400_000, endMs: 900_000 },
      rows: { 'save-b': save, 'page-b': page, 'api-read': good(0, 900_000) },
    })
  const gone = away(2_000, 420_000)

  it('is confirmed by a part that fails, and by all of it', () => {
    expect(resultOf(site(gone, good(0, 900_000)), '000-site-down').because).toMatch(/^partial/)
    expect(resultOf(site(gone, gone), '000-site-down').because).toMatch(/^complete/)
  })

  it('cannot tell when nothing failed, or when only a worker was lost', () => {
    const well = good(0, 900_000)
    expect(verdictOf(site(well, well), '000-site-down')).toBe('undetermined')
    expect(verdictOf(site(gone, gone, ['worker-a']), '000-site-down')).toBe('undetermined')
  })

  it('is a worker-down of its own at the other site, and only there', () => {
    const run = site(gone, good(0, 900_000), ['worker-b'])
    const faults = [{ id: 'site', kind: 'power.kill', target: 'node:worker-b' } as const]
    const aimed = { ...run, plan: { ...run.plan, faults } }
    expect(() => resultOf(run, '000-worker-down')).toThrow('was not judged')
    expect(() => resultOf(aimed, '000-site-down')).toThrow('was not judged')
    expect(resultOf(aimed, '000-worker-down').accepted.verdict).toBe('contradicted')
  })
})

describe('a control plane that is made anew', () => {
  const whole: Facts = {
    ...{ snapshotBytes: 4_096, sentinels: 20, sentinelsFound: 20, later: 20, laterLost: 20 },
    ...{ apiBackMs: 42_000, restoredOn: 'worker-b', restoredSite: 'site-b', lostSite: 'site-a' },
    ...{ etcdClusterIdBefore: 'a1', etcdClusterIdAfter: 'b2' },
  }
  function rebuilt(facts: Facts | undefined, topology = cxWorkerHa) {
    return played({
      ...{ scenario: controlPlaneRebuild, topology, vantages },
      faults: [
        { kind: 'operator.backup', target: 'control-plane', atMs: 1_000, undoneAtMs: 1_000 },
        { ...lost, target: 'control-plane', undoneAtMs: null },
        {
          ...{ kind: 'operator.restore', target: 'worker-b', atMs: 60_000, undoneAtMs: null },
          ...(facts === undefined ? {} : { facts }),
        },
      ],
      ...{ healAtMs: 400_000, endMs: 900_000 },
      rows: { 'save-b': good(0, 900_000), 'page-b': [], 'api-read': [] },
    })
  }

  it.each([
    { id: '000-backup', topology: cxWorkerHa },
    { id: '001-rebuild', topology: cxWorkerHaMetallb },
  ])('$id is confirmed with what was lost since the backup', ({ id, topology }) => {
    const found = resultOf(rebuilt(whole, topology), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain(
      'API back after 42 s on worker-b; 20 of 20 objects from before the backup are there, 20 of 20 from after it are lost',
    )
  })

  const { apiBackMs: _, ...silent } = whole
  it.each<[string, Facts]>([
    ['an object of the backup is missing', { ...whole, sentinelsFound: 19 }],
    ['what was written later is there', { ...whole, laterLost: 0 }],
    ['it is the same cluster', { ...whole, etcdClusterIdAfter: 'a1' }],
    ['the API did not come back', silent],
  ])('is contradicted when %s', (_why, facts) => {
    expect(verdictOf(rebuilt(facts), '000-backup')).toBe('contradicted')
    expect(verdictOf(rebuilt(facts, cxWorkerHaMetallb), '001-rebuild')).toBe('contradicted')
  })

  it('shows nothing of another site when it was restored at the lost one', () => {
    expect(verdictOf(rebuilt({ ...whole, restoredSite: 'site-a' }), '000-backup')).toBe(
      'undetermined',
    )
  })

  it('cannot tell when nobody counted', () => {
    expect(verdictOf(rebuilt(undefined), '000-backup')).toBe('undetermined')
    expect(verdictOf(rebuilt({}, cxWorkerHaMetallb), '001-rebuild')).toBe('undetermined')
  })
})
