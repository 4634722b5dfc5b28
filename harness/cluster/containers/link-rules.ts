/**
 * What a fault of a link puts into a node and takes out of it again, as text: packet filter rules
 * that drop frames where they arrive, by the hardware address of who sent them, and a queue that
 * holds back what leaves. Hardware addresses, because packets of pods travel between nodes under
 * the pods' own addresses. Pure; refuses nothing, `links.ts` has checked everything.
 */

/** What is done to the frames from one site that arrive at a node of the other. */
export type Filter =
  | { kind: 'drop-all' }
  /**
   * Direct answers to address requests pass, for without them the other direction would fall
   * silent too: its nodes would no longer know where to send. Announcements do not pass.
   */
  | { kind: 'drop-one-way' }
  /** Address resolution is spared, so that the share is that of the packets. */
  | { kind: 'drop-share'; percent: number }
  /** Nothing is dropped; the table says that the queue is there, and counts. */
  | { kind: 'count' }

/** The interface of every node container on the drills' network. */
export const linkInterface = 'eth0'

/** Every link has a table of its own, so that two faulty links do not undo each other. */
export const tableOf = (link: string): string => `clusterdrill-link/${link}`

/** Site names that can stand in a table's name. */
export const siteNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Before anything that a bridge or the kernel's own connection tracking could see. */
const priority = -500

/** The chain whose presence says that this node has the queue of `delayScript`. */
const delayChain = 'delayed'

/**
 * Input for `nft --file -`: in one transaction the table of this link is there, with these rules
 * alone, whatever was there before.
 */
export function rulesetOf(link: string, filter: Filter, macs: readonly string[]): string {
  const table = tableOf(link)
  const from = `ether saddr { ${macs.join(', ')} }`
  return `add table netdev ${table}
delete table netdev ${table}
table netdev ${table} {
  chain ${filter.kind === 'count' ? delayChain : 'in'} {
    type filter hook ingress device ${linkInterface} priority ${priority};
${rulesOf(filter, from)
  .map((rule) => `    ${rule}\n`)
  .join('')}  }
}
`
}

function rulesOf(filter: Filter, from: string): string[] {
  switch (filter.kind) {
    case 'drop-all':
      return [`${from} counter drop`]
    case 'drop-one-way':
      return [
        `${from} ether daddr != ff:ff:ff:ff:ff:ff arp operation reply accept`,
        `${from} counter drop`,
      ]
    case 'drop-share':
      return [`ether type != arp ${from} numgen random mod 100 < ${filter.percent} counter drop`]
    case 'count':
      return [`${from} counter`]
  }
}

/** Frames that a table of ours has counted, from `nft list table`; null where there is no table. */
export function countedFrames(listing: string): number | null {
  const counters = [...listing.matchAll(/\bcounter packets (\d+) bytes \d+/g)]
  if (counters.length === 0) return null
  return counters.reduce((sum, [, packets]) => sum + Number(packets), 0)
}

/** Packets that may wait in the queue at once: a tenth of a second at a million a second. */
const queueLimit = 100_000

/**
 * Shell commands that hold back every frame to these hardware addresses by `delayMs`, and no other.
 * All else takes the second band of the root queue.
 */
export function delayScript(device: string, delayMs: number, macs: readonly string[]): string {
  return [
    `tc qdisc add dev ${device} root handle cd0: prio bands 2 priomap${' 1'.repeat(16)}`,
    `tc qdisc add dev ${device} parent cd0:1 handle cd1: netem delay ${delayMs}ms limit ${queueLimit}`,
    ...macs.map(
      (mac) =>
        `tc filter add dev ${device} parent cd0: protocol all u32 match ether dst ${mac} flowid cd0:1`,
    ),
  ].join(' &&\n')
}

/**
 * Says `ok`, or why no packet can be held back here. Tried, as the next, in a network of its own
 * that ends with the command, so that nothing of the node is touched.
 */
export const netemTrial = saying('unshare --net tc qdisc add dev lo root netem delay 1ms')

/** Says `ok`, or why packets to these addresses alone cannot be held back here. */
export const delayTrial = (delayMs: number, macs: readonly string[]): string =>
  saying(`unshare --net sh -c '${delayScript('lo', delayMs, macs)}'`)

/** Says `ok`, or why the ruleset on its input would be refused; changes nothing. */
export const rulesetTrial = saying('nft --check --file -')

function saying(command: string): string {
  return `if said=$(${command} 2>&1); then echo ok; else echo "$said"; fi`
}

/** Names the commands that are missing of those given as arguments. */
export const missingCommands = 'for name; do command -v "$name" >/dev/null || echo "$name"; done'

/** Takes the table's name; says `removed`, or `absent` where there was nothing of this link. */
export const removalScript = `set -e
tables=$(nft list tables netdev)
if ! echo "$tables" | grep -qxF "table netdev $1"; then echo absent; exit; fi
if nft list chain netdev "$1" ${delayChain} >/dev/null 2>&1 &&
  tc qdisc show dev ${linkInterface} | grep -q ' cd0: root'
then tc qdisc del dev ${linkInterface} root; fi
nft delete table netdev "$1"
echo removed`
