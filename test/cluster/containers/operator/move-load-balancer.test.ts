/** The whole way to another load balancer, in its order, and what is found out on it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { moveLoadBalancer } from '../../../../harness/cluster/containers/operator/move-load-balancer.ts'
import { MachineError } from '../../../../harness/model/errors.ts'
import { type Answering, names, threeMasters } from './three-masters.ts'

const ask = vi.hoisted(() => vi.fn())
vi.mock('../../../../harness/cluster/kubernetes/api.ts', () => ({ ask }))
const handshake = vi.hoisted(() => vi.fn())
vi.mock('../../../../harness/cluster/containers/operator/endpoint.ts', async (original) => ({
  ...(await original<object>()),
  verifiedHandshake: handshake,
}))

const record = (endpoint: string) =>
  JSON.stringify({
    data: {
      ClusterConfiguration: `kind: ClusterConfiguration\ncontrolPlaneEndpoint: ${endpoint}\n`,
    },
  })
const byNode = "IP: 172.28.254.1 is not in the cert's list: 10.96.0.1"
const byKubectl = 'x509: certificate is valid for 10.96.0.1, not 172.28.254.1'

/** API servers whose certificates know the new address once each of them was renewed. */
function cluster(endpoint: string) {
  const running = new Map(names.map((name) => [name, 'old']))
  const renewed = () => [...running.values()].filter((id) => id === 'new').length
  const answer: Answering = (command) => {
    const [, node = '', words = ''] = /^(\S+): (.*)$/s.exec(command) ?? []
    if (command.includes('kubeadm-config --output json')) return record(endpoint)
    if (command.includes('get --raw /readyz')) {
      throw new MachineError({
        what: `command failed: kubectl\n${byKubectl}`,
        changed: '',
        next: '',
      })
    }
    if (command.includes('get daemonsets')) return '{"items":[]}'
    if (words.startsWith('cat /kind/')) return `kind: ClusterConfiguration\n`
    if (words.includes('containers ls')) return 'old\nnew'
    if (words.endsWith('tasks ls')) return `${running.get(node)} 7 RUNNING`
    if (words.includes('tasks kill')) running.set(node, 'new')
    if (words.includes('grep'))
      return `/etc/kubernetes/${node.startsWith('worker') ? 'kubelet' : 'admin'}.conf`
    return undefined
  }
  handshake.mockImplementation(async ({ host }: { host: string }, _ca: string, name = host) => {
    const toNew = name === '172.28.254.1'
    return toNew && renewed() === 0
      ? { verified: false, error: byNode }
      : { verified: true, error: '' }
  })
  return answer
}

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'clusterdrill-test-'))
  const items = names.map((name) => ({
    metadata: { name: `drill-${name}` },
    spec: { renewTime: '1970-01-01T01:00:00Z' },
  }))
  ask.mockReset().mockResolvedValue({ status: 200, body: JSON.stringify({ items }), error: null })
  handshake.mockReset()
})
afterEach(async () => {
  await rm(home, { recursive: true })
})

const begin = (endpoint: string, balancer = true) =>
  threeMasters({
    kind: 'operator.move-load-balancer',
    answer: cluster(endpoint),
    ...{ home, balancer },
  })

