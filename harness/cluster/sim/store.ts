/**
 * A store that keeps several copies of everything, as Ceph does under Rook: what is written is cut
 * into groups, and each group lies on other nodes, so that with every node that is lost some group
 * loses a copy. It neither reads nor writes while any group has fewer copies left than it needs.
 */
import type { Copies } from '../../model/topology.ts'
import type { Machine, Machines } from './machines.ts'

export class ReplicatedStore {
  readonly #machines: Machines
  readonly #copies: Copies

  constructor(machines: Machines, copies: Copies) {
    this.#machines = machines
    this.#copies = copies
  }

  /** A pod on that machine can use its volume. */
  serves(machine: Machine): boolean {
    const lost = this.#machines.all.filter(
      (other) => other.booting || !this.#machines.reaches(machine, other),
    )
    return lost.length <= this.#copies.count - this.#copies.least
  }
}
