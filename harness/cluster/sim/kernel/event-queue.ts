/**
 * What will happen in virtual time, in order: a binary heap over flat arrays, for a run of a large
 * cluster holds a hundred thousand events at once. Events of one instant happen in the order in which
 * they were asked for, so that the same seed gives the same run everywhere.
 */

export type Happening = () => void

/** Of one event, and never of another one. */
export type EventId = number

/** As many events may wait at once; an id has its slot below this, and its order above. */
const slotsMax = 2 ** 21

export class EventQueue {
  /** Milliseconds of virtual time; never goes back. */
  nowMs = 0
  /** Events that have happened. */
  happened = 0
  /** A heap of slots, and at the same places their instants, which are compared most. */
  #heap: number[] = []
  #atMs: number[] = []
  #size = 0
  /** By slot. */
  #order: number[] = []
  #happenings: (Happening | null)[] = []
  #free: number[] = []
  #asked = 0
  #cancelled = 0
  /** Nothing happens after this instant for now. */
  #untilMs = Number.POSITIVE_INFINITY

  /** Events that are still to happen, without those that were cancelled. */
  get waiting(): number {
    return this.#size - this.#cancelled
  }

  /** Throws a RangeError on an instant that is past or no number, and on two million that wait. */
  at(atMs: number, happening: Happening): EventId {
    if (!(atMs >= this.nowMs)) {
      throw new RangeError(`${atMs} ms is not at or after ${this.nowMs} ms`)
    }
    const slot = this.#slot()
    const order = this.#asked
    this.#asked += 1
    this.#order[slot] = order
    this.#happenings[slot] = happening
    this.#rise(slot, atMs)
    return order * slotsMax + slot
  }

  after(delayMs: number, happening: Happening): EventId {
    return this.at(this.nowMs + delayMs, happening)
  }

  /** Nothing, of one that has happened. Its place in the heap is given back when its instant comes. */
  cancel(id: EventId): void {
    const slot = id % slotsMax
    if (this.#order[slot] !== Math.floor(id / slotsMax) || !this.#happenings[slot]) return
    this.#happenings[slot] = null
    this.#cancelled += 1
  }

  /** The instant of the next event; null when there is none. */
  nextAtMs(): number | null {
    this.#dropCancelled()
    return this.#size === 0 ? null : (this.#atMs[0] as number)
  }

  /** Lets the next event happen; false when there is none. */
  step(): boolean {
    this.#dropCancelled()
    if (this.#size === 0) return false
    this.nowMs = this.#atMs[0] as number
    const slot = this.#takeFirst()
    const happening = this.#happenings[slot]
    this.#release(slot)
    this.happened += 1
    happening?.()
    return true
  }

  /** Everything up to and with that instant, which is now then. */
  runUntil(atMs: number): void {
    this.#untilMs = atMs
    for (;;) {
      const next = this.nextAtMs()
      if (next === null || next > atMs) break
      this.step()
    }
    this.#untilMs = Number.POSITIVE_INFINITY
    this.nowMs = Math.max(this.nowMs, atMs)
  }

  /**
   * For an event that comes back all the time: had it asked for that instant, nothing else would
   * happen before, so that it need not ask. It is that instant now, and it goes on; or false.
   */
  passTo(atMs: number): boolean {
    const next = this.nextAtMs()
    if (next === null || next <= atMs || atMs > this.#untilMs) return false
    this.nowMs = atMs
    this.happened += 1
    return true
  }

  #dropCancelled(): void {
    while (this.#size > 0 && this.#happenings[this.#heap[0] as number] === null) {
      this.#cancelled -= 1
      this.#release(this.#takeFirst())
    }
  }

  #slot(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const slot = this.#happenings.length
    if (slot === slotsMax) throw new RangeError(`${slotsMax} events wait already`)
    this.#happenings.push(null)
    return slot
  }

  #release(slot: number): void {
    this.#happenings[slot] = null
    this.#free.push(slot)
  }

  /** Asked for last, so that it comes after all others of its instant. */
  #rise(slot: number, atMs: number): void {
    const heap = this.#heap
    const times = this.#atMs
    let place = this.#size
    this.#size += 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const aboveMs = times[above] as number
      if (aboveMs <= atMs) break
      heap[place] = heap[above] as number
      times[place] = aboveMs
      place = above
    }
    heap[place] = slot
    times[place] = atMs
  }

  #takeFirst(): number {
    const heap = this.#heap
    const times = this.#atMs
    const order = this.#order
    const first = heap[0] as number
    this.#size -= 1
    const size = this.#size
    const last = heap[size] as number
    const lastMs = times[size] as number
    const lastOrder = order[last] as number
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= size) break
      let belowMs = times[below] as number
      const other = below + 1
      if (other < size) {
        const otherMs = times[other] as number
        const isFirst =
          otherMs < belowMs ||
          (otherMs === belowMs &&
            (order[heap[other] as number] as number) < (order[heap[below] as number] as number))
        if (isFirst) {
          below = other
          belowMs = otherMs
        }
      }
      const slot = heap[below] as number
      if (belowMs > lastMs || (belowMs === lastMs && (order[slot] as number) > lastOrder)) break
      heap[place] = slot
      times[place] = belowMs
      place = below
    }
    heap[place] = last
    times[place] = lastMs
    return first
  }
}
