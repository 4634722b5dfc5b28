/** Rounds of an observer as owners: what one round may say, and what takes two. */
import { describe, expect, it } from 'vitest'
import {
  ArpOwners,
  parseObserverLine,
  troubleText,
} from '../../../harness/cluster/containers/arp-owners.ts'

type Told = [atMs: number, owners: string]

/** Rounds as `[atMs, owners]` → changes as `[atMs, now, before, lastedMs]`. */
function changesOf(rounds: readonly Told[]) {
  const owners = new ArpOwners()
  return rounds.flatMap(([atMs, answered]) =>
    owners
      .take(atMs, answered === '' ? [] : answered.split(' '))
      .map(({ now, before }) => [
        now.fromMs,
        now.owners.join(' '),
        ...(before ? [before.owners.join(' '), before.lastedMs] : []),
      ]),
  )
}

describe('one owner', () => {
  it('counts at once, dated at the round that showed it', () => {
    expect(
      changesOf([
        [0, 'a'],
        [1_000, 'a'],
        [1_300, 'b'],
        [2_300, 'b'],
        [2_400, 'a'],
      ]),
    ).toEqual([
      [0, 'a'],
      [1_300, 'b', 'a', 1_300],
      [2_400, 'a', 'b', 1_100],
    ])
  })
})

describe('nobody', () => {
  it('is not made by one round without a reply', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, ''],
        [600, 'a'],
        [1_600, 'a'],
        [1_700, ''],
        [1_800, 'b'],
      ]),
    ).toEqual([
      [0, 'a'],
      [1_800, 'b', 'a', 1_800],
    ])
  })

  it('is made by two, dated at the first', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, ''],
        [600, ''],
        [4_700, 'b'],
      ]),
    ).toEqual([
      [0, 'a'],
      [500, '', 'a', 500],
      [4_700, 'b', '', 4_200],
    ])
  })

  it('is made by one line that stood for many rounds, told only when they were over', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, ''],
        [900, 'a'],
      ]),
    ).toEqual([
      [0, 'a'],
      [500, '', 'a', 500],
      [900, 'a', '', 400],
    ])
  })

  it('is not made by one round whose next came a little late', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, ''],
        [649, 'a'],
      ]),
    ).toEqual([[0, 'a']])
  })

  it('can be the first that is known', () => {
    expect(
      changesOf([
        [0, ''],
        [1_000, ''],
        [2_000, ''],
        [2_200, 'a'],
      ]),
    ).toEqual([
      [0, ''],
      [2_200, 'a', '', 2_200],
    ])
  })
})

describe('two owners', () => {
  it('are not made by a handover within one round', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, 'a b'],
        [600, 'b'],
      ]),
    ).toEqual([
      [0, 'a'],
      [600, 'b', 'a', 600],
    ])
  })

  it('are made by two rounds with the same two, in whatever order they answer', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, 'b a'],
        [600, 'a b'],
        [900, 'b'],
      ]),
    ).toEqual([
      [0, 'a'],
      [500, 'a b', 'a', 500],
      [900, 'b', 'a b', 400],
    ])
  })

  it('are not made by nobody in one round and two in the next', () => {
    expect(
      changesOf([
        [0, 'a'],
        [500, ''],
        [600, 'a b'],
        [700, 'a'],
      ]),
    ).toEqual([[0, 'a']])
  })
})

it('counts a node once that answers with two Ethernet addresses', () => {
  expect(
    changesOf([
      [0, 'a a'],
      [100, 'a'],
    ]),
  ).toEqual([[0, 'a']])
})

it('knows nothing before two rounds agree that nobody answers', () => {
  const owners = new ArpOwners()
  owners.take(0, [])
  expect(owners.now).toBeNull()
  owners.take(100, [])
  expect(owners.now).toEqual({ owners: [], fromMs: 0 })
})

describe('a note', () => {
  it.each([
    [[], 4_200, 'nobody answered for 172.28.255.1 for 4.2 s'],
    [['a', 'b'], 400, 'a and b both answered for 172.28.255.1 for 400 ms'],
    [['a', 'b', 'c'], 2_000, 'a, b and c all answered for 172.28.255.1 for 2 s'],
    [['a'], 9_000, null],
  ])('of %j for %d ms', (owners, lastedMs, text) => {
    expect(troubleText('172.28.255.1', owners, lastedMs)).toBe(text)
  })
})

describe('a line of the observer', () => {
  it.each([
    [
      '{"at":1763683200000.125,"macs":["02:42:ac:1c:00:03"]}',
      { kind: 'answered', epochMs: 1_763_683_200_000.125, macs: ['02:42:ac:1c:00:03'] },
    ],
    ['{"at":1,"macs":[]}', { kind: 'answered', epochMs: 1, macs: [] }],
    [
      '{"at":2,"announced":"02:42:ac:1c:00:03"}',
      { kind: 'announced', epochMs: 2, mac: '02:42:ac:1c:00:03' },
    ],
    ['raw socket: operation not permitted', null],
    ['{"macs":[]}', null],
    ['{"at":3}', null],
    ['null', null],
  ])('%j', (line, read) => {
    expect(parseObserverLine(line)).toEqual(read)
  })
})
