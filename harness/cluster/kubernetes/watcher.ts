/**
 * Watches one cluster through every API server at once, each by its own address, so that losing
 * one of them, or the load balancer, loses no event. Each server is asked twice a second whether
 * it is there; when it is not, its watches are dropped, and when it is back it is listed afresh
 * and what changed meanwhile is reported then. The first server to tell of a change wins.
 */

import type {
  CoreV1Event,
  KubernetesObject,
  V1EndpointSlice,
  V1Lease,
  V1Node,
  V1Pod,
} from '@kubernetes/client-node'
import { Watch } from '@kubernetes/client-node'
import type { Clock } from '../../model/clock.ts'
import { InvalidRunError, messageOf } from '../../model/errors.ts'
import type { DrillEvent } from '../../model/event.ts'
import { formatMs } from '../../model/units.ts'
import { type ApiAccess, ask, configFor } from './api.ts'
import {
  type Change,
  endpointChanges,
  kubeletChanges,
  leaseChanges,
  type Names,
  nodeChanges,
  podChanges,
} from './changes.ts'

export interface WatchTarget {
  /** Topology name of the control plane. */
  name: string
  baseUrl: string
}

interface Resource {
  /** Begins the key of each of its objects. */
  id: string
  path: string
  changes(before: KubernetesObject | null, now: KubernetesObject | null, names: Names): Change[]
}

function resourcesOf(namespaces: readonly string[]): Resource[] {
  return [
    {
      id: 'Node',
      path: '/api/v1/nodes',
      changes: (before, now, names) =>
        now ? nodeChanges(before as V1Node | null, now as V1Node, names) : [],
    },
    ...namespaces.flatMap(resourcesIn),
    {
      id: 'Lease',
      path: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
      changes: (before, now) => (now ? leaseChanges(before as V1Lease | null, now as V1Lease) : []),
    },
  ]
}

function resourcesIn(namespace: string): Resource[] {
  return [
    {
      id: `Pod/${namespace}`,
      path: `/api/v1/namespaces/${namespace}/pods`,
      changes: (before, now, names) =>
        podChanges(before as V1Pod | null, now as V1Pod | null, names),
    },
    {
      id: `EndpointSlice/${namespace}`,
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      changes: (before, now, names) =>
        endpointChanges(before as V1EndpointSlice | null, now as V1EndpointSlice | null, names),
    },
    {
      id: `Event/${namespace}`,
      path: `/api/v1/namespaces/${namespace}/events`,
      changes: (_before, now, names) => (now ? kubeletChanges(now as CoreV1Event, names) : []),
    },
  ]
}

export interface WatcherOptions {
  access: ApiAccess
  targets: readonly WatchTarget[]
  /** Those of the workload; its pods, endpoints and events are watched, each namespace by itself. */
  namespaces: readonly string[]
  names: Names
  clock: Clock
  emit(event: DrillEvent): void
}

const lookEveryMs = 500
const lookTimeoutMs = 1_500

/** A cluster that was healthy a moment ago lists its objects within this. */
const firstListWithinMs = 30_000

/**
 * Starts watching; resolves when every resource has been listed once from some server. Rejects
 * with an `InvalidRunError` when none answers for half a minute.
 */
export async function watchCluster(options: WatcherOptions): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const shared = new SharedView(options)
  const listed = Promise.withResolvers<void>()
  const servers = options.targets.map((target) =>
    watchServer(target, options, shared, stopping.signal, listed.resolve),
  )
  const giveUp = new AbortController()
  const tooLate = options.clock
    .sleepUntil(options.clock.nowMs() + firstListWithinMs, giveUp.signal)
    .then(
      () => true,
      () => false,
    )
  const late = await Promise.race([listed.promise.then(() => false), tooLate])
  giveUp.abort()
  if (late) {
    stopping.abort(new Error('stopped'))
    await Promise.allSettled(servers)
    throw new InvalidRunError({
      what: `no API server listed its objects within ${formatMs(firstListWithinMs)}`,
      changed: 'nothing was broken',
      next: 'Look at the cluster (`pnpm topology status`), then run it again.',
    })
  }
  return async () => {
    stopping.abort(new Error('stopped'))
    await Promise.allSettled(servers)
  }
}

interface List {
  /** The resource version as of which it was read. */
  version: string
  items: readonly KubernetesObject[]
}

/** The newest state of each object, whichever server told of it first. */
class SharedView {
  readonly #objects = new Map<string, KubernetesObject>()
  /** Keys carry the uid, so what was deleted never comes back: a slower server may still tell. */
  readonly #deleted = new Set<string>()
  readonly #options: WatcherOptions
  #settled = false

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /**
   * A whole list: the first one only sets the scene, later ones are compared with it. What is newer
   * than the list is not in it, and is not gone.
   */
  list(resource: Resource, { version, items }: List, last: boolean): void {
    const seen = new Set<string>()
    for (const item of items) {
      seen.add(keyOf(resource, item))
      this.#put(resource, item)
    }
    if (this.#settled) {
      for (const [key, object] of this.#objects) {
        if (!key.startsWith(`${resource.id}/`) || seen.has(key)) continue
        if (!newerThan(object, { metadata: { resourceVersion: version } })) {
          this.remove(resource, object)
        }
      }
    }
    if (last) this.#settled = true
  }

