/**
 * What document 003 says of its load balancer, and of having none, against short histories.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ClaimResult } from '../../harness/model/record.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { controlPlaneDown } from '../../scenarios/control-plane-down.ts'
import { firstMasterDown } from '../../scenarios/first-master-down.ts'
import { embeddedExternalLb } from '../../topologies/embedded-external-lb.ts'
import { embeddedNoLb } from '../../topologies/embedded-no-lb.ts'
import { bad, good, type Row, runOf, vantageOf } from '../measure/run-of.ts'

function resultOf(run: Measurement, id: string): ClaimResult {
  const result = judge(run, claims).find((one) => one.id === id)
  if (result === undefined) throw new Error(`${id} was not judged`)
  return result
}

describe('003-lb', () => {
  /** master-1 is away from 2 s to 60 s, DOWN at 14 s. */
  function run(reads: Row[]): Measurement {
    return runOf({
      scenario: controlPlaneDown,
      topology: embeddedExternalLb,
      target: 'master-1',
      atMs: [2_000, 60_000, 90_000],
      vantages: [vantageOf('api-read', { kind: 'api-read', throughNode: null })],
      rows: { 'api-read': reads },
      events: [[14_000, 'lb-down', 'master-1', { detail: 'Layer4 timeout' }]],
    })
  }

  it('is confirmed when nothing fails between DOWN and the end', () => {
    const reads = [...good(0, 2_000), ...bad(2_000, 4_000), ...good(4_000, 90_000)]
    expect(resultOf(run(reads), '003-lb').verdict).toBe('confirmed')
  })

  it('is contradicted by failures after DOWN, or when the master is back', () => {
    const whileDown = [...good(0, 20_000), ...bad(20_000, 21_000), ...good(21_000, 90_000)]
    expect(resultOf(run(whileDown), '003-lb').because).toContain(
      'although the lost master was DOWN',
    )
    const back = [...good(0, 65_000), ...bad(65_000, 66_000), ...good(66_000, 90_000)]
    const found = resultOf(run(back), '003-lb')
    expect(found.verdict).toBe('contradicted')
    expect(found.because).toContain('before the API server is ready')
  })

  it('is confirmed when some fail on its return, and says why they did', () => {
    const back = [...good(0, 65_000), ...bad(65_000, 65_200, 100), ...good(65_200, 90_000, 100)]
    const found = resultOf(run(back), '003-lb')
    expect(found.verdict).toBe('confirmed')
    expect(found.because).toContain('before the API server is ready')
  })
})

describe('003-no-lb', () => {
  function run(endpoint: Row[], other: Row[]): Measurement {
    return runOf({
      scenario: firstMasterDown,
      topology: embeddedNoLb,
      target: 'master-1',
      atMs: [2_000, 60_000, 90_000],
      vantages: [
        vantageOf('api-read', { kind: 'api-read', throughNode: 'master-1' }),
        vantageOf('api-master-2', { kind: 'api-read', throughNode: 'master-2' }),
      ],
      rows: { 'api-read': endpoint, 'api-master-2': other },
      events: [
        [9_000, 'node-not-ready', 'worker-1', { node: 'worker-1' }],
        [9_100, 'node-not-ready', 'worker-2', { node: 'worker-2' }],
      ],
    })
  }
  const lost = [...good(0, 2_000), ...bad(2_000, 62_000), ...good(62_000, 90_000)]

  it('is confirmed when the endpoint is gone and the other masters answer', () => {
    const found = resultOf(run(lost, good(0, 90_000)), '003-no-lb')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('2 of 5 nodes went NotReady')
  })

  it('is contradicted when the endpoint answers, or no master does', () => {
    expect(resultOf(run(good(0, 90_000), good(0, 90_000)), '003-no-lb').verdict).toBe(
      'contradicted',
    )
    expect(resultOf(run(lost, lost), '003-no-lb').verdict).toBe('contradicted')
  })
})
