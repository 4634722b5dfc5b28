/** How the workload looks names up: once, and on with the last address when that fails. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.mock('node:dns', () => ({ default: {}, lookup: vi.fn() }))

type Answer = (error: Error | null, address: string, family: number) => void
const asked: { name: string; answer: Answer }[] = []
const { lookup: ask } = await import('node:dns')
const { lookup } = await import('../../../harness/cluster/kubernetes/workload/programs/names.ts')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.mocked(
    ask as unknown as (name: string, options: object, answer: Answer) => void,
  ).mockImplementation((name, _options, answer) => {
    asked.push({ name, answer })
  })
})
afterEach(() => {
  vi.useRealTimers()
  asked.length = 0
})

const found = (name: string) =>
  new Promise<unknown>((resolve) => {
    lookup(name, {}, (error, address) => resolve(error ?? address))
  })

test('one look-up serves all who ask meanwhile, and then for half a minute', async () => {
  const both = [found('api'), found('api')]
  expect(asked.map(({ name }) => name)).toEqual(['api'])
  asked[0]?.answer(null, '10.96.0.1', 4)
  expect(await Promise.all(both)).toEqual(['10.96.0.1', '10.96.0.1'])
  vi.advanceTimersByTime(29_000)
  expect(await found('api')).toBe('10.96.0.1')
  expect(asked).toHaveLength(1)
})

test('a first look-up that fails is an error; a later one leaves the address as it was', async () => {
  const first = found('database')
  asked[0]?.answer(new Error('SERVFAIL'), '', 4)
  expect(await first).toBeInstanceOf(Error)
  const second = found('database')
  asked[1]?.answer(null, '10.96.0.2', 4)
  expect(await second).toBe('10.96.0.2')
  vi.advanceTimersByTime(31_000)
  expect(await found('database')).toBe('10.96.0.2')
  expect(asked).toHaveLength(3)
  asked[2]?.answer(new Error('time-out'), '', 4)
  expect(await found('database')).toBe('10.96.0.2')
})
