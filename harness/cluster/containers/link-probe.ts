/**
 * The proof for a fault of a link, which has no part in how it is made: echoes are sent from every
 * node of one site to every node of the other, both ways at once, and what counts is how many
 * *requests* the receiving kernel says it got. So a cut one way shows the direction that is lost,
 * although no answer comes back in either. What a look says is decided here too; pure but for
 * `probeLink`.
 */
import type { FaultPlan } from '../../model/scenario.ts'
import type { Evidence } from '../port.ts'
import type { Engine } from './engine.ts'
import { countedFrames, tableOf } from './link-rules.ts'

export interface LinkNode {
  /** Topology name. */
  name: string
  container: string
  address: string
  mac: string
}

export interface LinkEnd {
  site: string
  nodes: readonly LinkNode[]
}

/** From the first site named to the second. */
export interface Link {
  /** `SITE/SITE` */
  name: string
  from: LinkEnd
  to: LinkEnd
}

/** Echoes that each node sends to each of the other site: `streams` times `count`, side by side. */
export interface Volley {
  streams: number
  count: number
  intervalMs: number
  /** How long the last answer is waited for; whole seconds. */
  waitS: number
}

export interface Direction {
  /** Echoes that should have been sent, and those that were. */
  planned: number
  sent: number
  /** By the counters of the receiving nodes. */
  arrived: number
  /** The shortest of all round trips; null when no answer came. */
  roundTripMs: number | null
  /** Frames that the rules at the receiving end have counted; null where no node has rules. */
  counted: number | null
}

export interface Crossing {
  there: Direction
  back: Direction
}

/** Echoes 10 ms apart are as fast as `ping` sends when no answers come; so many take two seconds. */
const streamMost = 200

/**
 * Three echoes 200 ms apart; for a loss so many that ten of the rarer kind are expected, lost or
 * arrived, and a hundred at least, shared among the pairs of nodes.
 */
export function volleyFor(fault: FaultPlan, pairs: number): Volley {
  const waitS = 1 + Math.ceil((2 * (fault.delayMs ?? 0)) / 1_000)
  if (fault.kind !== 'network.loss') return { streams: 1, count: 3, intervalMs: 200, waitS }
  const percent = fault.lossPercent ?? 0
  const rarer = Math.max(1, Math.min(percent, 100 - percent))
  const each = Math.ceil(Math.max(100, 1_000 / rarer) / pairs)
  const streams = Math.ceil(each / streamMost)
  return { streams, count: Math.ceil(each / streams), intervalMs: 10, waitS }
}

export async function probeLink(
  engine: Pick<Engine, 'docker'>,
  link: Link,
  volley: Volley,
): Promise<Crossing> {
  const nodes = [...link.from.nodes, ...link.to.nodes]
  const read = async () =>
    new Map(
      await Promise.all(
        nodes.map(async ({ container }) => {
          const script = 'cat /proc/net/snmp; nft list table netdev "$1" 2>/dev/null || true'
          const text = await engine.docker(inNode(container, script, tableOf(link.name)))
          return [container, { echoes: echoRequests(text), counted: countedFrames(text) }] as const
        }),
      ),
    )
  const before = await read()
  const [there, back] = await Promise.all([
    sendAll(engine, link.from, link.to, volley),
    sendAll(engine, link.to, link.from, volley),
  ])
  const after = await read()
  const direction = (said: readonly string[], from: LinkEnd, to: LinkEnd): Direction => {
    const counted = to.nodes.flatMap(({ container }) => after.get(container)?.counted ?? [])
    const gained = to.nodes.map(
      ({ container }) => (after.get(container)?.echoes ?? 0) - (before.get(container)?.echoes ?? 0),
    )
    const pings = said.map(pingsOf)
    const roundTrips = pings.flatMap(({ roundTripsMs }) => roundTripsMs)
    return {
      planned: from.nodes.length * to.nodes.length * volley.streams * volley.count,
      sent: sum(pings.map(({ sent }) => sent)),
      arrived: sum(gained),
      roundTripMs: roundTrips.length > 0 ? Math.min(...roundTrips) : null,
      counted: counted.length > 0 ? sum(counted) : null,
    }
  }
  return {
    there: direction(there, link.from, link.to),
    back: direction(back, link.to, link.from),
  }
}

/** Takes deadline, count, interval and wait in seconds, then addresses. Ends by itself. */
const sendScript = `deadline=$1 count=$2 interval=$3 wait=$4
shift 4
for address; do timeout "$deadline" ping -n -q -c "$count" -i "$interval" -W "$wait" "$address" & done
wait`

