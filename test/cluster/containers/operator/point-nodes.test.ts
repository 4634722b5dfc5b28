/** Nodes and what runs on all of them are aimed at another endpoint; only what named the old one. */
import { expect, it, vi } from 'vitest'
import {
  leasesRenewed,
  pointCluster,
  pointNode,
  refuseUnmoved,
  renewalsIn,
} from '../../../../harness/cluster/containers/operator/point-nodes.ts'
import { nodeNamed } from '../../../../harness/cluster/containers/operator/site.ts'
import { type Answering, threeMasters } from './three-masters.ts'

const ask = vi.hoisted(() => vi.fn())
vi.mock('../../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))

const from = 'drill.lb:6443'
const to = '172.28.254.1:6443'
const begin = (answer: Answering) => threeMasters({ kind: 'operator.move-load-balancer', answer })

const looking =
  'sh -c grep --files-with-matches --fixed-strings -- "$1" /etc/kubernetes/*.conf || true sh server: https://drill.lb:6443'
const changing =
  'sed --in-place s|server: https://drill\\.lb:6443$|server: https://172.28.254.1:6443|'

it("changes a worker's kubeconfig and starts its kubelet again", async () => {
  const { site, heard, clock } = begin((command) =>
    command.includes('grep') ? '/etc/kubernetes/kubelet.conf\n' : undefined,
  )
  await clock.sleepUntil(5_000)
  const pointed = await pointNode(site, nodeNamed(site, 'worker-1'), from, to)
  expect(heard.commands).toEqual([
    `worker-1: ${looking}`,
    `worker-1: ${changing} /etc/kubernetes/kubelet.conf`,
    'worker-1: systemctl restart kubelet',
  ])
  expect(pointed).toMatchObject({ kubelet: true, atMs: 5_000 })
})

it('ends a component whose kubeconfig named it, and leaves a kubelet that asks its own server', async () => {
  const { site, heard } = begin((command) => {
    if (command.includes('grep')) {
      return '/etc/kubernetes/admin.conf\n/etc/kubernetes/scheduler.conf'
    }
    if (command.includes('containers ls')) return 'one'
    return command.endsWith('tasks ls') ? 'one 7 RUNNING' : undefined
  })
  const pointed = await pointNode(site, nodeNamed(site, 'master-1'), from, to)
  expect(pointed.kubelet).toBe(false)
  expect(heard.commands).toContain(
    'master-1: ctr --namespace k8s.io tasks kill --signal SIGKILL one',
  )
  expect(heard.commands).not.toContain('master-1: systemctl restart kubelet')
})

it('changes nothing in a node that names it nowhere, and refuses a cluster of such', async () => {
  const { site, heard } = begin(() => '')
  const pointed = await pointNode(site, nodeNamed(site, 'master-1'), from, to)
  expect(heard.commands).toEqual([`master-1: ${looking}`])
  expect(() => refuseUnmoved([pointed], from)).toThrow(
    'no kubeconfig in any node names drill.lb:6443',
  )
  expect(() =>
    refuseUnmoved([pointed, { ...pointed, files: ['/etc/kubernetes/kubelet.conf'] }], from),
  ).not.toThrow()
})

const kubeconfig = `clusters:\n- cluster:\n    server: https://${from}\n`
const daemonSet = (name: string, env: { name: string; value?: string }[]) => ({
  metadata: { name },
  spec: { template: { spec: { containers: [{ env }, {}] } } },
})

const inCluster: Answering = (command) => {
  if (command.includes('get configmap cluster-info')) {
    return JSON.stringify({ data: { kubeconfig } })
  }
  if (command.includes('get configmap kube-proxy')) {
    return JSON.stringify({ data: { 'kubeconfig.conf': kubeconfig } })
  }
  if (command.includes('get daemonsets')) {
    const items = [
      daemonSet('kube-proxy', [{ name: 'NODE_NAME' }]),
      daemonSet('network', [{ name: 'CONTROL_PLANE_ENDPOINT', value: from }]),
      daemonSet('other', [{ name: 'CONTROL_PLANE_ENDPOINT', value: 'elsewhere:6443' }]),
    ]
    return JSON.stringify({ items })
  }
  return undefined
}

it('tells those who join, the proxy and the pod network', async () => {
  const { site, heard } = begin(inCluster)
  await pointCluster(site, from, to)
  const changes = heard.commands.filter((command) => !/ get /.test(command))
  const after = kubeconfig.replace(from, to)
  expect(changes).toEqual([
    `kubectl: --namespace kube-public patch configmap cluster-info --type merge --patch ${JSON.stringify({ data: { kubeconfig: after } })}`,
    `kubectl: --namespace kube-system patch configmap kube-proxy --type merge --patch ${JSON.stringify({ data: { 'kubeconfig.conf': after } })}`,
    'kubectl: --namespace kube-system rollout restart daemonset/kube-proxy',
    `kubectl: --namespace kube-system set env daemonset/network CONTROL_PLANE_ENDPOINT=${to}`,
    'kubectl: --namespace kube-system rollout status daemonset/kube-proxy --timeout=120s',
    'kubectl: --namespace kube-system rollout status daemonset/network --timeout=120s',
  ])
})

it('restarts no proxy where there is none', async () => {
  const { site, heard } = begin((command) =>
    command.includes('get daemonsets') ? JSON.stringify({ items: [] }) : '',
  )
  await pointCluster(site, from, to)
  expect(heard.commands.every((command) => / get /.test(command))).toBe(true)
})

const lease = (name: string, renewTime: string) => ({ metadata: { name }, spec: { renewTime } })

it('counts the Leases that were renewed since, as the new endpoint tells', async () => {
  const { site, clock } = begin(() => '')
  const node = (name: string) => nodeNamed(site, name)
  const pointed = [
    { node: node('worker-1'), files: [], kubelet: true, atMs: 5_000 },
    { node: node('worker-2'), files: [], kubelet: true, atMs: 6_000 },
    { node: node('master-1'), files: [], kubelet: false, atMs: 6_000 },
  ]
  const before = [
    lease('drill-worker-1', '1970-01-01T00:00:05.500000Z'),
    lease('drill-worker-2', '1970-01-01T00:00:05.500000Z'),
  ]
  const later = [
    before[0],
    lease('drill-worker-2', '1970-01-01T00:00:07.000000Z'),
    lease('drill-master-1', '1970-01-01T00:00:07.000000Z'),
  ]
  ask
    .mockResolvedValueOnce({ status: null, body: '', error: 'refused' })
    .mockResolvedValueOnce({ status: 200, body: JSON.stringify({ items: before }), error: null })
    .mockResolvedValueOnce({ status: 200, body: JSON.stringify({ items: later }), error: null })
  const endpoint = { host: '172.28.254.1', port: 6443 }
  expect(await leasesRenewed(site, endpoint, pointed)).toBe(3)
  expect(ask.mock.calls[0]?.[1]).toBe('https://172.28.254.1:6443')
  expect(clock.nowMs()).toBe(2_000)

  ask.mockResolvedValue({ status: 200, body: JSON.stringify({ items: before }), error: null })
  expect(await leasesRenewed(site, endpoint, pointed)).toBe(1)
})

it('leaves out a Lease that nobody has renewed', () => {
  const body = JSON.stringify({
    items: [lease('a', '1970-01-01T00:00:01.5Z'), { metadata: { name: 'b' }, spec: {} }],
  })
  expect([...renewalsIn(body)]).toEqual([['a', 1_500]])
})
