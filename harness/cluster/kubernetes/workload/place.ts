/**
 * Puts the workload in place before a run: applies it, waits until every replica is Ready, and
 * spreads page and API over the workers again where an earlier drill left them on one.
 */

import { readFile } from 'node:fs/promises'
import type { V1Pod } from '@kubernetes/client-node'
import type { Clock } from '../../../model/clock.ts'
import { MachineError } from '../../../model/errors.ts'
import type { Workload } from '../../../model/topology.ts'
import { formatMs } from '../../../model/units.ts'
import { until } from '../../monotonic-clock.ts'
import { type ApiAccess, ask } from '../api.ts'
import { componentLabel, readyOf } from '../changes.ts'
import { dnsIsWhole } from '../cluster-dns.ts'
import {
  manifests,
  markOf,
  namespace,
  programsAnnotation,
  type WorkloadImages,
  wantedReplicas,
} from './manifests.ts'

export interface PlaceOptions {
  access: ApiAccess
  baseUrl: string
  clock: Clock
  workload: Workload
  images: WorkloadImages
  sharedFolder: string
  workers: number
  apply(manifest: string): Promise<void>
  report(line: string): void
  signal?: AbortSignal
}

const placeWithinMs = 120_000

export interface PlacedPod {
  name: string
  component: string
  node: string
  ready: boolean
  /** Of the programs' text it runs; null for the database. */
  programs: string | null
}

/** The workload's pods that are not on their way out. */
export async function podsOf(access: ApiAccess, baseUrl: string): Promise<PlacedPod[] | null> {
  const answer = await ask(access, baseUrl, `/api/v1/namespaces/${namespace}/pods`, {
    timeoutMs: 3_000,
  })
  if (answer.status !== 200) return null
  const list = JSON.parse(answer.body) as { items: V1Pod[] }
  return list.items
    .filter((pod) => !pod.metadata?.deletionTimestamp)
    .map((pod) => ({
      name: pod.metadata?.name ?? '',
      component: pod.metadata?.labels?.[componentLabel] ?? '',
      node: pod.spec?.nodeName ?? '',
      programs: pod.metadata?.annotations?.[programsAnnotation] ?? null,
      ready: readyOf(pod.status?.conditions),
    }))
}

export async function placeWorkload(options: PlaceOptions): Promise<void> {
  const { access, baseUrl, clock, report, workload } = options
  const wanted = wantedReplicas(workload)
  const programs = await programTexts()
  const mark = markOf(programs)
  const counts = (pods: readonly PlacedPod[]) =>
    pods.every((pod) => pod.component === 'database' || pod.programs === mark) &&
    Object.entries(wanted).every(
      ([component, replicas]) =>
        pods.filter((pod) => pod.component === component && pod.ready).length === replicas,
    )
  const spread = (pods: readonly PlacedPod[]) =>
    Object.entries(wanted).every(
      ([component, replicas]) =>
        new Set(pods.filter((pod) => pod.component === component).map((pod) => pod.node)).size ===
        Math.min(replicas, options.workers),
    )

  const standing = await podsOf(access, baseUrl)
  const dnsIsReady = () => dnsIsWhole(access, baseUrl)
  if (standing && counts(standing) && spread(standing) && (await dnsIsReady())) return

  report('workload: applying')
  const list = manifests({ ...options, programs })
  await options.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list }))

  let last: PlacedPod[] = []
  let moved = false
  const done = await until(
    clock,
    placeWithinMs,
    300,
    async () => {
      last = (await podsOf(access, baseUrl)) ?? []
      if (!counts(last)) return false
      if (spread(last) || moved) return dnsIsReady()
      moved = true
      report('workload: spreading over the workers again')
      await Promise.all(
        last
          .filter((pod) => pod.component !== 'database')
          .map((pod) =>
            ask(access, baseUrl, `/api/v1/namespaces/${namespace}/pods/${pod.name}`, {
              timeoutMs: 3_000,
              method: 'DELETE',
            }),
          ),
      )
      return false
    },
    options.signal,
  )
  if (done) return
  const seen = last
    .map((pod) => `${pod.name} on ${pod.node || 'no node'}${pod.ready ? '' : ' (not ready)'}`)
    .join(', ')
  throw new MachineError({
    what: `the workload was not ready within ${formatMs(placeWithinMs)}: ${seen || 'no pods at all'}`,
    changed: 'the cluster stands, nothing was broken',
    next: `Look with kubectl --kubeconfig ${access.kubeconfig} -n ${namespace} describe pods.`,
  })
}

async function programTexts(): Promise<Record<string, string>> {
  const texts = ['api.ts', 'names.ts', 'page.ts'].map(async (file) => [
    file,
    await readFile(new URL(`./programs/${file}`, import.meta.url), 'utf8'),
  ])
  return Object.fromEntries(await Promise.all(texts))
}
