/**
 * What this machine can and cannot do, each fact with what it rules out and how to change it. It
 * changes nothing. 'missing' is kept for what no drill on a real cluster can do without; what only
 * rules out some drills, or what `setup` brings along, is 'degraded'.
 */
import type { Check } from '../types.ts'
import { clusterChecks } from './clusters.ts'
import { kernelChecks } from './kernel.ts'
import { roomChecks } from './room.ts'

export async function inspectMachine(): Promise<Check[]> {
  const groups = await Promise.all([clusterChecks(), kernelChecks(), roomChecks()])
  return groups.flat()
}
