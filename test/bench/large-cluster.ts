/**
 * A cluster at the limits of Kubernetes for the benchmarks of the model: three sites with a control
 * plane each, workers spread over them, and thirty pods on each worker. Then one site loses its power.
 */
import { SimSession } from '../../harness/cluster/sim/session.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { Topology, TopologyNode } from '../../harness/model/topology.ts'
import { planOf } from '../support/plan-of.ts'

const sites = ['zone-a', 'zone-b', 'zone-c']
/** 150,000 pods on 5,000 nodes (Kubernetes, considerations for large clusters). */
const podsPerNode = 30

function largeTopology(nodes: number): Topology {
  const { topology: usual } = planOf('kubeadm-stacked')
  const siteOf = (index: number) => sites[index % sites.length] as string
  const controlPlanes: TopologyNode[] = sites.map((site) => ({
    ...{ name: `control-plane-${site}`, role: 'control-plane', site, schedulable: false },
  }))
  const workers: TopologyNode[] = Array.from({ length: nodes - sites.length }, (_, index) => ({
    ...{ name: `worker-${index}`, role: 'worker', site: siteOf(index), schedulable: true },
  }))
  const half = (nodes * podsPerNode) / 2
  const { floatingIp: _, ...rest } = usual
  return {
    ...rest,
    sites: sites.map((name) => ({ name, region: 'large', zone: name })),
    nodes: [...controlPlanes, ...workers],
    workload: { pageReplicas: half, apiReplicas: half - 1, nodePort: 30_080 },
  }
}

export interface ZoneLoss {
  nodes: number
  pods: number
  /** To make the cluster, and to let the time pass. */
  madeMs: number
  passedMs: number
  /** Events of the queue. */
  happened: number
  /** How many of each were told, as a sign that something went on. */
  told: Record<string, number>
  /** Of the whole process, while the cluster is held. */
  residentBytes: number
}

/** At the real timers, `minutes` of virtual time after a site lost its power. */
export function loseZone(nodes: number, minutes = 30): ZoneLoss {
  const usual = planOf('kubeadm-stacked')
  const plan: Plan = { ...usual, topology: largeTopology(nodes) }
  const told: Record<string, number> = {}
  const beganMs = performance.now()
  const session = new SimSession(plan, new Date(0))
  void session.watch(({ name }) => {
    told[name] = (told[name] ?? 0) + 1
  })
  const { cluster } = session
  const { queue } = cluster.scene
  const madeMs = performance.now() - beganMs
  for (const machine of cluster.machines.all) {
    if (machine.node.site === sites[0]) cluster.powerOff(machine, false)
  }
  queue.runUntil(minutes * 60_000)
  return {
    ...{ nodes, pods: nodes * podsPerNode, madeMs, told, happened: queue.happened },
    passedMs: performance.now() - beganMs - madeMs,
    residentBytes: process.memoryUsage.rss(),
  }
}
