/**
 * Every documented topology on real kind clusters, as a user brings it up: it stands as its document
 * draws it, is taken over the second time, survives being taken down and brought up again, leaves
 * nothing, and two stand side by side, each with a floating IP of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { topologies } from '../../topologies/index.ts'
import { clusterdrill, drill, type LiveMachine, liveMachine } from './support.ts'

let machine: LiveMachine

beforeAll(async () => {
  machine = await liveMachine()
})

afterAll(async () => {
  await clusterdrill('clean')
})

async function up(name: string): Promise<string> {
  const result = await clusterdrill('topology', 'up', name, '--pace', 'brisk')
  if (result.exitCode !== 0)
    throw new Error(`exit ${result.exitCode}:\n${result.stdout}${result.stderr}`)
  return result.stdout
}

async function down(name: string): Promise<void> {
  const result = await clusterdrill('topology', 'down', name)
  expect(result.stderr).toBe('')
  expect(result.exitCode).toBe(0)
  const containers = [
    'ps',
    '--all',
    '--format',
    '{{.Names}}',
    '--filter',
    `name=drill-${name}-brisk`,
  ]
  expect(await machine.docker(...containers)).toBe('')
}

/** The lines in which `topology up` tells its invariants, by id. */
const looksIn = (output: string): string[] =>
  [...output.matchAll(/^ {2}✓ ([\w-]+): /gm)].map(([, id]) => id ?? '')

const floatingIpIn = (output: string): string | undefined =>
  /^floating IP (\S+), shared by/m.exec(output)?.[1]

const expected: Record<string, string[]> = {
  'cx-worker-ha': ['nodes', 'etcd-members', 'taints', 'floating-ip', 'storage'],
  // By a drill of its own, below.
  'cx-worker-ha-local': [],
  'cx-worker-ha-metallb': [
    'taints',
    'drained-control-plane',
    'floating-ip',
    'storage',
    'namespaces',
  ],
  'cx-worker-ha-metallb-local': ['drained-control-plane', 'floating-ip', 'storage', 'namespaces'],
  'k0s-three-zones': ['nodes', 'etcd-members', 'taints', 'load-balancer', 'statistics-page'],
  'embedded-external-lb': ['etcd-members', 'load-balancer', 'image-registry'],
  'embedded-no-lb': ['etcd-members', 'image-registry'],
  'kubeadm-stacked': ['nodes', 'etcd-members', 'taints', 'load-balancer'],
}

test('every topology is among those that are brought up here', () => {
  expect(Object.keys(expected).toSorted()).toEqual(topologies.map(({ name }) => name).toSorted())
})

describe('side by side', () => {
  const names = ['cx-worker-ha', 'cx-worker-ha-metallb'] as const

  test('two topologies stand, as drawn, with a floating IP each', async () => {
    const outputs = await Promise.all(names.map(up))
    for (const [index, name] of names.entries()) {
      expect(looksIn(outputs[index] ?? '')).toEqual(expect.arrayContaining(expected[name] ?? []))
    }
    const addresses = outputs.map(floatingIpIn)
    expect(new Set(addresses).size).toBe(2)
    for (const address of addresses) {
      const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(5_000) })
      expect(answer.status).toBe(200)
    }
  })

  test('one is taken over, and one is taken down and brought up again', async () => {
    expect(await up(names[0])).toContain('stands and is healthy: reused')
    await down(names[1])
    expect(looksIn(await up(names[1]))).toEqual(expect.arrayContaining(expected[names[1]] ?? []))
    await Promise.all(names.map(down))
  })
})

describe.each(
  Object.keys(expected).filter(
    (name) => !['cx-worker-ha', 'cx-worker-ha-metallb', 'cx-worker-ha-local'].includes(name),
  ),
)('%s', (name) => {
  test('comes up as its document draws it, and leaves nothing', async () => {
    const output = await up(name)
    expect(looksIn(output)).toEqual(expect.arrayContaining(expected[name] ?? []))
    expect(output).not.toContain('✗')
    if (name === 'k0s-three-zones') {
      expect(output).toContain('k0s-de-fra-1 two addresses: 10.10.2.2')
      expect(output).toContain('8132: DOWN; 9443: DOWN')
    }
    await down(name)
  })
})

describe('a worker lost with its local storage', () => {
  test('takes the database with it until it is back, and no acknowledged save is lost', async () => {
    const words = ['worker-down', '--topology', 'cx-worker-ha-local', '--pace', 'brisk']
    const { record } = await drill(...words)
    const storage = record.invariants?.find(({ id }) => id === 'storage')
    expect(storage).toMatchObject({ holds: true, seen: expect.stringContaining('alone') })
    expect(record.problems).toEqual([])
    const { undoneAtMs } = record.faults[0] ?? {}
    const direct = record.vantages.filter(({ kind, throughNode }) => kind === 'save' && throughNode)
    expect(direct).toHaveLength(2)
    for (const { outages } of direct) {
      expect(outages.at(-1)?.ended).toBe(true)
      expect(outages.at(-1)?.endMs[1]).toBeGreaterThan(undoneAtMs ?? Number.POSITIVE_INFINITY)
    }
    expect(record.integrity).toMatchObject({ readBack: true, lostWrites: 0 })
    expect(record.integrity.acknowledgedWrites).toBeGreaterThan(100)
    expect(record.floatingIp?.engine).toContain('Lease agent')
    expect(record.floatingIp?.tenures.length).toBeGreaterThan(0)
    expect(record.floatingIp?.tenures.every(({ owners }) => owners.length <= 1)).toBe(true)
  })
})

test('with the last cluster gone, nothing of ours is left in the engine', async () => {
  const ours = ['--filter', 'label=dev.clusterdrill.owner']
  expect(await machine.docker('network', 'ls', '--quiet', ...ours)).toBe('')
  expect(await machine.docker('ps', '--all', '--quiet', '--filter', 'name=^drill-')).toBe('')
})
