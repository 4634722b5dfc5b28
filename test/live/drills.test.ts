/**
 * Real drills on real kind clusters at brisk pace, by the command line, in the order in which a
 * user would meet them: a first drill, one on the standing cluster, an interrupted one, a killed
 * one that `clean` heals, and a control plane behind HAProxy. Ends with nothing left behind.
 */
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { openRun } from '../../harness/record/open-run.ts'
import {
  clusterdrill,
  type Drilled,
  drill,
  type LiveMachine,
  liveMachine,
  newFolder,
  readRecord,
  untilSays,
} from './support.ts'

const cluster = 'drill-cx-worker-ha-brisk'
let machine: LiveMachine

beforeAll(async () => {
  machine = await liveMachine()
})

afterAll(async () => {
  await clusterdrill('clean')
})

const stateOf = (container: string) =>
  machine.docker('container', 'inspect', '--format', '{{.State.Status}}', container)

function expectReceipts({ record }: Drilled): void {
  expect(record.faults).toHaveLength(1)
  for (const fault of record.faults) {
    expect(fault.receipt.before).toContain('answers')
    expect(fault.receipt.during).toContain('container stopped')
    expect(fault.receipt.after).toContain('answers')
    expect(fault.tookHoldAtMs).toBeGreaterThan(fault.injectedAtMs)
    expect(fault.undoneAtMs).toBeGreaterThan(fault.tookHoldAtMs ?? 0)
  }
}

const claim = ({ record }: Drilled, id: string) =>
  record.claims.find((candidate) => candidate.id === id)

test('a cluster of that name that is not ours is refused, and left alone', async () => {
  const { haproxy } = machine.toolchain.images
  const label = `io.x-k8s.kind.cluster=${cluster}`
  const foreign = await machine.docker('create', '--network', 'none', '--label', label, haproxy)
  try {
    const refused = await clusterdrill(
      ...['scenario', 'worker-down', '--pace', 'brisk', '--out', await newFolder()],
    )
    expect(refused.exitCode).toBe(69)
    expect(refused.stderr).toContain('this harness did not make')
    expect(await stateOf(foreign)).toBe('created')
  } finally {
    await machine.docker('rm', foreign)
  }
})

