/** Members and the leader of etcd, by the words of its own client. */
import { describe, expect, it } from 'vitest'
import type { Distribution } from '../../../harness/cluster/containers/distribution.ts'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import { etcdLeader, membersIn, statusIn } from '../../../harness/cluster/containers/etcd.ts'

/** Two ids that are one number once JSON has read them. */
const [one, two] = ['9372538179322589801', '9372538179322589802']

/** As etcdctl 3.6 writes it for one endpoint. */
const status = (member: string, leader: string | null, term = 3) =>
  `[{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{"cluster_id":14841639068965178418,"member_id":${member},"revision":1203,"raft_term":${term}},"version":"3.6.16","dbSize":3506176,${leader === null ? '' : `"leader":${leader},`}"raftIndex":1511,"raftTerm":${term},"raftAppliedIndex":1511,"dbSizeInUse":1130496,"storageVersion":"3.6.0"}}]`

describe('the status of a member', () => {
  it('keeps every digit of an id', () => {
    expect(Number(one)).toBe(Number(two))
    expect(statusIn(status(one, two))).toEqual({ member: one, leader: two, term: 3 })
  })

  it.each([
    ['that knows no leader', status(one, null)],
    ['that says there is none', status(one, '0')],
  ])('%s', (_, answer) => {
    expect(statusIn(answer)).toEqual({ member: one, leader: null, term: 3 })
  })

  it('is none where nothing was said', () => {
    expect(statusIn('')).toBeNull()
    expect(statusIn('{"error":"context deadline exceeded"}')).toBeNull()
  })
})

const nodes = ['cp-1', 'cp-2', 'cp-3'].map((name) => ({
  ...{ name, container: `c-${name}`, id: name, address: '10.0.0.1' },
}))

function placeWhere(said: Record<string, string>, etcdctl: readonly string[] | null = ['etcdctl']) {
  const engine = {
    docker: async ([, container = '', ...words]: readonly string[]) => {
      expect(words).toEqual(['etcdctl', 'endpoint', 'status', '--write-out', 'json'])
      const answer = said[container]
      if (answer === undefined) throw new Error(`container ${container} is not running`)
      return answer
    },
  } as unknown as Engine
  return { engine, distribution: { etcdctl: () => etcdctl } as unknown as Distribution }
}

describe('the leader', () => {
  it('is whose member says that it leads, though the first node is down', async () => {
    const said = { 'c-cp-2': status(one, two), 'c-cp-3': status(two, two) }
    expect(await etcdLeader(placeWhere(said), nodes)).toBe(nodes[2])
  })

  it('is the one of the later term where one that was cut off still thinks it leads', async () => {
    const said = {
      'c-cp-1': status('7', '7', 3),
      'c-cp-2': status(one, one, 4),
      'c-cp-3': status(two, one, 4),
    }
    expect(await etcdLeader(placeWhere(said), nodes)).toBe(nodes[1])
  })

  it('is nobody while they elect, or where nobody answers', async () => {
    expect(await etcdLeader(placeWhere({ 'c-cp-1': status(one, null) }), nodes)).toBeNull()
    expect(await etcdLeader(placeWhere({}), nodes)).toBeNull()
  })

  it('cannot be known where the nodes have no etcdctl', async () => {
    await expect(etcdLeader(placeWhere({}, null), nodes)).rejects.toMatchObject({
      what: 'the node cp-1 has no etcdctl',
      exitCode: 2,
    })
  })
})

it('members are told by name, state and kind', () => {
  const table = `8e9e05c52164694d, started, cp-1, https://10.0.0.1:2380, https://10.0.0.1:2379, false
91bc3c398fb3c146, unstarted, , https://10.0.0.2:2380, , true
`
  expect(membersIn(table)).toEqual([
    {
      ...{ id: '8e9e05c52164694d', name: 'cp-1', started: true, learner: false },
      peerUrl: 'https://10.0.0.1:2380',
    },
    {
      ...{ id: '91bc3c398fb3c146', name: '', started: false, learner: true },
      peerUrl: 'https://10.0.0.2:2380',
    },
  ])
})
