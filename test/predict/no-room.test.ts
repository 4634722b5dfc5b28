/**
 * A worker dies, and the other has no room for the database: the outage lasts until the worker is
 * back, and the chain of its causes says so. With room it ends when the pods are evicted.
 */
import { expect, test } from 'vitest'
import { judgeRun } from '../../harness/cli/judge-run.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { simulate } from '../../harness/predict/simulate.ts'
import { renderEventChain } from '../../reports/event-chain.ts'
import { planOf } from '../support/plan-of.ts'

const memoryBytes = 2 ** 20
const small = { requests: { cpuMillis: 100, memoryBytes } }
const large = { requests: { cpuMillis: 200, memoryBytes } }

/** Both workers alike; a replica of page and of api on each, and the database beside them on one. */
async function played(cpuMillis: number, seed: number) {
  const usual = planOf('cx-worker-ha')
  const placement = { page: small, api: small, database: large }
  const workload = { ...usual.topology.workload, placement }
  const plan: Plan = {
    ...{ ...usual, seed, provider: 'sim' },
    topology: { ...usual.topology, workload },
  }
  const allocatable = { 'worker-a': { cpuMillis }, 'worker-b': { cpuMillis } }
  const simulated = await simulate(plan, { allocatable })
  const record = judgeRun({ ...simulated, plan, directory: '', record: null, problems: [] })
  const [fault] = record.faults
  const lastedMs = record.recovery.recoveryMs?.[0] ?? Number.POSITIVE_INFINITY
  const awayMs = (fault?.undoneAtMs ?? 0) - (fault?.injectedAtMs ?? 0)
  return { record, events: simulated.events, lastedMs, awayMs }
}

test.each([1, 2, 3])('without room the database waits for its worker (seed %i)', async (seed) => {
  const { record, events, lastedMs, awayMs } = await played(400, seed)
  expect(lastedMs).toBeGreaterThan(awayMs)
  expect(record.recovery.repairMs).toBeNull()

  const links = record.explanation?.links ?? []
  const names = links.map(({ name }) => name)
  const chain = ['evicted', 'replacement-created', 'unschedulable', 'healed', 'scheduled', 'ready']
  expect(names.filter((name) => chain.includes(name))).toEqual(chain)
  expect(links.find(({ name }) => name === 'unschedulable')?.cause).toMatch(
    /^database: database-2 stays Pending: 0\/3 nodes are available: 1 Insufficient cpu, 1 node\(s\) had untolerated taint \{node-role\.kubernetes\.io\/control-plane: \}, 1 node\(s\) had untolerated taint \{node\.kubernetes\.io\/unreachable: \}, /,
  )

  const explained = renderEventChain(record, events)
  expect(explained).toContain('unschedulable after')
  expect(explained).toContain('database-2 stays Pending: 0/3 nodes are available')
  expect(explained).toContain('until it was healed: power.kill of worker-')
})

test('with room it is up again on the other worker, long before', async () => {
  const { record, events, lastedMs, awayMs } = await played(600, 1)
  expect(lastedMs).toBeLessThan(awayMs)
  expect(record.recovery.repairMs).not.toBeNull()
  expect(record.explanation?.links.map(({ name }) => name)).not.toContain('unschedulable')
  expect(events.filter(({ name }) => name === 'pod-unschedulable')).toEqual([])
})
