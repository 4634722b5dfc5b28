/** k3d's configuration, read back as k3d reads it: nodes, arguments, labels, mounts, timers. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { k3dConfig, kubeletConfig } from '../../../harness/cluster/k3d/config.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import { k0sThreeZones } from '../../../topologies/k0s-three-zones.ts'
import { planOf } from '../../support/plan-of.ts'
import { twoSitesPlan } from './two-sites.ts'

interface Filtered {
  nodeFilters: string[]
}
interface Written {
  servers: number
  agents: number
  volumes: ({ volume: string } & Filtered)[]
  options: {
    k3d: object
    k3s: {
      extraArgs: ({ arg: string } & Filtered)[]
      nodeLabels: ({ label: string } & Filtered)[]
    }
    kubeconfig: object
    runtime: { labels: ({ label: string } & Filtered)[] }
  }
}

/** Document 002: every node is a control plane that takes pods. */
const controllersAlone: Plan = { ...planOf('kubeadm-stacked'), topology: k0sThreeZones }

const folders = { owner: '/state/owner', shared: '/state/shared' }
const written = (plan: Plan) => parse(k3dConfig(plan, 'rancher/k3s:1', folders)) as Written
/** The arguments for nodes of these filters, and of no others. */
const argsOf = (plan: Plan, ...nodeFilters: string[]) =>
  written(plan)
    .options.k3s.extraArgs.filter((each) => `${each.nodeFilters}` === `${nodeFilters}`)
    .map(({ arg }) => arg)

describe("k3d's configuration", () => {
  it('says how many nodes there are, of which image, on which network', () => {
    expect(written(twoSitesPlan)).toMatchObject({
      apiVersion: 'k3d.io/v1alpha5',
      kind: 'Simple',
      metadata: { name: 'drill-two-sites-brisk' },
      servers: 1,
      agents: 2,
      kubeAPI: { hostIP: '127.0.0.1' },
      image: 'rancher/k3s:1',
      network: 'drill-two-sites-brisk',
    })
  })

  it("leaves the user's own kubeconfig alone", () => {
    expect(written(twoSitesPlan).options.kubeconfig).toEqual({
      updateDefaultKubeconfig: false,
      switchCurrentContext: false,
    })
  })

  it('mounts the mark of ownership, read-only, and the shared folder into every node', () => {
    const nodeFilters = ['server:*', 'agent:*']
    expect(written(twoSitesPlan).volumes).toEqual([
      { volume: '/state/owner:/etc/clusterdrill:ro', nodeFilters },
      { volume: '/state/shared:/var/clusterdrill-shared', nodeFilters },
    ])
    expect(written(twoSitesPlan).options.runtime.labels).toEqual([
      { label: 'dev.clusterdrill.owner=drill-two-sites-brisk', nodeFilters },
    ])
  })

  it('speaks of no workers where there are none', () => {
    const { agents, volumes, options } = written(controllersAlone)
    const all = [...volumes, ...options.k3s.extraArgs, ...options.runtime.labels]
    expect(agents).toBe(0)
    expect(all.filter(({ nodeFilters }) => nodeFilters.join().includes('agent'))).toEqual([])
  })

  it('says on each node which one of which cluster it is, and where it stands', () => {
    const labels = written(twoSitesPlan).options.k3s.nodeLabels
    expect(labels.filter(({ nodeFilters }) => `${nodeFilters}` === 'agent:1')).toEqual(
      [
        'clusterdrill.dev/node=worker-b',
        'clusterdrill.dev/drill=drill-two-sites-brisk',
        'topology.kubernetes.io/region=cx',
        'topology.kubernetes.io/zone=zone-b',
      ].map((label) => ({ label, nodeFilters: ['agent:1'] })),
    )
    expect(labels.map(({ nodeFilters }) => nodeFilters[0])).toEqual([
      ...Array(4).fill('server:0'),
      ...Array(4).fill('agent:0'),
      ...Array(4).fill('agent:1'),
    ])
  })

  it('hands the brisk timers to the components inside k3s', () => {
    expect(argsOf(twoSitesPlan, 'server:*')).toEqual([
      '--disable=traefik',
      '--disable=servicelb',
      '--disable=metrics-server',
      '--flannel-backend=host-gw',
      '--tls-san=lb-1',
      '--kube-apiserver-arg=default-not-ready-toleration-seconds=30',
      '--kube-apiserver-arg=default-unreachable-toleration-seconds=30',
      '--kube-controller-manager-arg=node-monitor-period=500ms',
      '--kube-controller-manager-arg=node-monitor-grace-period=5s',
      '--kube-controller-manager-arg=leader-elect-lease-duration=3s',
      '--kube-controller-manager-arg=leader-elect-renew-deadline=2s',
      '--kube-controller-manager-arg=leader-elect-retry-period=500ms',
      '--kube-scheduler-arg=leader-elect-lease-duration=3s',
      '--kube-scheduler-arg=leader-elect-renew-deadline=2s',
      '--kube-scheduler-arg=leader-elect-retry-period=500ms',
    ])
    expect(argsOf(twoSitesPlan, 'server:*', 'agent:*')).toEqual([
      '--kubelet-arg=config=/etc/clusterdrill/kubelet.yaml',
    ])
  })

  it("hands the kubelet's timers over in a file, for one of them has no flag", () => {
    expect(parse(kubeletConfig(timersOf('brisk')))).toEqual({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      nodeStatusUpdateFrequency: '1s',
      nodeLeaseDurationSeconds: 4,
    })
  })

  it('gives a lone control plane etcd too, and taints what takes no pods', () => {
    const taint = '--node-taint=node-role.kubernetes.io/control-plane:NoSchedule'
    expect(argsOf(twoSitesPlan, 'server:0')).toEqual(['--cluster-init', taint])
    const stacked = planOf('kubeadm-stacked')
    for (const server of ['server:0', 'server:1', 'server:2']) {
      expect(argsOf(stacked, server)).toEqual([taint])
    }
    expect(argsOf(controllersAlone, 'server:0')).toEqual([])
  })

  it('has a load balancer only where the document has one', () => {
    expect(written(planOf('kubeadm-stacked')).options.k3d).toMatchObject({
      disableLoadbalancer: false,
    })
    expect(written(planOf('embedded-no-lb')).options.k3d).toMatchObject({
      disableLoadbalancer: true,
    })
  })

  it('keeps workers to the first control plane where the document has no load balancer', () => {
    expect(argsOf(planOf('embedded-no-lb'), 'agent:*')).toEqual(['--disable-apiserver-lb'])
    expect(argsOf(planOf('kubeadm-stacked'), 'agent:*')).toEqual([])
    expect(argsOf(planOf('cx-worker-ha'), 'agent:*')).toEqual([])
  })
})
