/** What members of etcd say of themselves, and where that differs. */
import { describe, expect, it } from 'vitest'
import type { EtcdPlace } from '../../../harness/cluster/containers/etcd.ts'
import {
  type EtcdView,
  etcdDisagreements,
  hashIn,
  lookAtEtcd,
  standpointIn,
} from '../../../harness/cluster/containers/etcd-truth.ts'

const status = (leader: string, revision = 6, cluster = '14841639068965178418', term = 2) =>
  `[{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{"cluster_id":${cluster},"member_id":10276657743932975437,"revision":${revision},"raft_term":${term}},"version":"3.6.16","dbSize":20480,${leader === '' ? '' : `"leader":${leader},`}"raftIndex":10,"raftTerm":${term},"raftAppliedIndex":10}}]`
const hash = (value: number, compacted = 4) =>
  `[{"Endpoint":"https://127.0.0.1:2379","HashKV":{"header":{"revision":6},"hash":${value},"compact_revision":${compacted},"hash_revision":5}}]`
const leader = '10276657743932975437'
const members = `8e9e05c52164694d, started, cp-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
91bc3c398fb3c146, started, cp-2, https://10.0.0.2:2380, https://10.0.0.2:2379, false
`

describe("a member's own words", () => {
  it('keep ids that are longer than a number', () => {
    expect(standpointIn(status(leader))).toEqual({
      clusterId: 'cdf818194e3a8c32',
      leader: '8e9e05c52164694d',
      ...{ term: '2', revision: 6 },
    })
    expect(standpointIn(status(''))?.leader).toBe('0')
    expect(standpointIn('[]')).toBeNull()
  })

  it('give a hash with the revision up to which it was compacted', () => {
    expect(hashIn(hash(2038012010))).toEqual({ hash: '2038012010', compactedAt: '4' })
    expect(hashIn('null')).toBeNull()
  })
})

describe('views', () => {
  const view = (by: string, rest: Partial<EtcdView> = {}): EtcdView => ({
    ...{ by, clusterId: 'c', leader: 'l', term: '2', revision: 6, members: 'a, b' },
    ...rest,
  })

  it('agree', () => {
    expect(etcdDisagreements([view('cp-1'), view('cp-2', { revision: 7 })])).toEqual([])
  })

  it('differ in leader, term and members, each in a sentence', () => {
    const other = view('cp-3', { leader: 'm', term: '3', members: 'a' })
    expect(etcdDisagreements([view('cp-1'), view('cp-2'), other])).toEqual([
      'etcd: the leader differs: cp-1 and cp-2: l; cp-3: m',
      'etcd: the raft term differs: cp-1 and cp-2: 2; cp-3: 3',
      'etcd: the list of members differs: cp-1 and cp-2: a, b; cp-3: a',
    ])
  })

  it('of two clusters are that, and nothing more', () => {
    expect(etcdDisagreements([view('cp-1'), view('cp-2', { clusterId: 'd', term: '9' })])).toEqual([
      'etcd: the cluster differs: cp-1: c; cp-2: d',
    ])
  })

  it('without a leader or a quorum are no second truth', () => {
    const alone = view('cp-2', { leader: '0', members: null })
    expect(etcdDisagreements([view('cp-1'), alone])).toEqual([])
  })
})

describe('a look at etcd', () => {
  const nodes = ['cp-1', 'cp-2', 'worker'].map((name) => ({
    ...{ name, container: name, id: name, address: '' },
  }))
  type Answers = Record<string, { status?: string; hash?: string }>
  const placeOf = (answers: Answers, asked: string[] = []) =>
    ({
      distribution: { etcdctl: () => ['etcdctl'] },
      engine: {
        docker: async ([, container = '', , ...words]: string[]) => {
          asked.push(`${container} ${words.join(' ')}`)
          const own = answers[container]
          const answer = words.includes('hashkv')
            ? own?.hash
            : words.includes('member')
              ? members
              : own?.status
          if (!own || answer === undefined) throw new Error('connection refused')
          return answer
        },
      },
    }) as unknown as EtcdPlace

  it('finds one etcd of one mind, at the lowest revision of all', async () => {
    const asked: string[] = []
    const answers = {
      'cp-1': { status: status(leader, 9), hash: hash(1) },
      'cp-2': { status: status(leader, 8), hash: hash(1) },
    }
    expect(await lookAtEtcd(placeOf(answers, asked), nodes, ['cp-1', 'cp-2'])).toEqual({
      looked: [
        'etcd: cluster, leader, term and members as cp-1, cp-2 told them: leader 8e9e05c52164694d in term 2',
        'etcd: the hash at revision 8 as cp-1, cp-2 told it',
      ],
      found: [],
    })
    expect(asked).toContain(
      'cp-2 endpoint hashkv --rev 8 --write-out json --command-timeout 2s --dial-timeout 1s',
    )
  })

  it('finds different contents where the compaction is the same', async () => {
    const answers = {
      'cp-1': { status: status(leader), hash: hash(1) },
      'cp-2': { status: status(leader), hash: hash(2) },
    }
    const { found } = await lookAtEtcd(placeOf(answers), nodes, ['cp-1', 'cp-2'])
    expect(found).toEqual([
      'etcd: what is held at revision 6, by its hash, differs: cp-1: 1; cp-2: 2',
    ])
    const later = { ...answers, 'cp-2': { status: status(leader), hash: hash(2, 5) } }
    expect((await lookAtEtcd(placeOf(later), nodes, ['cp-1', 'cp-2'])).found).toEqual([])
  })

  it('names who is silent, and says nothing of a worker', async () => {
    const answers = { 'cp-1': { status: status(leader), hash: hash(1) } }
    const { looked, found } = await lookAtEtcd(placeOf(answers), nodes, ['cp-1', 'cp-2'])
    expect(looked[0]).toMatch(/in term 2; cp-2 did not answer$/)
    expect(looked.join()).not.toContain('worker')
    expect(found).toEqual([])
  })

  it('finds the etcd of another cluster on a node where none was expected', async () => {
    const answers = {
      'cp-1': { status: status(leader), hash: hash(1) },
      worker: { status: status('77', 6, '255'), hash: hash(1) },
    }
    const { found } = await lookAtEtcd(placeOf(answers), nodes, ['cp-1', 'cp-2'])
    expect(found).toEqual(['etcd: the cluster differs: cp-1: cdf818194e3a8c32; worker: ff'])
  })

  it('says that nobody answered, that none is leader, or that there is no etcdctl', async () => {
    expect(await lookAtEtcd(placeOf({}), nodes, ['cp-1'])).toEqual({
      looked: ['etcd: no member answered; cp-1 did not answer'],
      found: [],
    })
    const leaderless = { 'cp-1': { status: status(''), hash: hash(1) } }
    const { looked, found } = await lookAtEtcd(placeOf(leaderless), nodes, ['cp-1'])
    expect(looked).toContain('etcd: no leader is known to cp-1')
    expect(found).toEqual([])
    const place = { ...placeOf({}), distribution: { etcdctl: () => null } }
    expect(await lookAtEtcd(place as unknown as EtcdPlace, nodes, ['cp-1'])).toEqual({
      looked: ['etcd: not looked at, for the nodes have no etcdctl'],
      found: [],
    })
  })
})
