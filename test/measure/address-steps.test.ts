/**
 * The steps of a floating IP that loses its holder, with the timers of the program that shares it.
 */
import { describe, expect, it } from 'vitest'
import type { Topology } from '../../harness/model/topology.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../topologies/cx-worker-ha-metallb.ts'
import { type EventRow, good, runOf, vantageOf } from './run-of.ts'

describe('the holder of a floating IP, lost', () => {
  const owner = (atMs: number, detail: string): EventRow => [
    atMs,
    'floating-ip-owner',
    '172.28.255.1',
    { detail },
  ]
  const lost = (topology: Topology) =>
    runOf({
      scenario: workerDown,
      topology,
      target: 'worker-a',
      atMs: [1_000, 60_000, 90_000],
      vantages: [vantageOf('page-b', { kind: 'page', throughNode: 'worker-b' })],
      rows: { 'page-b': good(0, 90_000) },
      events: [
        owner(500, 'worker-a'),
        owner(1_200, 'nobody'),
        [7_000, 'leader-changed', 'clusterdrill-floating-ip', { detail: 'worker-a → worker-b' }],
        owner(7_400, 'worker-b'),
        owner(30_000, 'worker-a, worker-b'),
        owner(80_000, 'worker-b'),
      ],
    }).recovery.steps.flatMap(({ name, sinceFaultMs, cause }) =>
      name.startsWith('address-') || name === 'leader-elected' ? [[name, sinceFaultMs, cause]] : [],
    )

  it('is seen by who answers for the address, with the timers that share it', () => {
    expect(lost(cxWorkerHa)).toEqual([
      [
        'address-silent',
        200,
        'nobody answers for 172.28.255.1 (given up after 3 s without a renewal, if not lost)',
      ],
      ['address-taken', 6_400, 'worker-b answers for 172.28.255.1: the Lease of 5 s had lapsed'],
      ['address-doubled', 29_000, 'worker-a, worker-b all answer for 172.28.255.1'],
    ])
  })

  it('needs no Lease where the document has MetalLB', () => {
    expect(lost(cxWorkerHaMetallb)[1]?.[2]).toBe(
      'worker-b answers for 172.28.255.1, after three silent seconds',
    )
  })
})
