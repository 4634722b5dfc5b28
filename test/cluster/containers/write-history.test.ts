/** The counter's history out of etcdctl's own lines: whole, cut off by compaction, torn, or untold. */
import { describe, expect, it } from 'vitest'
import {
  counterKey,
  dataIn,
  entryIn,
  type HistoryPlace,
  readHistory,
  toldIn,
  unbroken,
} from '../../../harness/cluster/containers/write-history.ts'

/** A field of bytes as a protocol buffer writes it. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80)
    if (rest < 0x80) break
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}

/** A ConfigMap as kube-apiserver stores it, with metadata longer than a byte can count. */
function stored(data: Record<string, string>): Buffer {
  const managed = 'f:data '.repeat(40)
  const metadata = field(1, Buffer.concat([field(1, 'counter'), field(17, managed)]))
  const pairs = Object.entries(data).map(([key, value]) =>
    field(2, Buffer.concat([field(1, key), field(2, value)])),
  )
  const immutable = Buffer.from([(4 << 3) | 0, 0])
  const object = Buffer.concat([metadata, ...pairs, immutable])
  const type = Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')])
  return Buffer.concat([
    Buffer.from('k8s\0', 'latin1'),
    ...[field(1, type), field(2, object), field(3, ''), field(4, '')],
  ])
}

interface Revision {
  at: number
  version: number
  /** Null where it was deleted. */
  data: Record<string, string> | null
}

const kv = ({ at, version, data }: Revision, created: number) =>
  data === null
    ? { type: 1, kv: { key: 'L2s=', mod_revision: at } }
    : {
        kv: {
          ...{ key: 'L2s=', create_revision: created, mod_revision: at, version },
          value: stored(data).toString('base64'),
        },
      }

/** An etcd that holds these revisions of the counter and has compacted those before `compacted`. */
function etcd(revisions: readonly Revision[], compacted = 0, tears = false) {
  const created = revisions[0]?.at ?? 0
  const asked: string[] = []
  const get = (words: string): string => {
    const at = Number(/--rev (\d+)/.exec(words)?.[1] ?? Number.POSITIVE_INFINITY)
    const last = revisions.findLast((revision) => revision.at <= at)
    const kvs = last?.data ? [kv(last, created).kv] : []
    return JSON.stringify({ header: { cluster_id: 1, revision: 99 }, kvs })
  }
  const watch = (words: string): string[] => {
    const from = Number(/--rev (\d+)/.exec(words)?.[1])
    const rest = { Canceled: false, Created: false }
    if (from < compacted) {
      const told = { Header: {}, Events: [], CompactRevision: compacted, ...rest, Canceled: true }
      return ['watch was canceled (compacted)', JSON.stringify(told)]
    }
    const events = revisions
      .filter(({ at }, index) => at >= from && !(tears && index === revisions.length - 2))
      .map((revision) => kv(revision, created))
    // Two lines, as etcd may cut a long answer.
    return [events.slice(0, 2), events.slice(2)]
      .filter((some) => some.length > 0)
      .map((some) => JSON.stringify({ Header: {}, Events: some, CompactRevision: 0, ...rest }))
  }
  const place = {
    distribution: { etcdctl: () => ['etcdctl'] },
    engine: {
      docker: async (args: readonly string[]) => {
        asked.push(args.join(' '))
        if (args[1] === 'gone') throw new Error('no such container')
        return get(args.join(' '))
      },
      follow: (args: readonly string[]) => {
        asked.push(args.join(' '))
        const lines = watch(args.join(' '))
        const ended = Promise.resolve({})
        return Object.assign(ended, {
          kill: () => true,
          iterable: async function* () {
            yield* lines
          },
        })
      },
    },
  } as unknown as HistoryPlace
  return { place, asked }
}

const node = (container: string) => ({ name: container, container, id: container, address: '' })
const at = (revision: number, version: number, number: string): Revision => ({
  ...{ at: revision, version },
  data: number === '' ? {} : { 'api-write': number },
})
const numbersOf = (states: readonly Readonly<Record<string, string>>[] | null) =>
  states?.map((data) => data['api-write'] ?? '-')

