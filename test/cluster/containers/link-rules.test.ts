/** The text of rules and queues, and the counters read from them. */
import { expect, it } from 'vitest'
import {
  countedFrames,
  delayScript,
  delayTrial,
  type Filter,
  rulesetOf,
} from '../../../harness/cluster/containers/link-rules.ts'

const macs = ['02:42:ac:1c:00:02', '02:42:ac:1c:00:03']

it('makes the table anew, whatever was there', () => {
  expect(rulesetOf('site-a/site-b', { kind: 'drop-all' }, macs)).toBe(
    `add table netdev clusterdrill-link/site-a/site-b
delete table netdev clusterdrill-link/site-a/site-b
table netdev clusterdrill-link/site-a/site-b {
  chain in {
    type filter hook ingress device eth0 priority -500;
    ether saddr { 02:42:ac:1c:00:02, 02:42:ac:1c:00:03 } counter drop
  }
}
`,
  )
})

const rules = (filter: Filter) =>
  rulesetOf('a/b', filter, ['02:42:ac:1c:00:02'])
    .split('\n')
    .filter((line) => line.includes('ether'))
    .map((line) => line.trim())

it('lets answers to address requests through a cut of one way, and no announcement', () => {
  expect(rules({ kind: 'drop-one-way' })).toEqual([
    'ether saddr { 02:42:ac:1c:00:02 } ether daddr != ff:ff:ff:ff:ff:ff arp operation reply accept',
    'ether saddr { 02:42:ac:1c:00:02 } counter drop',
  ])
})

it('drops a share of the packets, and counts where it drops nothing', () => {
  expect(rules({ kind: 'drop-share', percent: 30 })).toEqual([
    'ether type != arp ether saddr { 02:42:ac:1c:00:02 } numgen random mod 100 < 30 counter drop',
  ])
  expect(rules({ kind: 'count' })).toEqual(['ether saddr { 02:42:ac:1c:00:02 } counter'])
  expect(rulesetOf('a/b', { kind: 'count' }, macs)).toContain('chain delayed {')
})

it('holds back what goes to the other site, and nothing else', () => {
  expect(delayScript('eth0', 150, macs)).toBe(
    `tc qdisc add dev eth0 root handle cd0: prio bands 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 &&
tc qdisc add dev eth0 parent cd0:1 handle cd1: netem delay 150ms limit 100000 &&
tc filter add dev eth0 parent cd0: protocol all u32 match ether dst 02:42:ac:1c:00:02 flowid cd0:1 &&
tc filter add dev eth0 parent cd0: protocol all u32 match ether dst 02:42:ac:1c:00:03 flowid cd0:1`,
  )
  expect(delayTrial(150, macs)).toMatch(/unshare --net sh -c 'tc qdisc add dev lo root /)
})

it('adds up the counters of a table', () => {
  const listing = `table netdev clusterdrill-link/site-a/site-b {
	chain in {
		type filter hook ingress device "eth0" priority -500; policy accept;
		ether saddr { 02:42:ac:13:00:02, 02:42:ac:13:00:03 } counter packets 33 bytes 2268 drop
	}
}
`
  expect(countedFrames(listing)).toBe(33)
  expect(countedFrames(`${listing}${listing.replace('33', '9')}`)).toBe(42)
  expect(countedFrames('Icmp: InMsgs InErrors\nIcmp: 3 0\n')).toBeNull()
})
