/**
 * What document 003 lists as known to go wrong, and what it says of moving the API's address.
 */

import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../harness/model/claim.ts'
import type { ProviderName } from '../../harness/model/plan.ts'
import type { Facts } from '../../harness/model/record.ts'
import type { Topology } from '../../harness/model/topology.ts'
import { claims } from '../../scenarios/claims/index.ts'
import { lbAddressChange } from '../../scenarios/lb-address-change.ts'
import { mastersJoinedTogether } from '../../scenarios/masters-joined-together.ts'
import { registryHostDown } from '../../scenarios/registry-host-down.ts'
import { storageQuorumLost } from '../../scenarios/storage-quorum-lost.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { embeddedExternalLb } from '../../topologies/embedded-external-lb.ts'
import { embeddedNoLb } from '../../topologies/embedded-no-lb.ts'
import { bad, type EventRow, good, type Row, vantageOf } from '../measure/run-of.ts'
import { played, resultOf, verdictOf } from './played.ts'

const vantages = [
  vantageOf('save-2', { throughNode: 'worker-2' }),
  vantageOf('page-2', { kind: 'page', throughNode: 'worker-2' }),
  vantageOf('api-write', { kind: 'api-write' }),
]
const away = (fromMs: number, toMs: number): Row[] => [
  ...good(0, fromMs),
  ...bad(fromMs, toMs),
  ...good(toMs, 300_000),
]
const common = { vantages, healAtMs: 200_000, endMs: 300_000 }
const rowsOf = (save: Row[]) => ({ 'save-2': save, 'page-2': good(0, 300_000), 'api-write': [] })
const power = { kind: 'power.kill', undoneAtMs: 200_000 } as const

describe('003-registry', () => {
  const id = '003-registry'
  const unpulled: EventRow = [120_000, 'pod-created', 'database-9', { component: 'database' }]
  /** The registry's host is lost at 10 s, the worker at 60 s. */
  const run = (save: Row[], events: EventRow[] = [unpulled]) =>
    played({
      ...{ ...common, scenario: registryHostDown, topology: embeddedExternalLb, events },
      faults: [
        { kind: 'operator.forget-images', target: 'master-1', atMs: 5_000, undoneAtMs: null },
        { ...power, target: 'master-1', atMs: 10_000 },
        { ...power, target: 'worker-1', atMs: 60_000 },
      ],
      rows: rowsOf(save),
    })

  it('is confirmed when what ran goes on, and what is lost cannot be pulled', () => {
    const found = resultOf(run(away(60_500, 210_000)), id)
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('page and save went on in 50 s without the registry')
    expect(found.measured).toContain('1 pods were made that never were Ready (database-9)')
  })

  it('says when what ran was disturbed already', () => {
    const found = resultOf(
      run([...away(20_000, 25_000).slice(0, 121), ...bad(60_500, 300_000)]),
      id,
    )
    expect(found.because).toContain('did not go on undisturbed')
  })

  it('is contradicted when it comes back without the registry', () => {
    expect(verdictOf(run(away(60_500, 130_000)), id)).toBe('contradicted')
    expect(verdictOf(run(good(0, 300_000)), id)).toBe('contradicted')
  })
})

describe('003-storage-quorum', () => {
  const id = '003-storage-quorum'
  const workers = ['worker-1', 'worker-3'].map((target) => ({ ...power, target, atMs: 2_000 }))
  const run = (save: Row[], faults = workers, scenario = storageQuorumLost) =>
    played({ ...common, scenario, topology: embeddedExternalLb, faults, rows: rowsOf(save) })
  const by = (measurement: Measurement, provider: ProviderName) =>
    resultOf({ ...measurement, plan: { ...measurement.plan, provider } }, id)

  it('is undetermined where nothing could be broken, or no copies are kept, and accepted so', () => {
    const nothing = by(run(good(0, 300_000), []), 'kind')
    expect([nothing.verdict, nothing.accepted.verdict]).toEqual(['undetermined', 'undetermined'])
    expect(nothing.because).toContain('has no store that keeps several copies')
    const one = run(away(2_000, 210_000), workers.slice(0, 1), workerDown)
    expect(verdictOf(one, id)).toBe('undetermined')
  })

  it('is confirmed when saves hang until the heal, and contradicted when they do not', () => {
    const hung = by(run(away(2_000, 210_000)), 'sim')
    expect([hung.verdict, hung.accepted.verdict]).toEqual(['confirmed', 'confirmed'])
    expect(verdictOf(run(away(2_000, 80_000)), id)).toBe('contradicted')
  })
})

