/**
 * Who owns an address, from what an observer on the segment saw round by round. One reply that a
 * busy machine dropped makes no "nobody", and a handover within one round makes no two owners:
 * both need two rounds in a row. Pure; refuses to name a state that no round has shown.
 */
import { formatMs } from '../../model/units.ts'

/** From one question of the observer to the next. */
export const askEveryMs = 100

/** What the observer prints: who answered one question, or who announced the address unasked. */
export type ObserverLine =
  | { kind: 'answered'; epochMs: number; macs: readonly string[] }
  | { kind: 'announced'; epochMs: number; mac: string }

/** Null for anything else, such as the last words of a program that failed. */
export function parseObserverLine(line: string): ObserverLine | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  const { at, macs, announced } = (value ?? {}) as Record<string, unknown>
  if (typeof at !== 'number') return null
  if (Array.isArray(macs)) return { kind: 'answered', epochMs: at, macs: macs.map(String) }
  return typeof announced === 'string' ? { kind: 'announced', epochMs: at, mac: announced } : null
}

/** One state of an address: its owners in order of name, none, one or several. */
export interface Ownership {
  owners: readonly string[]
  /** The first round that showed it. */
  fromMs: number
}

export interface OwnerChange {
  now: Ownership
  /** What it was before, and for how long; null for the first state. */
  before: (Ownership & { lastedMs: number }) | null
}

/**
 * Two rounds are at least this far apart, against `askEveryMs` between one and the next: the
 * observer says only what differs, so a state that was told once may have lasted for many rounds.
 */
const twoRoundsMs = 1.5 * askEveryMs

/** Rounds in order of time → changes of owner, each dated at the first round that showed it. */
export class ArpOwners {
  #now: Ownership | null = null
  /** Nobody, or several, seen in one round so far. */
  #doubtful: Ownership | null = null

  /** Null before anything is certain. */
  get now(): Ownership | null {
    return this.#now
  }

  /** One round that the observer told of. Gives no, one or two changes. */
  take(atMs: number, answered: readonly string[]): OwnerChange[] {
    const seen = { owners: [...new Set(answered)].sort(), fromMs: atMs }
    const changes: OwnerChange[] = []
    const doubtful = this.#doubtful
    this.#doubtful = null
    if (doubtful && (same(doubtful, seen) || atMs - doubtful.fromMs >= twoRoundsMs)) {
      changes.push(...this.#become(doubtful))
    }
    if (seen.owners.length === 1) changes.push(...this.#become(seen))
    else if (!this.#now || !same(this.#now, seen)) this.#doubtful = seen
    return changes
  }

  #become(next: Ownership): OwnerChange[] {
    const before = this.#now
    if (before && same(before, next)) return []
    this.#now = next
    const ended = before && { ...before, lastedMs: next.fromMs - before.fromMs }
    return [{ now: next, before: ended }]
  }
}

const same = (a: Ownership, b: Ownership): boolean => a.owners.join() === b.owners.join()

/** What to note of a state that should not be, for the time it lasted; null where one answered. */
export function troubleText(
  address: string,
  owners: readonly string[],
  lastedMs: number,
): string | null {
  if (owners.length === 1) return null
  const many = owners.length === 2 ? 'both' : 'all'
  const who =
    owners.length === 0
      ? 'nobody'
      : `${owners.slice(0, -1).join(', ')} and ${owners.at(-1)} ${many}`
  return `${who} answered for ${address} for ${formatMs(lastedMs)}`
}
