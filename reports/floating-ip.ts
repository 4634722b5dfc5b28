/**
 * What a run says of the floating IP: who held it when the fault came, who later, how long nobody
 * or several answered for it, and which program shared it. Taken from the record's tenures alone;
 * where nobody watched, that is said, and no holder is guessed.
 */
import type { FloatingIpRecord, RunRecord } from '../harness/model/record.ts'
import { formatMs } from '../harness/model/units.ts'
import { originMs } from './figures.ts'
import { listed } from './phrases.ts'

type Tenure = FloatingIpRecord['tenures'][number]

/** Changes of holder that are told one by one; an address that flaps has hundreds. */
const changesTold = 6

/** How long nobody, one and several answered, in milliseconds. */
export interface AnsweredMs {
  nobody: number
  one: number
  several: number
}

export interface FloatingIpFacts {
  /** Who answered when the first fault came; null: nobody was watching yet. */
  atFault: readonly string[] | null
  /** After the fault, in order of time. */
  later: readonly Tenure[]
  /** In the whole time that was watched, and in the part of it before the fault. */
  watched: AnsweredMs
  beforeFault: AnsweredMs
}

function answeredMs(tenures: readonly Tenure[], untilMs: number): AnsweredMs {
  const sum = { nobody: 0, one: 0, several: 0 }
  for (const { owners, fromMs, toMs } of tenures) {
    const count = owners.length === 0 ? 'nobody' : owners.length === 1 ? 'one' : 'several'
    sum[count] += Math.max(0, Math.min(toMs, untilMs) - fromMs)
  }
  return sum
}

export function floatingIpFacts(record: RunRecord, { tenures }: FloatingIpRecord): FloatingIpFacts {
  const faultMs = originMs(record)
  return {
    atFault: tenures.findLast(({ fromMs }) => fromMs <= faultMs)?.owners ?? null,
    later: tenures.filter(({ fromMs }) => fromMs > faultMs),
    watched: answeredMs(tenures, Infinity),
    beforeFault: answeredMs(tenures, faultMs),
  }
}

/** `nobody`, `worker-a`, `worker-a and worker-b at once`. */
export function ownersPhrase(owners: readonly string[]): string {
  if (owners.length === 0) return 'nobody'
  return owners.length === 1 ? listed(owners) : `${listed(owners)} at once`
}

function laterPhrases({ later }: FloatingIpFacts): string[] {
  const told = later.slice(0, changesTold).map(({ owners, fromMs, toMs }) => {
    const lasted = owners.length === 1 ? '' : ` for ${formatMs(toMs - fromMs)}`
    return `then ${ownersPhrase(owners)}${lasted}`
  })
  const more = later.length - told.length
  return more > 0 ? [...told, `and ${more} more ${more === 1 ? 'change' : 'changes'}`] : told
}

/** `worker-a, then nobody for 4.2 s, then worker-b`: from the fault on, in order. */
export function holdersPhrase(facts: FloatingIpFacts): string {
  const first = facts.atFault === null ? 'not seen at the fault' : ownersPhrase(facts.atFault)
  return [first, ...laterPhrases(facts)].join(', ')
}

function heldSentence(record: RunRecord, facts: FloatingIpFacts, address: string): string {
  const when = record.faults.length === 0 ? 'at first' : 'when the fault came'
  const { atFault } = facts
  const first =
    atFault === null
      ? `Who held the floating IP ${address} ${when} was not seen`
      : atFault.length === 0
        ? `Nobody answered for the floating IP ${address} ${when}`
        : `${listed(atFault)} ${atFault.length === 1 ? 'held' : 'answered at once for'} the floating IP ${address} ${when}`
  const rest = facts.later.length === 0 ? ['and nothing changed'] : laterPhrases(facts)
  return `${[first, ...rest].join(', ')}.`
}

function answeredSentence({ watched, beforeFault }: FloatingIpFacts): string {
  const before = (ms: number) => (ms > 0 ? ` (${formatMs(ms)} of it before the fault)` : '')
  const nobody = `${formatMs(watched.nobody)}${before(beforeFault.nobody)}`
  const several = `${formatMs(watched.several)}${before(beforeFault.several)}`
  if (watched.nobody > 0) {
    return watched.several > 0
      ? `Nobody answered for ${nobody} in all, and more than one node at once for ${several}.`
      : `Nobody answered for ${nobody} in all; never did two nodes answer at once.`
  }
  return watched.several > 0
    ? `Somebody always answered, but more than one node at once for ${several}.`
    : 'At every instant exactly one node answered.'
}

/** True when the program that shared the address is not the documented one. */
export function standsIn({ engine, documented }: FloatingIpRecord): boolean {
  return !engine.toLowerCase().startsWith(documented.toLowerCase())
}

/** Who held it, how long nobody or several answered, by which program; null where there is none. */
export function floatingIpSentence(record: RunRecord): string | null {
  const { floatingIp } = record
  if (!floatingIp) return null
  const { address, engine, documented, tenures } = floatingIp
  const by = `It was shared by ${engine}${standsIn(floatingIp) ? `, which stands in for ${documented}` : ''}.`
  if (tenures.length === 0) return `Who held the floating IP ${address} was not watched. ${by}`
  const facts = floatingIpFacts(record, floatingIp)
  return `${heldSentence(record, facts, address)} ${answeredSentence(facts)} ${by}`
}
