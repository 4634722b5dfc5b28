/**
 * What the event queue of the model costs beside a binary heap that does nothing else: the same timers,
 * each of which asks for the next one when it has come, in turns within one process.
 */
import { EventQueue } from '../../harness/cluster/sim/kernel/event-queue.ts'
import { type Draw, streamOf } from '../../harness/cluster/sim/kernel/random.ts'

/** Waiting at any time, as in a drill of a large cluster. */
const waiting = 10_000
const pausesMax = 1_000

export interface KernelRates {
  /** Events per second. */
  queue: number
  heap: number
}

/** `events` of them, in each of `rounds`; the best round of each counts. */
export function kernelRates(events: number, rounds: number): KernelRates {
  const rates: KernelRates = { queue: 0, heap: 0 }
  for (let round = 0; round < rounds; round += 1) {
    rates.heap = Math.max(rates.heap, rateOf(events, heapLoop))
    rates.queue = Math.max(rates.queue, rateOf(events, queueLoop))
  }
  return rates
}

function rateOf(events: number, loop: (events: number, draw: Draw) => void): number {
  const draw = streamOf(1, 'kernel')
  const beganMs = performance.now()
  loop(events, draw)
  return (1_000 * events) / (performance.now() - beganMs)
}

function queueLoop(events: number, draw: Draw): void {
  const queue = new EventQueue()
  const next = () => void queue.after(draw() * pausesMax, next)
  for (let index = 0; index < waiting; index += 1) next()
  for (let index = 0; index < events; index += 1) queue.step()
}

/** Instants alone, in one array. */
function heapLoop(events: number, draw: Draw): void {
  const heap: number[] = []
  for (let index = 0; index < waiting; index += 1) push(heap, draw() * pausesMax)
  for (let index = 0; index < events; index += 1) push(heap, pop(heap) + draw() * pausesMax)
}

function push(heap: number[], atMs: number): void {
  let place = heap.length
  heap.push(atMs)
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above] as number
    if (parent <= atMs) break
    heap[place] = parent
    place = above
  }
  heap[place] = atMs
}

function pop(heap: number[]): number {
  const first = heap[0] as number
  const last = heap.pop() as number
  const size = heap.length
  if (size === 0) return first
  let place = 0
  for (;;) {
    let below = 2 * place + 1
    if (below >= size) break
    if (below + 1 < size && (heap[below + 1] as number) < (heap[below] as number)) below += 1
    if ((heap[below] as number) >= last) break
    heap[place] = heap[below] as number
    place = below
  }
  heap[place] = last
  return first
}
