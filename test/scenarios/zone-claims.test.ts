/**
 * What document 002 says of its controllers: one of three is lost, two are, one is taken out.
 */
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../harness/model/record.ts'
import { controllerZoneDown } from '../../scenarios/controller-zone-down.ts'
import { ejectController } from '../../scenarios/eject-controller.ts'
import { quorumLost } from '../../scenarios/quorum-lost.ts'
import { k0sThreeZones } from '../../topologies/k0s-three-zones.ts'
import { bad, type EventRow, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('api-read-lb', { kind: 'api-read' }),
  vantageOf('api-write-lb', { kind: 'api-write' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 90_000),
]
const common = { topology: k0sThreeZones, vantages, healAtMs: 60_000, endMs: 90_000 }
const lost = { kind: 'power.kill', atMs: 2_000, undoneAtMs: 60_000 } as const
const id = '002-quorum'

describe('a zone is lost', () => {
  const down: EventRow = [9_000, 'lb-down', 'k0s-ch-sion-1', { detail: 'Layer6 timeout' }]
  const run = (write: Row[], target = 'k0s-ch-sion-1') =>
    played({
      ...{ ...common, scenario: controllerZoneDown, events: [down] },
      faults: [{ ...lost, target }],
      rows: { 'api-read-lb': good(0, 90_000), 'api-write-lb': write },
    })

  it('is survived when reads and writes are good again without it', () => {
    const found = resultOf(run(away(2_000, 8_000)), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('0 of 204 of them after DOWN')
    expect(found.measured).toContain('all were good 6 s after its loss')
  })

  it('is not survived when writes wait for it', () => {
    expect(verdictOf(run(away(2_000, 62_000)), id)).toBe('contradicted')
  })

  it('cannot be judged by the loss of anything but a controller', () => {
    expect(verdictOf(run(away(2_000, 8_000), 'haproxy'), id)).toBe('undetermined')
  })
})

describe('two zones are lost', () => {
  const run = (write: Row[]) =>
    played({
      ...{ ...common, scenario: quorumLost },
      faults: ['k0s-ch-sion-1', 'k0s-at-vie-1'].map((target) => ({ ...lost, target })),
      rows: { 'api-read-lb': good(0, 90_000), 'api-write-lb': write },
    })

  it('stops writes until a majority is back, however late one is answered', () => {
    const waited: Row[] = [...away(2_000, 62_000), [59_900, 1, 2_000]]
    const found = resultOf(run(waited), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('(1 more only when it was over) with 2 away')
  })

  it('is contradicted by a write that was accepted meanwhile', () => {
    expect(verdictOf(run(away(2_000, 40_000)), id)).toBe('contradicted')
  })

  it('cannot tell when writes did not come back', () => {
    expect(verdictOf(run([...good(0, 2_000), ...bad(2_000, 90_000)]), id)).toBe('undetermined')
  })
})

describe('002-eject', () => {
  const facts: Facts = { membersBefore: 3, membersAfter: 2, votingAfter: 2, quorumAfter: 2 }
  const run = (found: Facts | undefined, read = good(0, 90_000)) =>
    played({
      ...{ ...common, scenario: ejectController },
      faults: [
        {
          ...{ kind: 'operator.eject', target: 'k0s-at-vie-1', atMs: 2_000, undoneAtMs: null },
          ...(found === undefined ? {} : { facts: found }),
        },
      ],
      rows: { 'api-read-lb': read, 'api-write-lb': good(0, 90_000) },
    })

  it('is confirmed when two members vote and the API stayed', () => {
    const found = resultOf(run(facts), '002-eject')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('2 voting of 2 members after it, 3 before, of which 2 are')
  })

  it('is contradicted by a member that is left, a learner, or an API that was gone', () => {
    for (const wrong of [{ votingAfter: 3, membersAfter: 3 }, { membersAfter: 3 }]) {
      expect(verdictOf(run({ ...facts, ...wrong }), '002-eject')).toBe('contradicted')
    }
    expect(resultOf(run(facts, away(10_000, 14_000)), '002-eject').because).toContain('was gone')
  })

  it('cannot tell when the members were not counted', () => {
    expect(verdictOf(run(undefined), '002-eject')).toBe('undetermined')
  })
})
