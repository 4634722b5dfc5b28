/**
 * The workload as Kubernetes objects, as its topology asks for it: every namespace, what makes
 * volumes, the programs' text, and for each part a Deployment or StatefulSet and a Service. Pure;
 * the programs' text, the images and the cluster's own provisioner are handed in.
 */
import { componentsOf, type Topology, wantedReplicas } from '../../../model/topology.ts'
import { nginxConfig } from './ingress.ts'
import { allNamespaces, counterName, namespace, namespaceOf } from './namespaces.ts'
import {
  controllerOf,
  ingressConfig,
  type PartInput,
  programsConfig,
  runsProgram,
  service,
} from './parts.ts'
import { claim, type Provisioner, sharedStorage } from './storage.ts'

export { namespace } from './namespaces.ts'

export interface WorkloadInput extends PartInput {
  /** How the cluster makes volumes; null where none are shared. */
  provisioner: Provisioner | null
  /** Folder inside every node that stands for shared storage. */
  sharedFolder: string
}

/** In an order in which they can be applied one after the other. */
export function manifests(input: WorkloadInput): object[] {
  const { topology, programs, provisioner } = input
  const { workload } = topology
  const wanted = wantedReplicas(workload)
  const parts = componentsOf(workload)
  const withPrograms = new Set(
    parts
      .filter((component) => runsProgram(component, topology))
      .map((component) => namespaceOf(workload, component)),
  )
  return [
    ...allNamespaces(topology).map((name) => ({
      ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    })),
    configMap(counterName, namespace, {}),
    ...(provisioner ? sharedStorage(topology, provisioner, input.sharedFolder) : []),
    claim(topology),
    ...[...withPrograms].map((place) => configMap(programsConfig, place, programs)),
    ...ingressConfigOf(topology),
    ...parts.map((component) => controllerOf(component, wanted[component] ?? 1, input)),
    ...parts.map((component) => service(component, topology)),
  ]
}

const configMap = (name: string, place: string, data: Readonly<Record<string, string>>) => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: place }, data },
})

function ingressConfigOf({ workload }: Topology): object[] {
  if (!componentsOf(workload).includes('ingress')) return []
  const text = { 'nginx.conf': nginxConfig(workload) }
  return [configMap(ingressConfig, namespaceOf(workload, 'ingress'), text)]
}
