/** `pnpm sweep --on kubernetes`: the bytes of a sweep played here, or nothing, and nothing left. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { partsOf } from '../../harness/cli/seeds.ts'
import type { Sweep } from '../../harness/model/sweep.ts'
import { partLog, readPartLog } from '../../harness/record/part-log.ts'
import { newShell, type Shell } from './command.ts'
import { JobStandIn } from './job-stand-in.ts'

vi.setConfig({ testTimeout: 120_000 })

let shell: Shell
let cluster: JobStandIn
beforeEach(async () => {
  shell = newShell()
  cluster = await new JobStandIn().listen(shell.folder)
})
afterEach(async () => {
  shell[Symbol.dispose]()
  await cluster[Symbol.asyncDispose]()
})

const brisk = ['sweep', 'worker-down', '--pace', 'brisk', '--vary', 'tolerationSeconds=5s,20s']
const here = ['--on', 'kubernetes', '--context', 'here', '--kubeconfig', 'kubeconfig']
const read = (...path: string[]) => readFileSync(join(shell.folder, ...path), 'utf8')
const jobs = '/apis/batch/v1/namespaces/default/jobs'

test('the parts of pods, one of which was lost, are the bytes of a sweep played here', async () => {
  cluster.loses = 1
  const whole = await shell.run(...brisk, '--runs', '7', '--out', 'whole')
  expect(whole.exitCode).toBe(0)
  const { exitCode, err, out } = await shell.run(
    ...[...brisk, '--runs', '7', ...here, '--parts', '3', '--out', 'there'],
  )
  expect([exitCode, out.replaceAll('there', 'whole')]).toEqual([0, whole.out])
  expect(err).toMatch(/SIMULATED \d of 3 parts, \d running, \d waiting\n/)
  for (const file of ['sweep.json', 'sweep.html']) {
    expect(read('there', file)).toBe(read('whole', file))
  }
  expect(cluster.asked).toEqual([
    `POST ${jobs}`,
    expect.stringMatching(`^DELETE ${jobs}/clusterdrill-sweep-[0-9a-f]{10}$`),
  ])
})

test('a pod of other code, or that made something up, is refused, and the Job deleted', async () => {
  const changed = (change: (sweep: Sweep) => Partial<Sweep>) => (log: string) => {
    const part = readPartLog(0, log)
    if ('problem' in part) throw new Error(part.problem)
    return partLog(0, { ...part.sweep, ...change(part.sweep) })
  }
  const words = [...brisk, '--runs', '2', ...here, '--parts', '1', '--out', 'there']
  for (const [change, said] of [
    [() => ({ fingerprint: '0' }), 'its plans or its calibration are not those of this checkout'],
    [() => ({ harnessVersion: '9.9.9' }), 'its harnessVersion is "9.9.9"'],
    [({ combinations }: Sweep) => ({ combinations: combinations.toReversed() }), '1..2'],
  ] as const) {
    cluster.log = changed(change)
    const { exitCode, err } = await shell.run(...words)
    expect([exitCode, err]).toEqual([69, expect.stringContaining('error: part 0: it')])
    expect(err).toContain(said)
    expect(cluster.asked.splice(0)).toHaveLength(2)
    expect(existsSync(join(shell.folder, 'there'))).toBe(false)
  }
})

test('Ctrl-C deletes the Job, and keeps the parts before the first that is missing', async () => {
  const words = [...brisk, '--runs', '5', ...here, '--parts', '3', '--out', 'there']
  cluster.waits = 1
  const stopped = await shell.interrupt(/SIMULATED 2 of 3 parts/, ...words)
  expect(stopped.err).toContain('interrupted: deleting the Job')
  expect(stopped.err).toContain('the seeds 1..2 are kept; nothing of ours is left on the cluster')
  expect(stopped.err).toContain('--seeds 3..5')
  expect([stopped.exitCode, cluster.asked.length]).toEqual([130, 2])
  const sweep = JSON.parse(read('there', 'sweep.json')) as Sweep
  expect(sweep.seeds).toEqual({ from: 1, to: 2 })
  expect(sweep.combinations.map(({ runs }) => runs.length)).toEqual([2, 2])
  cluster.waits = 0
  const none = await shell.interrupt(/SIMULATED 2 of 3 parts/, ...words.with(-1, 'none'))
  expect(none.err).toContain('nothing is kept; nothing of ours is left on the cluster')
  expect([none.exitCode, existsSync(join(shell.folder, 'none'))]).toEqual([130, false])
})

test('all that is wrong is said at once, and nothing is made', async () => {
  const bad = await shell.run(
    ...['sweep', 'worker-dwn', '--on', 'kubernets', '--threads', '2', '--parts', '2000'],
    ...['--image', 'a b', '--namespace', 'No', '--kubeconfig', 'nowhere', '--context', 'here'],
  )
  expect([bad.exitCode, bad.out]).toEqual([64, ''])
  for (const said of [
    ...["'worker-down'?", '--on kubernets', '--threads: each pod has one', '--parts 2000'],
    ...['--image a b', '--namespace No', '--kubeconfig nowhere: it cannot be read'],
  ]) {
    expect(bad.err).toContain(said)
  }
  expect(bad.err.match(/^ {2}- /gm)).toHaveLength(7)
  const unnamed = await shell.run(...brisk, '--on', 'kubernetes', '--kubeconfig', 'kubeconfig')
  expect(unnamed.err).toContain('--context: name the context; the current one')
  const many = await shell.run(...brisk, ...here, '--runs', '3', '--parts', '4')
  expect(many.err).toContain('at most as many as there are seeds')
  const alone = await shell.run(...brisk, '--context', 'here', '--parts', '2')
  expect(alone.err.match(/only with --on kubernetes/g)).toHaveLength(2)
  const quiet = await shell.run('sweep', 'quiet', '--loss', '5%', ...here)
  expect(quiet.err.match(/a quiet sweep is played here/g)).toHaveLength(3)
  expect([unnamed, many, alone, quiet].map(({ exitCode }) => exitCode)).toEqual([64, 64, 64, 64])
  expect([cluster.asked, readdirSync(shell.folder)]).toEqual([[], ['kubeconfig']])
})

test('seeds come in parts that differ by one seed at most', () => {
  expect(partsOf({ from: 5, to: 11 }, 3)).toEqual([
    { from: 5, to: 7 },
    { from: 8, to: 9 },
    { from: 10, to: 11 },
  ])
  expect(partsOf({ from: 0, to: 1 }, 2)).toEqual([
    { from: 0, to: 0 },
    { from: 1, to: 1 },
  ])
})
