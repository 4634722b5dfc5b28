/**
 * Work that is divided over threads of this process: tasks are handed out in their order, one at a
 * time to each thread, and each result goes to the place of its task. So neither the number of
 * threads nor which of them is faster changes what comes of it.
 */
import { availableParallelism } from 'node:os'
import { parentPort, Worker, workerData } from 'node:worker_threads'

export interface Threads<Data, Task, Result> {
  /** The file that the threads run; it calls `serve`. */
  file: URL
  /** Handed to each thread once. */
  data: Data
  tasks: readonly Task[]
  /** Default: as many as the machine has processors. */
  threads?: number | undefined
  /** Once aborted no more tasks are handed out, and those under way come to their end. */
  signal: AbortSignal
  /** After each task, in the order in which they end. */
  onDone(result: Result): void
}

/** What a run leaves behind is young: with room for many it is seldom swept. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 }

interface Reply<Result> {
  index: number
  result: Result
}

/**
 * Results in the order of the tasks; undefined for those that were not begun. Rejects with what a
 * thread threw, and leaves none running.
 */
export async function inThreads<Data, Task, Result>(
  work: Threads<Data, Task, Result>,
): Promise<(Result | undefined)[]> {
  const { file, data, tasks, signal, onDone } = work
  const results = new Array<Result | undefined>(tasks.length).fill(undefined)
  let next = 0
  const run = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const handOut = () => {
        if (next >= tasks.length || signal.aborted) return resolve()
        worker.postMessage({ index: next, task: tasks[next] })
        next += 1
      }
      worker.on('message', ({ index, result }: Reply<Result>) => {
        results[index] = result
        onDone(result)
        handOut()
      })
      worker.on('error', reject)
      handOut()
    })
  const count = Math.min(work.threads ?? availableParallelism(), tasks.length)
  const workers = Array.from(
    { length: count },
    () => new Worker(file, { workerData: data, resourceLimits }),
  )
  try {
    await Promise.all(workers.map(run))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

/** In a thread: answers each task that comes. What `act` throws ends the thread, and all the work. */
export function serve<Data, Task, Result>(act: (data: Data, task: Task) => Promise<Result>): void {
  const port = parentPort
  if (!port) throw new Error('this file is run by a thread')
  port.on('message', async ({ index, task }: { index: number; task: Task }) => {
    port.postMessage({ index, result: await act(workerData as Data, task) })
  })
}
