/**
 * Looks for two truths at once after a run: whether the API servers tell the same of one object, and
 * whether the saves are the same whichever node they are read through. A disagreement counts when it
 * is still there at a second look. Bounded in time, and throws nothing.
 */
import type { V1ConfigMap, V1Namespace } from '@kubernetes/client-node'
import type { Clock } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { SplitBrain } from '../../model/record.ts'
import type { Workload } from '../../model/topology.ts'
import { type ApiAccess, ask } from './api.ts'
import { counterPath } from './workload/namespaces.ts'
import { podsOf } from './workload/pods.ts'

/** One place in which two truths could stand side by side. */
export interface Place {
  /** `etcd`, `API`, `database`. */
  name: string
  look(): Promise<SplitBrain>
}

/** For both looks at all places together. */
const withinMs = 10_000
/** What is only on its way is there by then. */
const secondLookAfterMs = 1_000
const answerTimeoutMs = 2_500

/** All places at once. */
export async function lookForTwoTruths(
  places: readonly Place[],
  clock: Clock,
  limitMs = withinMs,
): Promise<SplitBrain> {
  const each = await Promise.all(places.map((place) => lookTwice(place, clock, limitMs)))
  return {
    looked: each.flatMap(({ looked }) => looked),
    found: each.flatMap(({ found }) => found),
  }
}

async function lookTwice(place: Place, clock: Clock, limitMs: number): Promise<SplitBrain> {
  let last: SplitBrain | null = null
  const looks = async (): Promise<SplitBrain> => {
    last = await place.look()
    if (last.found.length === 0) return last
    await clock.sleepUntil(clock.nowMs() + secondLookAfterMs)
    return await place.look()
  }
  const limit = AbortSignal.timeout(limitMs)
  const over = new Promise<SplitBrain>((resolve) => {
    limit.addEventListener('abort', () => {
      const silent = `${place.name}: no answer within ${limitMs / 1_000} s`
      resolve(last ?? { looked: [silent], found: [] })
    })
  })
  const failed = (error: unknown): SplitBrain =>
    last ?? { looked: [`${place.name}: could not be looked at: ${messageOf(error)}`], found: [] }
  return await Promise.race([looks().catch(failed), over])
}

/** What one of several tells, by the same question. */
export interface Told {
  /** Topology name of the one that was asked. */
  by: string
  what: string
}

/** `what: a says x, b and c say y`; nothing where all say the same. */
export function disagreement(subject: string, told: readonly Told[]): string[] {
  const sides = [...Map.groupBy(told, ({ what }) => what)]
  if (sides.length < 2) return []
  const each = sides.map(([what, by]) => `${by.map((one) => one.by).join(' and ')}: ${what}`)
  return [`${subject} differs: ${each.join('; ')}`]
}

/** `, cp-3 did not answer`, or nothing. */
export const silence = (names: readonly string[]): string =>
  names.length === 0 ? '' : `; ${names.join(', ')} did not answer`

export interface ApiServer {
  /** Topology name of its control plane. */
  name: string
  baseUrl: string
  /** Its silence is worth a word; nobody need serve the API on the others. */
  expected: boolean
}

interface Objects {
  by: string
  /** Uid of kube-system: whoever has another one serves another cluster. */
  cluster: string
  uid: string
  version: string
  data: string
}

/** Reads without a resource version, so each server asks etcd's quorum. */
export async function lookAtApi(
  access: ApiAccess,
  servers: readonly ApiServer[],
): Promise<SplitBrain> {
  const answers = await Promise.all(servers.map((server) => objectsOf(access, server)))
  const told = answers.filter((answer) => answer !== null)
  const silent = servers
    .filter(({ expected }, index) => expected && answers[index] === null)
    .map(({ name }) => name)
  const by = (what: (objects: Objects) => string) =>
    told.map((objects) => ({ by: objects.by, what: what(objects) }))
  const servedBy = told.map((objects) => objects.by).join(', ')
  return {
    looked: [
      told.length === 0
        ? `API: no server answered${silence(silent)}`
        : `API: the counter and the namespace kube-system as ${servedBy} told them${silence(silent)}`,
    ],
    found: [
      ...disagreement(
        'API: the cluster, by the uid of kube-system,',
        by(({ cluster }) => cluster),
      ),
      ...disagreement(
        "API: the counter's uid",
        by(({ uid }) => uid),
      ),
      ...disagreement(
        'API: the counter',
        by(({ data, version }) => `${data} at version ${version}`),
      ),
    ],
  }
}

