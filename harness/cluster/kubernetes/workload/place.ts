/**
 * Puts the workload in place before a run: fills the image registry where there is one, applies the
 * objects, waits until every part is Ready, made from what it should be, and answers through every
 * node, and spreads the parts over their nodes again where an earlier drill left them on one. What
 * stands already and has not changed is left as it is, and so is every volume.
 */

import { readFile } from 'node:fs/promises'
import type { V1Namespace, V1PersistentVolumeClaim } from '@kubernetes/client-node'
import type { Clock } from '../../../model/clock.ts'
import { MachineError } from '../../../model/errors.ts'
import {
  commonNodes,
  componentsOf,
  type Topology,
  wantedReplicas,
} from '../../../model/topology.ts'
import { formatMs } from '../../../model/units.ts'
import { until } from '../../monotonic-clock.ts'
import { type ApiAccess, ask } from '../api.ts'
import { dnsIsWhole } from '../cluster-dns.ts'
import { manifests, type WorkloadInput } from './manifests.ts'
import { namespace, namespaceOf, nodePortOf } from './namespaces.ts'
import { formerDeployments, madeFromOf, markOf, type WorkloadImages } from './parts.ts'
import { crowded, type PlacedPod, podsOf } from './pods.ts'
import { type RegistryPlace, referenceIn, registryManifests } from './registry.ts'
import { claimName, type Provisioner, readProvisioner } from './storage.ts'

export interface PlaceOptions {
  access: ApiAccess
  baseUrl: string
  clock: Clock
  topology: Topology
  /** As the container engine knows them. */
  images: WorkloadImages
  /** Folder inside every node that stands for shared storage. */
  sharedFolder: string
  nodes: readonly PlaceableNode[]
  apply(manifest: string): Promise<void>
  /** Puts these images into the registry that stands there; called when its pod has been made. */
  fillRegistry(place: RegistryPlace, images: readonly string[]): Promise<void>
  report(line: string): void
  signal?: AbortSignal
}

export interface PlaceableNode {
  /** Topology name. */
  name: string
  kubernetesName: string
  address: string
}

const placeWithinMs = 180_000

/** On our namespace, once everything is in place: what it was made from. */
const placedAnnotation = 'clusterdrill.dev/placed'

export async function placeWorkload(options: PlaceOptions): Promise<void> {
  const { access, baseUrl, clock, report, topology } = options
  const { workload } = topology
  const registry = registryOf(options)
  const input = await inputOf(options, registry)
  const list = [...(registry?.manifests ?? []), ...manifests(input)]
  const placed = markOf(list)
  const wanted = wantedReplicas(workload)
  const parts = componentsOf(workload)
  const madeFrom = new Map(parts.map((part) => [part, madeFromOf(part, input)]))
  const nodes = commonNodes(topology).length
  const whole = (pods: readonly PlacedPod[]) =>
    pods.every((pod) => pod.madeFrom === madeFrom.get(pod.component)) &&
    parts.every(
      (part) =>
        pods.filter(({ component, ready }) => component === part && ready).length === wanted[part],
    )
  /** What still stands between Ready pods and a client; empty when nothing does. */
  const lacking = async () => {
    if (!(await dnsIsWhole(access, baseUrl))) return "the cluster's DNS to be whole"
    const silent = await silentNodes(options)
    return silent.length === 0 ? '' : `an answer through ${silent.join(' and ')}`
  }

  if ((await lastPlaced(options)) === placed) {
    const standing = await podsOf(access, baseUrl, workload)
    if (standing && whole(standing) && crowded(standing, nodes).length === 0) {
      if ((await lacking()) === '') return
    }
  }

  if (registry) {
    report(`image registry: on ${topology.imageRegistry?.node}`)
    await options.apply(asList(registry.manifests))
    await options.fillRegistry(registry.place, imagesToPull(options))
  }
  report('workload: applying')
  await Promise.all(
    formerDeployments(topology).map((path) =>
      ask(access, baseUrl, path, { timeoutMs: 3_000, method: 'DELETE' }),
    ),
  )
  await options.apply(asList(list))

  let last: PlacedPod[] = []
  let moved = false
  let told = ''
  const done = await until(
    clock,
    placeWithinMs,
    300,
    async () => {
      last = (await podsOf(access, baseUrl, workload)) ?? []
      if (!whole(last)) return false
      const surplus = crowded(last, nodes)
      if (surplus.length === 0 || moved) {
        const lacks = await lacking()
        if (lacks !== '' && lacks !== told) report(`workload: Ready; waiting for ${lacks}`)
        told = lacks
        return lacks === ''
      }
      moved = true
      report('workload: spreading over the nodes again')
      await Promise.all(
        surplus.map((pod) =>
          ask(access, baseUrl, `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`, {
            timeoutMs: 3_000,
            method: 'DELETE',
          }),
        ),
      )
      return false
    },
    options.signal,
  )
  if (!done) throw await notInPlace(options, last)
  await ask(access, baseUrl, `/api/v1/namespaces/${namespace}`, {
    timeoutMs: 5_000,
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ metadata: { annotations: { [placedAnnotation]: placed } } }),
  })
}

const asList = (items: readonly object[]) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items })

