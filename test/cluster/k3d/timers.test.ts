/** The timers that k3s runs on, read from its log and from the kubelet's own account. */
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import { runningComponent } from '../../../harness/cluster/k3d/arguments-in-force.ts'
import { K3dDistribution } from '../../../harness/cluster/k3d/distribution.ts'
import type { K3dTools } from '../../../harness/cluster/k3d/tools.ts'
import { twoSitesPlan } from './two-sites.ts'

const time = 'time="2026-11-20T17:07:49.156698762Z" level=info'
const election =
  '--leader-elect-lease-duration=3s --leader-elect-renew-deadline=2s --leader-elect-retry-period=500ms'
const log = [
  '[2026-11-20T17:07:40+00:00] Running k3d entrypoints...',
  `${time} msg="Starting k3s v1.34.1+k3s1 (6b330558)"`,
  `${time} msg="Running kube-apiserver --advertise-port=6443 --default-not-ready-toleration-seconds=30 --default-unreachable-toleration-seconds=30 --storage-backend=etcd3"`,
  'I1120 17:07:49.049154       6 registry.go:150] "Registering" name="EvenPodsSpread"',
  `${time} msg="Running kube-scheduler --bind-address=127.0.0.1 ${election} --profiling=false"`,
  `${time} msg="Running kube-controller-manager --controllers=\\"*,tokencleaner\\" ${election} --node-monitor-grace-period=5s --node-monitor-period=500ms"`,
  `${time} msg="Running cloud-controller-manager --allocate-node-cidrs=true"`,
]
const kubelet = { nodeStatusUpdateFrequency: '1s', nodeLeaseDurationSeconds: 4 }
const server = { name: 'cp-1', container: 'k3d-x-server-0', id: 'a', address: '172.28.0.2' }
const agent = { name: 'worker-a', container: 'k3d-x-agent-0', id: 'b', address: '172.28.0.3' }

/** An engine in whose containers these lines were logged; what was asked for is kept. */
function engineThatLogged(lines: readonly string[]) {
  const asked: string[][] = []
  const engine = {
    inspect: async () => ({ startedAt: '2026-11-20T17:07:40Z' }),
    follow: (words: string[]) => {
      asked.push(words)
      return Object.assign(Promise.resolve(), {
        async *iterable() {
          yield* lines
        },
        kill: () => true,
      })
    },
  } as unknown as Engine
  return { engine, asked }
}

const distribution = new K3dDistribution({ k3d: '/bin/k3d', etcdctl: null } as K3dTools)
const differences = async (
  lines: readonly string[],
  node = server,
  seen: typeof kubelet | null = kubelet,
) => {
  const { engine } = engineThatLogged(lines)
  const { unread, other } = await distribution.timerDifferences(engine, twoSitesPlan, node, seen)
  return [...unread, ...other]
}

describe('a line of the log of k3s', () => {
  it('tells with which arguments a component runs', () => {
    expect(log.map(runningComponent).filter((each) => each !== null)).toMatchObject([
      { component: 'kube-apiserver' },
      {
        component: 'kube-scheduler',
        command: `kube-scheduler --bind-address=127.0.0.1 ${election} --profiling=false`,
      },
      {
        component: 'kube-controller-manager',
        command: `kube-controller-manager --controllers="*,tokencleaner" ${election} --node-monitor-grace-period=5s --node-monitor-period=500ms`,
      },
    ])
  })
})

describe('timers of k3s', () => {
  it('are read from the last start of a control plane on', async () => {
    const { engine, asked } = engineThatLogged(log)
    expect(await distribution.timerDifferences(engine, twoSitesPlan, server, kubelet)).toEqual({
      unread: [],
      other: [],
    })
    expect(asked).toEqual([['logs', '--since', '2026-11-20T17:07:40Z', 'k3d-x-server-0']])
  })

  it('of a worker are those of its kubelet alone', async () => {
    expect(await differences([], agent)).toEqual([])
    const slow = { nodeStatusUpdateFrequency: '10s', nodeLeaseDurationSeconds: 40 }
    expect(await differences([], agent, slow)).toEqual([
      'nodeStatusUpdateMs is 10 s in kubelet on worker-a, planned 1 s',
      'nodeLeaseDurationMs is 40 s in kubelet on worker-a, planned 4 s',
    ])
  })

  it('that k3s did not take are told', async () => {
    const dropped = log.map((line) => line.replace(' --node-monitor-grace-period=5s', ''))
    expect(await differences(dropped)).toEqual([
      'nodeMonitorGraceMs is 50 s in kube-controller-manager on cp-1, planned 5 s',
    ])
  })

  it('that the log does not tell are not taken for well', async () => {
    expect(await differences(log.filter((line) => !line.includes('kube-scheduler')))).toEqual([
      'the log of cp-1 does not tell the arguments of kube-scheduler, so its timers cannot be read back',
    ])
    expect(await differences([])).toHaveLength(3)
  })
})

describe("etcd's client", () => {
  it('is there where the machine has one to put into the nodes', () => {
    expect(distribution.etcdctl()).toBeNull()
    const tools = { k3d: '/bin/k3d', etcdctl: '/bin/etcdctl' } as K3dTools
    expect(new K3dDistribution(tools).etcdctl()?.join(' ')).toBe(
      '/etc/clusterdrill/etcdctl --endpoints https://127.0.0.1:2379 --cacert /var/lib/rancher/k3s/server/tls/etcd/server-ca.crt --cert /var/lib/rancher/k3s/server/tls/etcd/client.crt --key /var/lib/rancher/k3s/server/tls/etcd/client.key',
    )
  })
})
