/**
 * How predicates read what an intervention found out: by name, and of the type that they expect.
 * What is missing or of another type is null, and then the claim cannot be judged by it.
 */
import type { FaultRecord } from '../../harness/model/record.ts'

export function numberOf(fault: FaultRecord | null, name: string): number | null {
  const value = fault?.facts?.[name]
  return typeof value === 'number' ? value : null
}

/** Empty text says that there was none: null too. */
export function textOf(fault: FaultRecord | null, name: string): string | null {
  const value = fault?.facts?.[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export function flagOf(fault: FaultRecord | null, name: string): boolean | null {
  const value = fault?.facts?.[name]
  return typeof value === 'boolean' ? value : null
}

/** What was said, or that something was: a text, or true; null for neither. */
export function saidOf(fault: FaultRecord | null, name: string): string | null {
  return textOf(fault, name) ?? (flagOf(fault, name) === true ? 'yes' : null)
}
