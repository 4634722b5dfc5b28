/**
 * The lock that keeps two setups apart: waiting, taking over from the dead, giving back.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../toolchain/lock.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clusterdrill-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('one at a time, and the second is told whom it waits for', async () => {
  const file = join(folder, 'lock')
  const order: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const first = withLock(
    file,
    () => undefined,
    async () => {
      order.push('first begins')
      await held
      order.push('first ends')
    },
  )
  while (order.length === 0) await new Promise(setImmediate)
  const second = withLock(
    file,
    (holder) => {
      order.push(`waits for ${holder === process.pid}`)
      release()
    },
    async () => order.push('second'),
  )
  await Promise.all([first, second])
  expect(order).toEqual(['first begins', 'waits for true', 'first ends', 'second'])
})

test('a lock whose holder is gone is taken over', async () => {
  const file = join(folder, 'lock')
  await writeFile(file, '2147483646 1')
  await expect(
    withLock(
      file,
      () => undefined,
      async () => 'mine',
    ),
  ).resolves.toBe('mine')
})

test.runIf(process.platform === 'linux')(
  'a lock whose number now belongs to another process is taken over',
  async () => {
    const file = join(folder, 'lock')
    await writeFile(file, `${process.pid} 1`)
    await expect(
      withLock(
        file,
        () => undefined,
        async () => 'mine',
      ),
    ).resolves.toBe('mine')
  },
)

test('the lock is given back when the work fails', async () => {
  const file = join(folder, 'lock')
  const failing = withLock(
    file,
    () => undefined,
    () => Promise.reject(new Error('no')),
  )
  await expect(failing).rejects.toThrow('no')
  await expect(
    withLock(
      file,
      () => undefined,
      async () => 1,
    ),
  ).resolves.toBe(1)
})
