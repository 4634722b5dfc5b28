/**
 * What is said of a pod and of a component inside it that go: one feature, all or none fails, and
 * whether everything is there again.
 */
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../harness/model/claim.ts'
import type { Integrity } from '../../harness/model/record.ts'
import { componentDown } from '../../scenarios/component-down.ts'
import { podDown } from '../../scenarios/pod-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { bad, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('save-b', { throughNode: 'worker-b' }),
  vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 60_000),
]

describe.each([
  { id: '000-pod-down', topology: cxWorkerHa },
  { id: '001-pod-down', topology: cxWorkerHaMetallb },
])('$id', ({ id, topology }) => {
  const run = (save: Row[], page: Row[]): Measurement =>
    played({
      ...{ scenario: podDown, topology, vantages, healAtMs: 40_000, endMs: 60_000 },
      faults: [{ kind: 'operator.pod-delete', target: 'worker-a', atMs: 2_000, undoneAtMs: 2_000 }],
      rows: { 'save-b': save, 'page-b': page },
    })

  it('is confirmed when one feature is gone and the other is not', () => {
    const found = resultOf(run(away(2_000, 5_000), good(0, 60_000)), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toMatch(/^page: no failure; save: 6 of \d+ failed/)
    expect(found.because).toContain('save needs a pod of which there is one')
  })

  it('is contradicted when every feature is gone', () => {
    expect(verdictOf(run(away(2_000, 5_000), away(2_000, 5_000)), id)).toBe('contradicted')
  })

  it('cannot tell when nothing failed', () => {
    expect(verdictOf(run(good(0, 60_000), good(0, 60_000)), id)).toBe('undetermined')
  })
})

/** The database is killed at 2 s and at 20 s. */
function killed(save: Row[], integrity: Partial<Integrity> = {}, topology = cxWorkerHa) {
  const kill = { kind: 'process.container-kill', target: 'worker-a' } as const
  return played({
    ...{ scenario: componentDown, topology, vantages, healAtMs: 50_000, endMs: 60_000, integrity },
    faults: [
      { ...kill, id: 'first', atMs: 2_000, undoneAtMs: 2_500 },
      { ...kill, id: 'second', atMs: 20_000, undoneAtMs: 35_000 },
    ],
    rows: { 'save-b': save, 'page-b': good(0, 60_000) },
  })
}
const twice: Row[] = [
  ...good(0, 2_000),
  ...bad(2_000, 3_000),
  ...good(3_000, 20_000),
  ...bad(20_000, 36_000),
  ...good(36_000, 60_000),
]

describe.each([
  { id: '000-component-down', topology: cxWorkerHa },
  { id: '001-component-down', topology: cxWorkerHaMetallb },
])('$id', ({ id, topology }) => {
  it('is confirmed by failing saves, with a pause for each time that it was killed', () => {
    const found = resultOf(killed(twice, {}, topology), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('saves away for 500 ms to 1.5 s, then 15.5 s to 16.5 s')
  })

  it('is contradicted when no request failed', () => {
    expect(verdictOf(killed(good(0, 60_000), {}, topology), id)).toBe('contradicted')
  })
})

describe('000-component-up', () => {
  const id = '000-component-up'

  it('is confirmed when every way is good again and every save is there', () => {
    const found = resultOf(killed(twice), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('100 of 100 acknowledged saves are there')
  })

  it('is contradicted by a lost save, and by a way that does not come back', () => {
    expect(resultOf(killed(twice, { lostWrites: 2 }), id)).toMatchObject({
      verdict: 'contradicted',
      because: '2 saves were acknowledged and are gone',
    })
    const open = [...good(0, 20_000), ...bad(20_000, 60_000)]
    expect(verdictOf(killed(open), id)).toBe('contradicted')
  })

  it('cannot tell when the saves could not be read back', () => {
    expect(verdictOf(killed(twice, { readBack: false }), id)).toBe('undetermined')
  })
})
