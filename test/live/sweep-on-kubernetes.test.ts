/**
 * A sweep as an Indexed Job on a real cluster, with the image built and loaded as a user would: a
 * pod is killed in the middle, and the result is the bytes of a sweep played here. It runs with the
 * rights that docs/sweep.md lists and no others, in a namespace that admits restricted pods alone;
 * and Ctrl-C leaves nothing behind.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from 'zx'
import { clusterdrill, type LiveMachine, liveMachine, newFolder, untilSays } from './support.ts'

const cluster = 'sweep-on-kubernetes'
const namespace = 'drills'
const sweep = [
  ...['sweep', 'worker-down', '--vary', 'tolerationSeconds=30s,300s'],
  ...['--vary', 'node-monitor-grace-period=20s,40s'],
]
let machine: LiveMachine
let folder: string
let kubeconfig: string
let there: string[]

beforeAll(async () => {
  const setUp = await clusterdrill('setup', 'sweep-image')
  expect([setUp.exitCode, setUp.stdout]).toEqual([0, expect.stringContaining('load docker-image')])
  const image = /ready after .*: (\S+)$/m.exec(setUp.stdout)?.[1] ?? ''
  machine = await liveMachine()
  folder = await newFolder()
  kubeconfig = join(folder, 'kubeconfig')
  const config = join(folder, 'kind.yaml')
  await writeFile(
    config,
    'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}, {role: worker}]\n',
  )
  await machine.kind('delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig)
  await machine.kind(
    ...['create', 'cluster', '--name', cluster, '--image', machine.toolchain.images.node],
    ...['--config', config, '--kubeconfig', kubeconfig, '--wait', '120s'],
  )
  await machine.kind('load', 'docker-image', image, '--name', cluster)
  const docs = await readFile(new URL('../../docs/sweep.md', import.meta.url), 'utf8')
  const [, rights = ''] = /```yaml\n(# Rights[\s\S]*?)```/.exec(docs) ?? []
  await kubectl(['create', 'namespace', namespace])
  await kubectl([
    ...['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted'],
  ])
  await kubectl(['create', 'serviceaccount', 'sweeper', '--namespace', namespace])
  await kubectl(['apply', '-f', '-'], rights)
  there = [
    ...['--on', 'kubernetes', '--context', 'sweeper', '--namespace', namespace],
    ...['--kubeconfig', await configOfSweeper()],
  ]
})

afterAll(async () => {
  await machine.kind('delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig)
})

async function kubectl(words: string[], input = ''): Promise<string> {
  const command = $({ input })`${machine.toolchain.kubectl} --kubeconfig ${kubeconfig} ${words}`
  return (await command).stdout.trim()
}

/** A kubeconfig with the token of an account that has the documented rights alone. */
async function configOfSweeper(): Promise<string> {
  const text = await kubectl(['config', 'view', '--raw', '--output', 'json'])
  const config = JSON.parse(text) as { clusters: { name: string }[] }
  const token = await kubectl(['create', 'token', 'sweeper', '--namespace', namespace])
  const file = join(folder, 'sweeper')
  const context = { cluster: config.clusters[0]?.name, user: 'sweeper' }
  const of = {
    clusters: config.clusters,
    contexts: [{ name: 'sweeper', context }],
    users: [{ name: 'sweeper', user: { token } }],
  }
  await writeFile(file, JSON.stringify(of))
  return file
}

const left = () => kubectl(['get', 'jobs,pods', '--namespace', namespace, '--output', 'name'])

test('a pod is killed in the middle, and the bytes are those of a sweep played here', async () => {
  const seeds = ['--runs', '600']
  const running = clusterdrill(
    ...[...sweep, ...seeds, ...there, '--parts', '3', '--out', join(folder, 'there')],
  )
  await untilSays(running, ' 3 running')
  const pods = (await kubectl(['get', 'pods', '--namespace', namespace, '--output', 'name'])).split(
    '\n',
  )
  expect(pods).toHaveLength(3)
  await kubectl(['delete', pods[1] ?? '', '--namespace', namespace, '--force', '--grace-period=0'])
  const { exitCode, stderr } = await running
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('SIMULATED 2 of 3 parts')])
  expect(await left()).toBe('')
  const created = ['--field-selector', 'reason=SuccessfulCreate', '--output', 'name']
  const events = await kubectl(['get', 'events', '--namespace', namespace, ...created])
  expect(events.split('\n')).toHaveLength(4)
  const here = await clusterdrill(...sweep, ...seeds, '--out', join(folder, 'here'))
  expect(here.exitCode).toBe(0)
  for (const file of ['sweep.json', 'sweep.html']) {
    const [a, b] = await Promise.all(
      ['here', 'there'].map((place) => readFile(join(folder, place, file), 'utf8')),
    )
    expect(a === b).toBe(true)
  }
})

test('Ctrl-C deletes the Job with its pods', async () => {
  const running = clusterdrill(
    ...[...sweep, '--runs', '50000', ...there, '--parts', '2', '--out', join(folder, 'not')],
  )
  await untilSays(running, ' 2 running')
  running.kill('SIGINT')
  const { exitCode, stderr } = await running
  expect([exitCode, stderr]).toEqual([130, expect.stringContaining('nothing of ours is left')])
  expect([await left(), existsSync(join(folder, 'not'))]).toEqual(['', false])
})
