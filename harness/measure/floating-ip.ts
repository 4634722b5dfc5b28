/**
 * Who answered for the floating IP when: the observer's events become tenures without gaps, from
 * the first that was seen to the end of the run. Two owners and none are tenures too, for those
 * are what a drill is after.
 */
import { type DrillEvent, ownersIn } from '../model/event.ts'
import type { FloatingIpRecord } from '../model/record.ts'

type Tenure = FloatingIpRecord['tenures'][number]

/** `events` in order of time. Empty where nobody watched. */
export function tenuresOf(events: readonly DrillEvent[], address: string, endMs: number): Tenure[] {
  const begun: Omit<Tenure, 'toMs'>[] = []
  for (const { name, subject, detail, atMs } of events) {
    if (name !== 'floating-ip-owner' || subject !== address || atMs >= endMs) continue
    const owners = ownersIn(detail)
    // Of two states at one instant the later told counts.
    if (begun.at(-1)?.fromMs === atMs) begun.pop()
    if (begun.at(-1)?.owners.join() === owners.join()) continue
    begun.push({ owners, fromMs: atMs })
  }
  return begun.map((tenure, index) => ({ ...tenure, toMs: begun[index + 1]?.fromMs ?? endMs }))
}
