/**
 * MetalLB's own way to share a floating IP, for the model alone: its speakers watch each other by
 * gossip, and the first by a hash among those that live announces it. Clusters made here have
 * keepalived in its place.
 */
import type { Topology } from './topology.ts'

/**
 * From the death of a speaker until the others take it for dead, in milliseconds: a probe each second,
 * which fails at the end of that second (memberlist 0.5.0 config.go, DefaultLANConfig: ProbeInterval), and
 * four seconds under suspicion, as many as there are with fewer than four speakers (SuspicionMult;
 * state.go, suspectNode: nobody need confirm it). Of three speakers, two ask the dead one within two
 * rounds. MetalLB takes those defaults (internal/speakerlist; memberlist 0.5.0 by its go.mod).
 */
export const speakerDeadMs = [5_000, 7_000] as const

/** The same topology with its address shared by memberlist; the same one where it has no MetalLB. */
export function sharedByMemberlist(topology: Topology): Topology {
  const { floatingIp } = topology
  if (floatingIp?.documented !== 'MetalLB') return topology
  return {
    ...topology,
    floatingIp: { ...floatingIp, sharedBy: 'memberlist' },
    differences: [
      ...topology.differences.filter((sentence) => !sentence.startsWith('keepalived')),
      "The floating IP is shared as MetalLB in layer 2 mode does it, by memberlist and a hash of the nodes' names.",
    ],
  }
}
