/** A workload's input by hand, and its manifests by kind and name. */
import {
  manifests,
  type WorkloadInput,
} from '../../../../harness/cluster/kubernetes/workload/manifests.ts'
import type { Topology } from '../../../../harness/model/topology.ts'
import { topologies } from '../../../../topologies/index.ts'

export interface Container {
  image: string
  imagePullPolicy: string
  command: string[]
  args?: string[]
  env?: { name: string; value: string }[]
  resources: object
  readinessProbe: { httpGet?: { path: string; port: number } }
}

export interface PodSpec {
  containers: [Container]
  volumes: { persistentVolumeClaim?: { claimName: string }; configMap?: { name: string } }[]
  nodeSelector?: Record<string, string>
  tolerations?: object[]
  topologySpreadConstraints: object[]
  affinity?: object
  hostNetwork?: boolean
}

export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  data?: Record<string, string>
  provisioner?: string
  reclaimPolicy?: string
  volumeBindingMode?: string
  spec: {
    replicas: number
    selector: { matchLabels: Record<string, string> }
    strategy: { type: string }
    serviceName?: string
    type?: string
    ports: unknown[]
    storageClassName?: string
    accessModes?: string[]
    resources?: { requests: { storage: string } }
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> }
      spec: PodSpec
    }
  }
}

export function topologyNamed(name: string): Topology {
  const topology = topologies.find((one) => one.name === name)
  if (!topology) throw new Error(`no ${name}`)
  return topology
}

export function inputFor(topology: Topology): WorkloadInput {
  return {
    topology,
    images: { runtime: 'runtime:1', database: 'redis:1', toolbox: 'toolbox:1' },
    pull: 'Never',
    programs: { 'page.ts': 'the page', 'api.ts': 'the api' },
    provisioner:
      topology.storage.kind === 'shared'
        ? { command: 'local-path', image: 'provisioner:1', helperImage: 'helper:1' }
        : null,
    sharedFolder: '/var/shared',
  }
}

export function workloadOf(input: WorkloadInput) {
  const all = manifests(input) as Manifest[]
  return {
    all,
    named: (kind: string, name: string): Manifest => {
      const found = all.find((one) => one.kind === kind && one.metadata.name === name)
      if (!found) throw new Error(`no ${kind} ${name}`)
      return found
    },
  }
}