async function sendAll(
  engine: Pick<Engine, 'docker'>,
  from: LinkEnd,
  to: LinkEnd,
  { streams, count, intervalMs, waitS }: Volley,
): Promise<string[]> {
  const deadlineS = Math.ceil((count * intervalMs) / 1_000) + waitS + 5
  const numbers = [deadlineS, count, intervalMs / 1_000, waitS].map(String)
  const addresses = to.nodes.flatMap(({ address }) => Array<string>(streams).fill(address))
  return await Promise.all(
    from.nodes.map(
      async ({ container }) =>
        await engine.docker(inNode(container, sendScript, ...numbers, ...addresses)),
    ),
  )
}

/** Arguments of `docker` for a shell script with its own arguments in a node. */
export const inNode = (container: string, script: string, ...args: readonly string[]): string[] => [
  ...['exec', container, 'sh', '-c', script, 'sh'],
  ...args,
]

/** ICMP echo requests that this kernel has received, from `/proc/net/snmp`. */
export function echoRequests(snmp: string): number {
  const [names, values] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.trim().split(/\s+/))
  const value = Number(values?.[names?.indexOf('InEchos') ?? -1])
  if (!Number.isInteger(value)) throw new Error('/proc/net/snmp holds no Icmp InEchos')
  return value
}

/** Echoes sent and the shortest round trip of each `ping`, in the words of iputils and of busybox. */
export function pingsOf(output: string): { sent: number; roundTripsMs: number[] } {
  const numbers = (pattern: RegExp) => [...output.matchAll(pattern)].map(([, text]) => Number(text))
  return {
    sent: sum(numbers(/^(\d+) packets transmitted/gm)),
    roundTripsMs: numbers(/^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = ([\d.]+)\//gm),
  }
}

/** `well`: all arrived both ways. `broken`: exactly what the fault is to do. Else `unclear`. */
export function judgeLink(
  fault: FaultPlan,
  link: { from: { site: string }; to: { site: string } },
  { there, back }: Crossing,
): Evidence {
  const both = (holds: (direction: Direction) => boolean) => holds(there) && holds(back)
  const { kind, delayMs = 0, lossPercent = 0 } = fault
  const delayed = kind === 'network.delay'
  const well = both((way) => whole(way) && (!delayed || isSwifterThan(way, delayMs)))
  const broken =
    kind === 'network.cut-one-way'
      ? silent(there) && whole(back)
      : kind === 'network.loss'
        ? both((way) => losesAbout(way, lossPercent))
        : delayed
          ? both((way) => whole(way) && isLateBy(way, delayMs))
          : both(silent)
  const { from, to } = link
  const parts = [
    `${from.site} → ${to.site}: ${wordsFor(kind, there)}`,
    `${to.site} → ${from.site}: ${wordsFor(kind, back)}`,
    ...rulesSay(delayed ? 'counted' : 'dropped', to.site, there.counted),
    ...rulesSay(delayed ? 'counted' : 'dropped', from.site, back.counted),
  ]
  return { state: well ? 'well' : broken ? 'broken' : 'unclear', text: parts.join('; ') }
}

const whole = ({ planned, sent, arrived }: Direction) => sent === planned && arrived === planned
const silent = ({ planned, sent, arrived }: Direction) => sent === planned && arrived === 0

/** Within four standard deviations of a binomial distribution, and neither none nor all. */
function losesAbout({ planned, sent, arrived }: Direction, percent: number): boolean {
  const share = percent / 100
  const lost = planned - arrived
  const deviation = Math.sqrt(planned * share * (1 - share))
  const near = Math.abs(lost - planned * share) <= 4 * deviation
  return sent === planned && lost > 0 && arrived > 0 && near
}

const isSwifterThan = ({ roundTripMs }: Direction, delayMs: number): boolean =>
  roundTripMs !== null && roundTripMs < delayMs

/** Each packet waits once on its way there and its answer once on the way back. */
function isLateBy({ roundTripMs }: Direction, delayMs: number): boolean {
  if (roundTripMs === null) return false
  return roundTripMs >= 1.9 * delayMs && roundTripMs <= 2 * delayMs + 50
}

function wordsFor(kind: FaultPlan['kind'], way: Direction): string {
  const { planned, sent, arrived, roundTripMs } = way
  if (sent !== planned) return `only ${sent} of ${planned} sent`
  const arrivals = `${arrived} of ${planned} arrived`
  if (kind === 'network.loss') {
    return `${arrivals}, ${Math.round((100 * (planned - arrived)) / planned)} % lost`
  }
  if (kind !== 'network.delay') return arrivals
  return `${arrivals}, ${roundTripMs === null ? 'none answered' : `round trip ${roundTripMs} ms`}`
}

const rulesSay = (did: string, site: string, frames: number | null): string[] =>
  frames === null ? [] : [`rules in ${site} ${did} ${frames} frames`]

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