  put(resource: Resource, object: KubernetesObject): void {
    this.#put(resource, object)
  }

  remove(resource: Resource, object: KubernetesObject): void {
    const key = keyOf(resource, object)
    const before = this.#objects.get(key)
    if (!before || newerThan(before, object)) return
    this.#objects.delete(key)
    this.#deleted.add(key)
    this.#tell(resource.changes(before, null, this.#options.names))
  }

  #put(resource: Resource, object: KubernetesObject): void {
    const key = keyOf(resource, object)
    const before = this.#objects.get(key) ?? null
    if (this.#deleted.has(key) || (before && !newerThan(object, before))) return
    this.#objects.set(key, object)
    if (this.#settled) this.#tell(resource.changes(before, object, this.#options.names))
  }

  #tell(changes: readonly Change[]): void {
    const atMs = this.#options.clock.nowMs()
    for (const change of changes) this.#options.emit({ atMs, ...change })
  }
}

const keyOf = (resource: Resource, object: KubernetesObject): string =>
  `${resource.id}/${object.metadata?.name ?? ''}/${object.metadata?.uid ?? ''}`

/** Resource versions of one etcd count up, and all servers here share one. */
const newerThan = (a: KubernetesObject, b: KubernetesObject): boolean =>
  BigInt(a.metadata?.resourceVersion ?? '0') > BigInt(b.metadata?.resourceVersion ?? '0')

async function watchServer(
  target: WatchTarget,
  options: WatcherOptions,
  shared: SharedView,
  signal: AbortSignal,
  onListed: () => void,
): Promise<void> {
  const { clock, access } = options
  let lost = false
  const tell = (name: 'watch-lost' | 'watch-back', detail: string) =>
    options.emit({
      atMs: clock.nowMs(),
      source: 'harness',
      name,
      subject: target.name,
      node: target.name,
      component: null,
      detail,
    })
  while (!signal.aborted) {
    const here = new AbortController()
    const both = AbortSignal.any([signal, here.signal])
    try {
      const versions = await listAll(target, options, shared)
      onListed()
      if (lost) tell('watch-back', 'listed afresh')
      lost = false
      const streams = resourcesOf(options.namespaces).map((resource) =>
        watchResource(target, resource, versions.get(resource.id) ?? '', options, shared, both),
      )
      await Promise.race([...streams, untilUnreachable(target, options, both)])
      continue
    } catch (error) {
      if (signal.aborted) break
      if (!lost) tell('watch-lost', messageOf(error))
      lost = true
    } finally {
      here.abort(new Error('dropped'))
    }
    await clock.sleepUntil(clock.nowMs() + lookEveryMs, signal).catch(() => undefined)
  }

  async function untilUnreachable(
    server: WatchTarget,
    { clock: time }: WatcherOptions,
    until: AbortSignal,
  ): Promise<never> {
    for (;;) {
      await time.sleepUntil(time.nowMs() + lookEveryMs, until)
      const answer = await ask(access, server.baseUrl, '/livez/ping', { timeoutMs: lookTimeoutMs })
      if (answer.status !== 200) throw new Error(answer.error ?? `HTTP ${answer.status}`)
    }
  }
}

async function listAll(
  target: WatchTarget,
  options: WatcherOptions,
  shared: SharedView,
): Promise<Map<string, string>> {
  const versions = new Map<string, string>()
  const resources = resourcesOf(options.namespaces)
  for (const [index, resource] of resources.entries()) {
    const answer = await ask(options.access, target.baseUrl, resource.path, { timeoutMs: 3_000 })
    if (answer.status !== 200) throw new Error(answer.error ?? `HTTP ${answer.status}`)
    const list = JSON.parse(answer.body) as {
      metadata?: { resourceVersion?: string }
      items: KubernetesObject[]
    }
    const version = list.metadata?.resourceVersion ?? ''
    versions.set(resource.id, version)
    shared.list(resource, { version, items: list.items }, index === resources.length - 1)
  }
  return versions
}

/** Follows one resource until its stream ends; rejects when it ends in an error. */
async function watchResource(
  target: WatchTarget,
  resource: Resource,
  resourceVersion: string,
  options: WatcherOptions,
  shared: SharedView,
  signal: AbortSignal,
): Promise<void> {
  const watch = new Watch(configFor(options.access, target.baseUrl))
  const ended = Promise.withResolvers<void>()
  const stream = await watch.watch(
    resource.path,
    { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 3_600 },
    (phase, object: KubernetesObject) => {
      if (phase === 'ADDED' || phase === 'MODIFIED') shared.put(resource, object)
      else if (phase === 'DELETED') shared.remove(resource, object)
      else if (phase === 'ERROR') ended.reject(new Error(`watch of ${resource.id} refused`))
    },
    (error: unknown) => {
      if (isQuiet(error)) ended.resolve()
      else ended.reject(error)
    },
  )
  const drop = () => stream.abort()
  signal.addEventListener('abort', drop, { once: true })
  if (signal.aborted) drop()
  await ended.promise.finally(() => signal.removeEventListener('abort', drop))
}

/** A stream that was quiet for the library's half minute is closed by it: no loss, list again. */
const isQuiet = (error: unknown): boolean =>
  error === null || (error instanceof Error && /Timeout|Abort/.test(error.name))