describe('worker-down on cx-worker-ha', () => {
  test('a first drill goes from nothing to a judged record', async () => {
    const first = await drill('worker-down', '--provider', 'kind', '--pace', 'brisk', '--keep')
    expect(first.progress).toContain('kind create cluster')
    expect(first.record.problems).toEqual([])
    expectReceipts(first)
    expect(first.record.phases.map(({ name }) => name)).toEqual([
      'baseline',
      'inject',
      'observe',
      'heal',
      'settle',
    ])
    expect(claim(first, '000-worker-down')?.verdict).toBe('contradicted')
    expect(claim(first, '000-worker-restored')?.verdict).toBe('confirmed')
    expect(first.exitCode).toBe(0)
    // Silence, then toleration, then a new pod: never less than the two timers together.
    const [outageLowerMs, outageUpperMs] = first.record.recovery.outageMs ?? [0, 0]
    const { nodeMonitorGraceMs = 0, unreachableTolerationMs = 0 } = first.record.timers
    expect(outageUpperMs).toBeGreaterThan(unreachableTolerationMs)
    expect(outageUpperMs - outageLowerMs).toBeLessThan(500)
    expect(first.record.recovery.reactionMs?.[0]).toBeLessThan(2 * nodeMonitorGraceMs)
    const steps = first.record.recovery.steps.map(({ name }) => name)
    expect(steps).toEqual(expect.arrayContaining(['node-not-ready', 'evicted', 'ready']))
    expect(first.record.integrity).toMatchObject({ readBack: true, lostWrites: 0 })
    expect(first.record.integrity.acknowledgedWrites).toBeGreaterThan(100)
  })

  test('a second drill takes the standing cluster over and judges the same', async () => {
    const second = await drill('worker-down', '--pace', 'brisk', '--keep')
    expect(second.progress).toContain('stands and is healthy: reused')
    expectReceipts(second)
    expect(claim(second, '000-worker-down')?.verdict).toBe('contradicted')
    expect(second.exitCode).toBe(0)
    const again = await clusterdrill('judge', second.directory, '--json')
    expect(JSON.parse(again.stdout).claims).toEqual(second.record.claims)
  })

  test('Ctrl-C heals first, keeps what was measured, and exits 130', async () => {
    const out = await newFolder()
    const running = clusterdrill(
      ...['scenario', 'worker-down', '--pace', 'brisk', '--keep', '--json', '--out', out],
    )
    await untilSays(running, 'took hold')
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    const record = await readRecord(out)
    expect(record.verdict).toBe('invalid')
    expect(record.problems.join()).toContain('interrupted')
    expect(record.faults[0]?.receipt.after).toContain('answers')
    expect(record.vantages.every(({ samples }) => samples > 0)).toBe(true)
    for (const node of ['control-plane', 'worker', 'worker2']) {
      expect(await stateOf(`${cluster}-${node}`)).toBe('running')
    }
  })

  test('after kill -9 in mid-fault, clean heals from the journal and removes the cluster', async () => {
    const out = await newFolder()
    const running = clusterdrill(
      ...['scenario', 'worker-down', '--pace', 'brisk', '--keep', '--json', '--out', out],
    )
    await untilSays(running, 'took hold')
    running.kill('SIGKILL')
    await running
    const states = await Promise.all(
      ['worker', 'worker2'].map((node) => stateOf(`${cluster}-${node}`)),
    )
    expect(states.toSorted()).toEqual(['exited', 'running'])

    // The prober sees that nobody listens to it any more.
    await expect
      .poll(async () => (await $({ nothrow: true })`pgrep -f '[p]rober/child.ts'`).stdout)
      .toBe('')

    const refused = await clusterdrill('scenario', 'worker-down', '--pace', 'brisk')
    expect(refused.exitCode).toBe(69)
    expect(refused.stderr).toContain('pnpm run clean')

    const healed = await clusterdrill('clean', '--keep-clusters')
    expect(healed.exitCode).toBe(0)
    expect(healed.stdout).toContain('has power again')
    for (const node of ['worker', 'worker2']) {
      expect(await stateOf(`${cluster}-${node}`)).toBe('running')
    }
    const [name] = await readdir(out)
    const kept = await openRun(`${out}/${name}`)
    expect(kept.samples.length).toBeGreaterThan(0)
    expect(kept.conduct).toBeNull()

    expect((await clusterdrill('clean')).exitCode).toBe(0)
    expect(await machine.docker('ps', '--all', '--quiet', '--filter', `name=^${cluster}`)).toBe('')
  })
})

test('after kill -9 while kind is at work, clean removes what it had made', async () => {
  const running = clusterdrill(
    ...['scenario', 'worker-down', '--pace', 'brisk', '--json', '--out', await newFolder()],
  )
  await untilSays(running, 'kind: Preparing nodes')
  running.kill('SIGKILL')
  await running
  expect((await clusterdrill('clean')).exitCode).toBe(0)
  expect(await machine.docker('ps', '--all', '--quiet', '--filter', `name=^${cluster}`)).toBe('')
})

describe('control-plane-down on kubeadm-stacked', () => {
  test('the API behind HAProxy survives, and DOWN and UP are seen', async () => {
    const run = await drill(
      'control-plane-down',
      '--topology',
      'kubeadm-stacked',
      '--pace',
      'brisk',
    )
    expectReceipts(run)
    const steps = run.record.recovery.steps.map(({ name }) => name)
    expect(steps).toEqual(expect.arrayContaining(['lb-down', 'lb-up']))
    expect(claim(run, '004-down-up')?.verdict).toBe('confirmed')
    expect(claim(run, '004-failover')?.verdict).toBe('confirmed')
    expect(run.record.integrity).toMatchObject({ readBack: true, lostWrites: 0 })
    expect(run.exitCode).toBe(0)
  })

  test('without --keep the cluster is gone afterwards', async () => {
    const left = await machine.docker('ps', '--all', '--format', '{{.Names}}')
    expect(left.split('\n').filter((name) => name.startsWith('drill-'))).toEqual([])
    const ours = ['--filter', 'label=dev.clusterdrill.owner']
    expect(await machine.docker('network', 'ls', '--quiet', ...ours)).toBe('')
  })
})