/** One intervention of a person at 2 s that lasts, and what it found out. */
const byHand = (topology: Topology, scenario: typeof lbAddressChange, facts: Facts | undefined) =>
  played({
    ...{ ...common, topology, scenario },
    faults: scenario.faults.map(({ id, kind }) => ({
      ...{ id, kind, target: 'master-1', atMs: 2_000, undoneAtMs: null },
      ...(facts === undefined ? {} : { facts }),
    })),
    rows: rowsOf(good(0, 300_000)),
  })

describe('003-joined-together', () => {
  const id = '003-joined-together'
  const facts: Facts = {
    ...{ refusedUnhealthy: 14, refusedLearner: 6, refusedOther: 0, joined: 2, membersAfter: 3 },
  }
  const run = (found: Facts | undefined) => byHand(embeddedExternalLb, mastersJoinedTogether, found)

  it('is contradicted when refusals were waited out and both joined', () => {
    const found = resultOf(run(facts), id)
    expect(found.verdict).toBe('contradicted')
    expect(found.measured).toContain('2 of 2 joined, 3 members after it; etcd refused 20 times')
  })

  it('is confirmed by a join that failed, a member that is missing, a majority that is lost', () => {
    for (const failed of [{ joined: 1 }, { membersAfter: 2 }, { quorumKept: false }]) {
      expect(verdictOf(run({ ...facts, ...failed }), id)).toBe('confirmed')
    }
  })

  it('cannot tell when they did not meet, or nobody counted', () => {
    const apart = { ...facts, refusedUnhealthy: 0, refusedLearner: 0 }
    expect(verdictOf(run(apart), id)).toBe('undetermined')
    expect(verdictOf(run(undefined), id)).toBe('undetermined')
  })
})

describe('the API moves', () => {
  const facts: Facts = {
    ...{ serversRenewed: 3, servers: 3, nodesMoved: 5, nodes: 5, leasesRenewed: 5 },
    ...{ fromAddress: '10.0.0.2:6443', toAddress: '10.0.0.9:6443' },
    ...{ certificateErrorNode: '', certificateErrorKubectl: '', namesMissing: '' },
  }
  const refused = {
    certificateErrorKubectl: 'x509: certificate is valid for 10.0.0.2, not 10.0.0.9',
    namesMissing: '10.0.0.9',
  }
  const first = (found?: Facts) => byHand(embeddedNoLb, lbAddressChange, found)
  const second = (found?: Facts) => byHand(embeddedExternalLb, lbAddressChange, found)

  it('to a first load balancer with every server and node, or not', () => {
    const found = resultOf(first(facts), '003-first-lb')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toMatch(/^from 10.0.0.2:6443 to 10.0.0.9:6443: 3 of 3 servers/)
    for (const left of [{ serversRenewed: 2 }, { nodesMoved: 4 }, { leasesRenewed: 4 }]) {
      expect(verdictOf(first({ ...facts, ...left }), '003-first-lb')).toBe('contradicted')
    }
  })

  it('to another load balancer with a refused certificate, or without', () => {
    const found = resultOf(second({ ...facts, ...refused }), '003-second-lb')
    expect(found.verdict).toBe('confirmed')
    expect(found.measured).toContain('not in the certificate: 10.0.0.9')
    expect(verdictOf(second(facts), '003-second-lb')).toBe('contradicted')
    expect(verdictOf(second({ ...facts, certificateErrorNode: true }), '003-second-lb')).toBe(
      'confirmed',
    )
  })

  it('cannot be judged when nobody counted', () => {
    expect(verdictOf(first(), '003-first-lb')).toBe('undetermined')
    expect(verdictOf(second(), '003-second-lb')).toBe('undetermined')
  })
})

describe('003-alias', () => {
  it('is in no scenario, says why, and is accepted as undetermined', () => {
    const alias = claims.find(({ id }) => id === '003-alias')
    expect(alias?.scenarios).toEqual([])
    expect(alias?.outOfScope).toContain('no failure of a cluster')
    expect(alias?.accepted[0]?.verdict).toBe('undetermined')
    expect(alias?.judge(byHand(embeddedNoLb, lbAddressChange, {}))).toBeNull()
  })
})