const systemPath = '/api/v1/namespaces/kube-system'

/** Null where the server does not answer both; an object that is not there has no uid. */
async function objectsOf(access: ApiAccess, server: ApiServer): Promise<Objects | null> {
  const [counter, system] = await Promise.all(
    [counterPath, systemPath].map((path) =>
      ask(access, server.baseUrl, path, { timeoutMs: answerTimeoutMs }),
    ),
  )
  const answered = [counter, system].every(
    (answer) => answer?.status === 200 || answer?.status === 404,
  )
  if (!counter || !system || !answered) return null
  const read = <T>({ status, body }: typeof counter): T | null =>
    status === 200 ? (JSON.parse(body) as T) : null
  const map = read<V1ConfigMap>(counter)
  const data = Object.entries(map?.data ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    by: server.name,
    cluster: read<V1Namespace>(system)?.metadata?.uid ?? 'none',
    uid: map?.metadata?.uid ?? 'none',
    version: map?.metadata?.resourceVersion ?? 'none',
    data: data.map(([vantage, number]) => `${vantage}=${number}`).join(', ') || 'bare',
  }
}

/** A way to the workload: `http://address:port` of a node. */
export interface Entry {
  /** Topology name of the node. */
  name: string
  url: string
}

export interface DatabaseLook {
  access: ApiAccess
  /** Ways to the API, tried in turn. */
  apiUrls: readonly string[]
  workload: Workload
  entries: readonly Entry[]
  runId: string
}

/** Every way in leads to the one database; two that are Ready would each keep saves of their own. */
export async function lookAtDatabase(options: DatabaseLook): Promise<SplitBrain> {
  const { entries, runId } = options
  const [pods, ...answers] = await Promise.all([
    podsAnyWay(options),
    ...entries.map(({ url }) => savesThrough(url, runId)),
  ])
  const told = entries.flatMap(({ name }, index) => {
    const saves = answers[index]
    return saves ? [{ by: name, saves }] : []
  })
  const silent = entries.filter((_, index) => !answers[index]).map(({ name }) => name)
  const databases = (pods ?? []).filter(({ component, ready }) => component === 'database' && ready)
  const through = told.map(({ by }) => by).join(', ')
  return {
    looked: [
      told.length === 0
        ? `database: nobody answered${silence(silent)}`
        : `database: the saves of this run, read through ${through}${silence(silent)}`,
      pods
        ? `database: pods that are Ready: ${databases.map(({ name }) => name).join(', ') || 'none'}`
        : 'database: the API does not say which pods are Ready',
    ],
    found: [...differingSaves(told), ...severalDatabases(databases)],
  }
}

/** Null where no way to the API leads to an answer. */
async function podsAnyWay({ access, apiUrls, workload }: DatabaseLook) {
  for (const apiUrl of apiUrls) {
    const pods = await podsOf(access, apiUrl, workload)
    if (pods) return pods
  }
  return null
}

/** Every save that not all have, counted for each. */
export function differingSaves(
  told: readonly { by: string; saves: ReadonlySet<string> }[],
): string[] {
  const all = new Set(told.flatMap(({ saves }) => [...saves]))
  if (told.every(({ saves }) => saves.size === all.size)) return []
  const each = told.map(({ by, saves }) => `${saves.size} through ${by}`)
  return [`database: of ${all.size} saves there are ${each.join(', ')}`]
}

function severalDatabases(pods: readonly { name: string; node: string }[]): string[] {
  if (pods.length < 2) return []
  const each = pods.map(({ name, node }) => `${name} on ${node}`)
  return [`database: ${pods.length} pods are Ready at once: ${each.join(', ')}`]
}

/** Null where nobody answers, or the answer is not one of the workload. */
async function savesThrough(url: string, runId: string): Promise<Set<string> | null> {
  try {
    const answer = await fetch(`${url}/saves?run=${encodeURIComponent(runId)}`, {
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    if (answer.status !== 200) return null
    return new Set(((await answer.json()) as { saves: string[] }).saves)
  } catch {
    return null
  }
}