describe('a history', () => {
  const revisions = [at(5, 1, ''), at(8, 2, '1'), at(9, 3, '3'), at(14, 4, '2')]

  it('is told from the beginning of the key to what it holds now', async () => {
    const { place, asked } = etcd(revisions)
    expect(numbersOf(await readHistory(place, [node('cp-1')]))).toEqual(['-', '1', '3', '2'])
    expect(asked[1]).toBe(
      `exec cp-1 timeout 10 etcdctl watch ${counterKey} --rev 5 --write-out json`,
    )
  })

  it('begins with what was held at the compaction', async () => {
    const { place } = etcd(revisions, 8)
    expect(numbersOf(await readHistory(place, [node('cp-1')]))).toEqual(['1', '3', '2'])
  })

  it('is one state where nothing changed since the compaction', async () => {
    const { place } = etcd(revisions, 20)
    expect(numbersOf(await readHistory(place, [node('cp-1')]))).toEqual(['2'])
  })

  it('is none where a revision is missing in between', async () => {
    const { place } = etcd(revisions, 0, true)
    expect(await readHistory(place, [node('cp-1')])).toBeNull()
  })

  it('is asked of the next node where one is gone', async () => {
    const { place } = etcd(revisions)
    expect(await readHistory(place, [node('gone'), node('cp-2')])).toHaveLength(4)
    expect(await readHistory(place, [node('gone')])).toBeNull()
  })

  it('is none where there is no counter, or no etcdctl', async () => {
    expect(await readHistory(etcd([]).place, [node('cp-1')])).toBeNull()
    const { place } = etcd(revisions)
    const without = { ...place, distribution: { etcdctl: () => null } }
    expect(await readHistory(without, [node('cp-1')])).toBeNull()
  })

  it('is unbroken over a deletion', () => {
    const entry = (version: number, deleted = false) => ({
      ...{ createdAt: 1, changedAt: 1, version: deleted ? 0 : version },
      value: deleted ? null : Buffer.alloc(0),
    })
    expect(unbroken([entry(7), entry(8), entry(0, true), entry(1)])).toBe(true)
    expect(unbroken([entry(7), entry(9)])).toBe(false)
  })
})

describe("etcdctl's lines", () => {
  it('tell of one key, or that it is not there', () => {
    const answer =
      '{"header":{"cluster_id":14841639068965178418,"revision":6},"kvs":[{"key":"L2s=","create_revision":2,"mod_revision":6,"version":5,"value":"djU="}],"count":1}'
    expect(entryIn(answer)).toEqual({
      ...{ createdAt: 2, changedAt: 6, version: 5 },
      value: Buffer.from('v5'),
    })
    expect(entryIn('{"header":{"revision":6}}')).toBeNull()
  })

  it('tell of changes, deletions and of what was compacted', () => {
    const changes =
      '{"Header":{"revision":7},"Events":[{"kv":{"key":"L2s=","create_revision":2,"mod_revision":6,"version":5,"value":"djU="}},{"type":1,"kv":{"key":"L2s=","mod_revision":7}}],"CompactRevision":0,"Canceled":false,"Created":false}'
    expect(toldIn(changes)?.entries.map(({ value }) => value?.toString() ?? null)).toEqual([
      'v5',
      null,
    ])
    const compacted =
      '{"Header":{"raft_term":2},"Events":[],"CompactRevision":4,"Canceled":true,"Created":false}'
    expect(toldIn(compacted)).toEqual({ entries: [], compactedAt: 4 })
  })

  it('are passed over where they are none', () => {
    expect(toldIn('Error: watch is canceled by the server')).toBeNull()
    expect(toldIn('{"level":"warn","msg":"retrying"}')).toBeNull()
    expect(toldIn('{"Events":')).toBeNull()
  })
})

describe('a ConfigMap as etcd holds it', () => {
  it('gives its data, in binary and as JSON', () => {
    const data = { 'api-write': '1234', other: 'x'.repeat(200) }
    expect(dataIn(stored(data))).toEqual(data)
    expect(dataIn(stored({}))).toEqual({})
    expect(dataIn(Buffer.from('{"kind":"ConfigMap","data":{"a":"1"}}'))).toEqual({ a: '1' })
    expect(dataIn(Buffer.from('{"kind":"ConfigMap"}'))).toEqual({})
  })

  it('is refused where it is torn or encrypted', () => {
    expect(() => dataIn(stored({ a: '1' }).subarray(0, 40))).toThrow('torn')
    expect(() => dataIn(Buffer.from('k8s:enc:aescbc:v1:key1:…'))).toThrow()
  })
})