/**
 * Nodes that do not lead to every part yet: each is asked for what only the database can tell. One
 * that lost the API watches it again within half a minute, and leads to pods of before until then.
 */
async function silentNodes({ topology, nodes }: PlaceOptions): Promise<string[]> {
  const carriers = commonNodes(topology).map(({ name }) => name)
  const reports = componentsOf(topology.workload).includes('reporting')
  const asked = nodes
    .filter(({ name }) => carriers.includes(name))
    .map(async ({ name, address }) => {
      const answers = await Promise.all([
        isAnswered(`http://${address}:${nodePortOf(topology, 'page')}/saves?run=placing`),
        reports ? isAnswered(`http://${address}:${nodePortOf(topology, 'reporting')}/`) : true,
      ])
      return answers.every(Boolean) ? [] : [name]
    })
  return (await Promise.all(asked)).flat()
}

async function isAnswered(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    return false
  }
}

async function lastPlaced({ access, baseUrl }: PlaceOptions): Promise<string | null> {
  const answer = await ask(access, baseUrl, `/api/v1/namespaces/${namespace}`, { timeoutMs: 3_000 })
  if (answer.status !== 200) return null
  const found = JSON.parse(answer.body) as V1Namespace
  return found.metadata?.annotations?.[placedAnnotation] ?? null
}

const usesIngress = ({ workload }: Topology) => componentsOf(workload).includes('ingress')

/** The images of the workload itself; that of the registry is on its node already. */
function imagesToPull({ topology, images }: PlaceOptions): string[] {
  const { runtime, database, toolbox } = images
  return [runtime, database, ...(usesIngress(topology) && toolbox !== null ? [toolbox] : [])]
}

function registryOf(options: PlaceOptions): { place: RegistryPlace; manifests: object[] } | null {
  const { topology, images, nodes } = options
  const wanted = topology.imageRegistry
  if (!wanted) return null
  const node = nodes.find(({ name }) => name === wanted.node)
  if (!node) throw new Error(`no node ${wanted.node} for the image registry`)
  const image = toolboxOf(images, `the image registry of ${topology.name}`)
  const { port } = wanted
  return {
    place: { address: node.address, port },
    manifests: registryManifests({ node: node.kubernetesName, port, image }),
  }
}

async function inputOf(
  options: PlaceOptions,
  registry: { place: RegistryPlace } | null,
): Promise<WorkloadInput> {
  const { topology, images, sharedFolder } = options
  if (usesIngress(topology)) toolboxOf(images, `the ingress of ${topology.name}`)
  const reference = (image: string) => (registry ? referenceIn(registry.place, image) : image)
  return {
    topology,
    images: {
      runtime: reference(images.runtime),
      database: reference(images.database),
      toolbox: images.toolbox === null ? null : reference(images.toolbox),
    },
    pull: registry ? 'IfNotPresent' : 'Never',
    programs: await programTexts(),
    provisioner: topology.storage.kind === 'shared' ? await provisionerFor(options) : null,
    sharedFolder,
  }
}

async function provisionerFor({ access, baseUrl, topology }: PlaceOptions): Promise<Provisioner> {
  const found = await readProvisioner(access, baseUrl)
  if (found) return found
  throw new MachineError({
    what: `the cluster has no local-path provisioner with which shared volumes of ${topology.name} could be made`,
    changed: 'the cluster stands, nothing was broken',
    next: '`pnpm topology down` and up again makes it anew.',
  })
}

function toolboxOf({ toolbox }: WorkloadImages, what: string): string {
  if (toolbox !== null) return toolbox
  throw new MachineError({
    what: `there is no image for ${what}`,
    changed: 'the cluster stands, nothing was broken',
    next: '`pnpm run setup kind` makes one.',
  })
}

async function notInPlace(
  { access, baseUrl, topology }: PlaceOptions,
  pods: readonly PlacedPod[],
): Promise<MachineError> {
  const place = namespaceOf(topology.workload, 'database')
  const path = `/api/v1/namespaces/${place}/persistentvolumeclaims/${claimName}`
  const answer = await ask(access, baseUrl, path, { timeoutMs: 3_000 })
  const phase =
    answer.status === 200
      ? (JSON.parse(answer.body) as V1PersistentVolumeClaim).status?.phase
      : 'not there'
  const seen = pods
    .map((pod) => `${pod.name} on ${pod.node || 'no node'}${pod.ready ? '' : ' (not ready)'}`)
    .join(', ')
  return new MachineError({
    what: `the workload was not ready, or did not answer, within ${formatMs(placeWithinMs)}: ${seen || 'no pods at all'}; the claim of the database is ${phase ?? 'new'}`,
    changed: 'the cluster stands, nothing was broken',
    next: `Look with kubectl --kubeconfig ${access.kubeconfig} describe pods --all-namespaces.`,
  })
}

const programFiles = ['api.ts', 'database.ts', 'monitor.ts', 'names.ts', 'page.ts', 'report.ts']

async function programTexts(): Promise<Record<string, string>> {
  const texts = programFiles.map(async (file) => [
    file,
    await readFile(new URL(`./programs/${file}`, import.meta.url), 'utf8'),
  ])
  return Object.fromEntries(await Promise.all(texts))
}
