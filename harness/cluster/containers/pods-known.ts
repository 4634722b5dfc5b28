/**
 * The workload's pods as they were when the API last told of them: a second fault is aimed at
 * somebody's pod even where the first one took the API away. Each way to the API is tried.
 */
import type { Workload } from '../../model/topology.ts'
import type { ApiAccess } from '../kubernetes/api.ts'
import { type PlacedPod, podsOf } from '../kubernetes/workload/pods.ts'

export interface KnownPods {
  pods: readonly PlacedPod[]
  /** False where the API does not answer and this is what it said last. */
  current: boolean
}

export class PodsKnown {
  readonly #access: ApiAccess
  readonly #workload: Workload
  #last: readonly PlacedPod[] = []

  constructor(access: ApiAccess, workload: Workload) {
    this.#access = access
    this.#workload = workload
  }

  /** `ways`: addresses of the API; the first that answers is believed. */
  async look(ways: readonly string[]): Promise<KnownPods> {
    const [first, ...others] = ways
    const told =
      (first === undefined ? null : await this.#ask(first)) ??
      (await Promise.all(others.map((way) => this.#ask(way)))).find((pods) => pods !== null)
    if (!told) return { pods: this.#last, current: false }
    this.#last = told
    return { pods: told, current: true }
  }

  async #ask(baseUrl: string): Promise<PlacedPod[] | null> {
    return await podsOf(this.#access, baseUrl, this.#workload)
  }
}
