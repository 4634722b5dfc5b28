/** Failures over years, the downtime of one, and what they make of a year. */
import { expect, test } from 'vitest'
import { type FailureKind, yearMs } from '../../harness/model/availability.ts'
import { compile } from '../../harness/plan/compile.ts'
import { availabilityOf } from '../../harness/predict/availability.ts'
import { downtimeOf, intersection } from '../../harness/predict/downtime.ts'
import { drawFailures } from '../../harness/predict/failures.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

const hourMs = 3_600_000

function planOf(scenario: string, topology: string, target: string | null) {
  const request = { scenario, topology, target, set: [], seed: 3, harnessVersion: '0.1.0' }
  const compiled = compile(
    { ...request, provider: 'sim', pace: 'brisk' },
    { scenarios, topologies },
  )
  if (!compiled.plan) throw new Error(compiled.problems.join('\n'))
  return { ...compiled.plan, runId: 'one' }
}

async function lengthsOf(plan: ReturnType<typeof planOf>, repairMs: number) {
  const downtime = await downtimeOf(plan, repairMs)
  if ('invalid' in downtime) throw new Error(downtime.invalid)
  const lengthOf = (away: [number, number][]) =>
    away.reduce((sum, [from, to]) => sum + to - from, 0)
  return { workloadMs: lengthOf(downtime.workload), apiMs: lengthOf(downtime.api) }
}

const kind = (over: Partial<FailureKind> = {}): FailureKind => ({
  ...{ scenario: 'worker-down', perYear: 2, targets: ['a', 'b'] },
  repair: { medianMs: hourMs, p95Ms: 8 * hourMs },
  ...over,
})

test('failures come at their rate, and repairs take what was said', () => {
  const failures = drawFailures([kind(), kind({ perYear: 0, targets: [null] })], 5_000, 1)
  expect(failures.every(({ kind }) => kind === 0)).toBe(true)
  // 20,000 are expected; the standard deviation is 141.
  expect(Math.abs(failures.length - 20_000)).toBeLessThan(600)
  const repairs = failures.map(({ repairMs }) => repairMs).toSorted((a, b) => a - b)
  const at = (share: number) => (repairs[Math.floor(share * repairs.length)] ?? 0) / hourMs
  expect(at(0.5)).toBeCloseTo(1, 0)
  expect(Math.abs(at(0.95) - 8)).toBeLessThan(0.6)
  expect(drawFailures([kind()], 50, 1)).toEqual(drawFailures([kind()], 50, 1))
  expect(drawFailures([kind()], 50, 1)).not.toEqual(drawFailures([kind()], 50, 2))
})

test('a fixed repair takes that time, and one that passes by itself none', () => {
  const fixed = kind({ repair: { medianMs: hourMs, p95Ms: hourMs } })
  const times = drawFailures([fixed, kind({ repair: null })], 50, 1)
  expect(new Set(times.map(({ kind, repairMs }) => `${kind} ${repairMs}`))).toEqual(
    new Set([`0 ${hourMs}`, '1 0']),
  )
})

test('what only the repair ends lasts as long as the repair', async () => {
  const plan = planOf('load-balancer-down', 'kubeadm-stacked', null)
  const { workloadMs, apiMs } = await lengthsOf(plan, 4 * hourMs)
  expect(workloadMs).toBeLessThan(60_000)
  expect(apiMs).toBeGreaterThan(4 * hourMs - 5_000)
  expect(apiMs).toBeLessThan(4 * hourMs + 60_000)
})

test('what recovers by itself is away no longer for a long repair, but shorter for a short one', async () => {
  const both = ['worker-a', 'worker-b'].map((name) => planOf('worker-down', 'cx-worker-ha', name))
  const longest = async (repairMs: number) =>
    Math.max(
      ...(await Promise.all(both.map((plan) => lengthsOf(plan, repairMs)))).map(
        (each) => each.workloadMs,
      ),
    )
  const [long, longer, short] = [
    await longest(hourMs),
    await longest(9 * hourMs),
    await longest(10_000),
  ]
  expect(long).toBeGreaterThan(30_000)
  expect(longer).toBeCloseTo(long, 3)
  expect(short).toBeLessThan(long)
  expect(short).toBeGreaterThan(8_000)
})

test('a drill that heals before pods are evicted is held until they are', async () => {
  const plan = planOf('vip-holder-down', 'cx-worker-ha', null)
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    expect((await lengthsOf({ ...plan, seed }, hourMs)).workloadMs).toBeLessThan(60_000)
  }
})

test('all is repaired at once, and a person who finds nothing to do changes nothing', async () => {
  const both = await lengthsOf(planOf('both-down', 'cx-worker-ha', null), 5_000)
  expect(both.workloadMs).toBeLessThan(60_000)
  const spared = planOf('worker-down', 'cx-worker-ha-metallb-local', 'worker-b-2')
  for (const seed of [1, 2, 3]) {
    expect((await lengthsOf({ ...spared, seed }, hourMs)).apiMs).toBe(0)
  }
})

test('nobody deletes by force what is back before a person would come', async () => {
  const down = await lengthsOf(planOf('worker-down', 'cx-worker-ha-metallb', null), 15_000)
  expect(down.workloadMs).toBeLessThan(60_000)
})

test('ways are away together where each of them is', () => {
  expect(
    intersection(
      [
        [0, 5],
        [8, 9],
      ],
      [[3, 8.5]],
    ),
  ).toEqual([
    [3, 5],
    [8, 8.5],
  ])
})

const failure = (kind: number, atMs: number, workload: [number, number][], repairMs = 0) => ({
  failure: { kind, target: 0, atMs, repairMs, seed: 1 },
  downtime: { workload, api: [] },
})

test('an instant counts once, failures that overlap are counted, and years are told apart', () => {
  const summed = availabilityOf(
    [kind(), kind({ scenario: 'site-down' })],
    [
      failure(0, 0, [[0, 100]], hourMs),
      failure(1, 50, [[0, 100]]),
      failure(1, yearMs + 5, [[0, 1_000]]),
      { failure: { ...failure(0, yearMs * 1.5, []).failure }, downtime: { invalid: 'no' } },
    ],
    4,
    1,
  )
  expect(summed).toMatchObject({ failures: 4, overlapping: 2, invalid: [{ why: 'no', runs: 1 }] })
  expect(summed.workload.meanMs).toBe((150 + 1_000) / 4)
  expect(
    summed.causes.map(({ workload, failures, invalid }) => [workload.meanMs, failures, invalid]),
  ).toEqual([
    [25, 2, 1],
    [262.5, 2, 0],
  ])
  const [lower, upper] = summed.workload.intervalMs
  expect(lower).toBeLessThan(summed.workload.meanMs)
  expect(upper).toBeGreaterThan(summed.workload.meanMs)
  expect(summed.api).toEqual({ meanMs: 0, intervalMs: [0, 0] })
})
