/**
 * What will happen in virtual time, in order: a binary heap over flat arrays, for a run of a large
 * cluster holds a hundred thousand events at once. Events of one instant happen in the order in which
 * they were asked for, so that the same seed gives the same run everywhere.
 */

export type Happening = () => void

/** Of one event, and never of another one. */
export type EventId = number

const firstCapacity = 256
const nothing = -1
/** As many events may wait at once; an id has its slot below this, and its order above. */
const slotsMax = 2 ** 21

export class EventQueue {
  /** Milliseconds of virtual time; never goes back. */
  nowMs = 0
  /** Events that have happened. */
  happened = 0
  /** A heap of slots. */
  #heap = new Int32Array(firstCapacity)
  #size = 0
  /** By slot. */
  #atMs = new Float64Array(firstCapacity)
  #order = new Float64Array(firstCapacity)
  #happenings: (Happening | null)[] = []
  #free: number[] = []
  #asked = 0
  #cancelled = 0

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
    this.#atMs[slot] = atMs
    this.#order[slot] = order
    this.#happenings[slot] = happening
    this.#rise(slot)
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
    return this.#size === 0 ? null : (this.#atMs[this.#heap[0] ?? 0] ?? null)
  }

  /** Lets the next event happen; false when there is none. */
  step(): boolean {
    this.#dropCancelled()
    if (this.#size === 0) return false
    const slot = this.#takeFirst()
    const happening = this.#happenings[slot]
    this.nowMs = this.#atMs[slot] ?? this.nowMs
    this.#release(slot)
    this.happened += 1
    happening?.()
    return true
  }

  /** Everything up to and with that instant, which is now then. */
  runUntil(atMs: number): void {
    for (;;) {
      const next = this.nextAtMs()
      if (next === null || next > atMs) break
      this.step()
    }
    this.nowMs = Math.max(this.nowMs, atMs)
  }

  #dropCancelled(): void {
    while (this.#size > 0 && this.#happenings[this.#heap[0] ?? 0] === null) {
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
    if (slot >= this.#atMs.length) this.#grow()
    return slot
  }

  #release(slot: number): void {
    this.#happenings[slot] = null
    this.#free.push(slot)
  }

  #grow(): void {
    const capacity = this.#atMs.length * 2
    this.#heap = grown(this.#heap, new Int32Array(capacity))
    this.#atMs = grown(this.#atMs, new Float64Array(capacity))
    this.#order = grown(this.#order, new Float64Array(capacity))
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#atMs[a] as number) - (this.#atMs[b] as number)
    return (
      difference < 0 ||
      (difference === 0 && (this.#order[a] as number) < (this.#order[b] as number))
    )
  }

  #rise(slot: number): void {
    const heap = this.#heap
    let place = this.#size
    this.#size += 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above] ?? nothing
      if (!this.#before(slot, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = slot
  }

  #takeFirst(): number {
    const heap = this.#heap
    const first = heap[0] ?? nothing
    this.#size -= 1
    const last = heap[this.#size] ?? nothing
    const size = this.#size
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= size) break
      if (below + 1 < size && this.#before(heap[below + 1] ?? nothing, heap[below] ?? nothing)) {
        below += 1
      }
      if (!this.#before(heap[below] ?? nothing, last)) break
      heap[place] = heap[below] ?? nothing
      place = below
    }
    if (size > 0) heap[place] = last
    return first
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
