/**
 * etcd's own history of the write counter: every value that its key had, as far back as compaction
 * has left it, read from a control plane without the Kubernetes API. Null where the nodes have no
 * etcdctl or none answers. Bounded in time.
 */
import { counterName, namespace } from '../kubernetes/workload/namespaces.ts'
import type { Distribution } from './distribution.ts'
import type { Engine } from './engine.ts'
import type { OwnedNode } from './ownership.ts'

/** The counter's data at one revision; the empty record where it was not there. */
export type CounterData = Readonly<Record<string, string>>

/** Where Kubernetes keeps it (kube-apiserver --etcd-prefix, default /registry). */
export const counterKey = `/registry/configmaps/${namespace}/${counterName}`

/** A watch does not end by itself; the history comes within moments. */
const watchSeconds = 10
const limits = ['--command-timeout', '4s', '--dial-timeout', '2s']
/** The API server compacts every five minutes; once is likely, twice in a row is not. */
const triesMax = 3

export interface HistoryPlace {
  engine: Pick<Engine, 'docker' | 'follow'>
  distribution: Pick<Distribution, 'etcdctl'>
}

/** Oldest first; the last is what etcd holds now. The nodes are asked in turn. */
export async function readHistory(
  place: HistoryPlace,
  nodes: readonly OwnedNode[],
): Promise<CounterData[] | null> {
  for (const node of nodes) {
    try {
      const states = await historyFrom(place, node)
      if (states) return states
    } catch {
      // No etcd answers here; another may.
    }
  }
  return null
}

async function historyFrom(place: HistoryPlace, node: OwnedNode): Promise<CounterData[] | null> {
  const command = place.distribution.etcdctl(node)
  if (command === null) return null
  const get = async (...options: string[]) =>
    entryIn(
      await place.engine.docker([
        ...['exec', node.container, ...command, 'get', counterKey],
        ...[...options, '--write-out', 'json', ...limits],
      ]),
    )
  const now = await get()
  if (!now) return null
  let from = now.createdAt
  let base: Entry | null = null
  for (let tried = 0; tried < triesMax; tried += 1) {
    const watch = ['watch', counterKey, '--rev', String(from), '--write-out', 'json']
    const told = await listen(
      place,
      ['exec', node.container, 'timeout', String(watchSeconds), ...command, ...watch],
      now.changedAt,
    )
    if (told.compactedAt === null) {
      const entries = [...(base ? [base] : []), ...told.entries].filter(
        ({ changedAt }) => changedAt <= now.changedAt,
      )
      return unbroken(entries) && entries.at(-1)?.changedAt === now.changedAt
        ? entries.map(({ value }) => (value === null ? {} : dataIn(value)))
        : null
    }
    base = await get('--rev', String(told.compactedAt))
    from = told.compactedAt + 1
    if (base?.changedAt === now.changedAt) return [dataIn(base.value ?? Buffer.alloc(0))]
  }
  return null
}

/** The key at one revision. */
export interface Entry {
  createdAt: number
  changedAt: number
  /** Of changes since it was made; 0 where it was deleted. */
  version: number
  /** Null where it was deleted. */
  value: Buffer | null
}

/** No revision between the first and the last is missing, by etcd's own count. */
export function unbroken(entries: readonly Entry[]): boolean {
  return entries.every((entry, index) => {
    const before = entries[index - 1]
    return !before || entry.value === null || entry.version === before.version + 1
  })
}

interface RawEntry {
  create_revision?: number
  mod_revision?: number
  version?: number
  /** Base64. */
  value?: string
}

const entryOf = (raw: RawEntry, deleted = false): Entry => ({
  createdAt: raw.create_revision ?? 0,
  changedAt: raw.mod_revision ?? 0,
  version: raw.version ?? 0,
  value: deleted ? null : Buffer.from(raw.value ?? '', 'base64'),
})

/** What `etcdctl get --write-out json` tells of one key; null where it is not there. */
export function entryIn(answer: string): Entry | null {
  const [raw] = (JSON.parse(answer) as { kvs?: RawEntry[] }).kvs ?? []
  return raw ? entryOf(raw) : null
}

export interface Told {
  entries: Entry[]
  /** Where the asked-for beginning was compacted away: the oldest revision that is left. */
  compactedAt: number | null
}

/** What one line of `etcdctl watch --write-out json` tells; null where it is of another kind. */
export function toldIn(line: string): Told | null {
  if (!line.startsWith('{')) return null
  try {
    const told = JSON.parse(line) as {
      Events?: { type?: number; kv?: RawEntry }[]
      CompactRevision?: number
    }
    if (!Array.isArray(told.Events)) return null
    return {
      entries: told.Events.map(({ type, kv }) => entryOf(kv ?? {}, type === 1)),
      compactedAt: told.CompactRevision || null,
    }
  } catch {
    return null
  }
}

/** Listens until the revision `last` was told, or the beginning turns out to be compacted away. */
async function listen(
  { engine }: HistoryPlace,
  words: readonly string[],
  last: number,
): Promise<Told> {
  const child = engine.follow(words)
  const all: Told = { entries: [], compactedAt: null }
  for await (const line of child.iterable({ from: 'all' })) {
    const told = toldIn(line)
    if (!told) continue
    all.entries.push(...told.entries)
    all.compactedAt ??= told.compactedAt
    // Killed and read to its end: leaving the loop would wait for a process that has no more to say.
    if (told.compactedAt !== null || (all.entries.at(-1)?.changedAt ?? 0) >= last) child.kill()
  }
  await child
  return all
}

/** What Kubernetes writes before an object in its binary form. */
const binaryMark = 'k8s\0'

/**
 * `data` of a ConfigMap as etcd holds it: Kubernetes' binary form (a runtime.Unknown of apimachinery
 * around the object, generated.proto of both), or JSON.
 */
export function dataIn(value: Buffer): CounterData {
  if (value.subarray(0, binaryMark.length).toString('latin1') !== binaryMark) {
    return (JSON.parse(value.toString('utf8')) as { data?: CounterData }).data ?? {}
  }
  const object = fieldsIn(value.subarray(binaryMark.length)).find(({ field }) => field === 2)
  const pairs = fieldsIn(object?.bytes ?? Buffer.alloc(0)).filter(({ field }) => field === 2)
  return Object.fromEntries(
    pairs.map(({ bytes }) => {
      const parts = fieldsIn(bytes)
      const text = (wanted: number) =>
        parts.find(({ field }) => field === wanted)?.bytes.toString('utf8') ?? ''
      return [text(1), text(2)]
    }),
  )
}

interface Field {
  field: number
  bytes: Buffer
}

/** The fields of a protocol buffer that hold bytes; numbers are passed over. Throws where torn. */
function fieldsIn(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at]
      if (byte === undefined) throw new Error('a torn protocol buffer')
      at += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        varint()
        break
      case 1:
        at += 8
        break
      case 2: {
        const length = varint()
        if (at + length > bytes.length) throw new Error('a torn protocol buffer')
        fields.push({ field, bytes: bytes.subarray(at, at + length) })
        at += length
        break
      }
      case 5:
        at += 4
        break
      default:
        throw new Error('not a protocol buffer of Kubernetes')
    }
  }
  return fields
}
