/** Work on threads: results in the order of the tasks, errors told, and an end when it is asked for. */
import { expect, test } from 'vitest'
import { inThreads } from '../../harness/cli/threads.ts'

const file = new URL('./threads-fixture.ts', import.meta.url)
const work = (tasks: number[], threads: number, over = {}) =>
  inThreads<number, number, number>({
    ...{ file, data: 3, tasks, threads },
    signal: new AbortController().signal,
    onDone: () => undefined,
    ...over,
  })

const tasks = Array.from({ length: 20 }, (_, index) => index)

test('results are in the order of the tasks, whoever did them', async () => {
  const wanted = tasks.map((task) => task * 3)
  expect(await work(tasks, 4)).toEqual(wanted)
  expect(await work(tasks, 1)).toEqual(wanted)
  expect(await work([], 2)).toEqual([])
})

test('what a thread throws is thrown', async () => {
  await expect(work([1, -2, 3], 2)).rejects.toThrow('task -2 is bad')
})

test('once aborted nothing more is handed out', async () => {
  const stop = new AbortController()
  const results = await work(tasks, 2, { signal: stop.signal, onDone: () => stop.abort() })
  const done = results.filter((result) => result !== undefined)
  expect(done.length).toBeGreaterThan(0)
  expect(done.length).toBeLessThan(20)
})