describe('from one load balancer to another', () => {
  it('starts the other, notes the errors, renews, and aims the nodes', async () => {
    const { site, heard } = begin('drill-lb:6443')
    const handle = await moveLoadBalancer(site)
    await handle.inject()
    const folder = join(home, 'clusters', 'drill')
    expect(heard.commands[1]).toBe(
      `run --detach --name drill-second-load-balancer --hostname drill-second-load-balancer --network drill --ip 172.28.254.1 --label dev.clusterdrill.owner=drill --volume ${folder}/owner:/etc/clusterdrill:ro --volume ${folder}/second-haproxy:/etc/clusterdrill-haproxy --tmpfs /run/haproxy --stop-signal SIGTERM --entrypoint haproxy haproxy-image -W -db -f /etc/clusterdrill-haproxy/haproxy.cfg`,
    )
    const configured = await readFile(join(folder, 'second-haproxy', 'haproxy.cfg'), 'utf8')
    expect(configured).toContain('server master-3 172.28.0.4:6443 check')
    const order = [
      'get --raw /readyz',
      'kubectl: patch --namespace kube-system configmap kubeadm-config',
      'worker-2: tee /kind/kubeadm.conf',
      'master-1: kubeadm init phase certs apiserver',
      'master-2: kubeadm init phase certs apiserver',
      'master-3: kubeadm init phase certs apiserver',
      'get configmap cluster-info',
      'worker-1: systemctl restart kubelet',
      'worker-2: systemctl restart kubelet',
    ].map((words) => heard.commands.findIndex((command) => command.includes(words)))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
    expect(handle.undo).toMatchObject({ kind: 'cluster.spend', cluster: 'drill' })
  })

  it('tells the errors, and how many were renewed and moved', async () => {
    const { site } = begin('drill-lb:6443')
    const handle = await moveLoadBalancer(site)
    await handle.inject()
    expect(await handle.facts?.()).toEqual({
      fromEndpoint: 'drill-lb:6443',
      fromAddress: '172.28.0.9',
      toAddress: '172.28.254.1',
      certificateErrorNode: byNode,
      certificateErrorKubectl: byKubectl,
      namesMissing: '172.28.254.1',
      servers: 3,
      serversRenewed: 3,
      nodes: 5,
      nodesMoved: 5,
      kubeletsMoved: 2,
      leasesRenewed: 5,
      oldLeftRunning: true,
      beganAtMs: 0,
      movedMs: expect.any(Number),
    })
  })

  it('has a receipt: good for the old alone, then for the new', async () => {
    const { site } = begin('drill-lb:6443')
    const handle = await moveLoadBalancer(site)
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: 'drill-lb:6443 shows a certificate that is good for it, and none for 172.28.254.1',
    })
    expect(handshake).toHaveBeenCalledWith({ host: '172.28.0.9', port: 6443 }, 'ca', 'drill-lb')
    expect((await handle.look('during')).state).toBe('unclear')
    await handle.inject()
    expect(await handle.look('during')).toEqual({
      state: 'broken',
      text: '172.28.254.1:6443 shows a certificate that is good for it; drill-lb:6443 shows a certificate that is good for it',
    })
    expect((await handle.look('after')).state).toBe('well')
  })

  it('is not well where the old endpoint does not answer', async () => {
    const { site } = begin('drill-lb:6443')
    handshake.mockResolvedValue({ verified: false, error: 'silent for 3000 ms' })
    const { state, text } = await (await moveLoadBalancer(site)).look('before')
    expect(state).toBe('unclear')
    expect(text).toContain('drill-lb:6443 fails: silent for 3000 ms')
  })
})

it('moves from the first master to a load balancer that is the first', async () => {
  const { site } = begin('drill-master-1:6443', false)
  const handle = await moveLoadBalancer(site)
  await handle.inject()
  expect(await handle.facts?.()).toMatchObject({
    fromEndpoint: 'drill-master-1:6443',
    fromAddress: '172.28.0.2',
    toAddress: '172.28.254.1',
    serversRenewed: 3,
  })
  const file = join(home, 'clusters', 'drill', 'second-haproxy', 'haproxy.cfg')
  expect(await readFile(file, 'utf8')).toContain('balance roundrobin')
})

it('refuses a cluster that has no endpoint, and nodes without kubeadm', async () => {
  await expect(moveLoadBalancer(begin('""').site)).rejects.toThrow(
    'made without an endpoint for its control planes',
  )
  const { site } = threeMasters({ kind: 'operator.move-load-balancer', distribution: 'k3d' })
  await expect(moveLoadBalancer(site)).rejects.toThrow('needs kubeadm')
})
