/** Lines on their way to a disk that takes little at a time, or nothing. */
import { expect, test } from 'vitest'
import { SampleFile } from '../../../harness/run/prober/sample-file.ts'

/** A disk that takes at most `room` bytes, three at a time, and then is full. */
function smallDisk(room: number) {
  const disk = { room, text: '' }
  const write = async (bytes: Buffer): Promise<number> => {
    if (disk.room === 0) throw new Error('ENOSPC: no space left on device')
    const taken = bytes.subarray(0, Math.min(3, disk.room))
    disk.room -= taken.length
    disk.text += taken.toString()
    return taken.length
  }
  return { disk, write }
}

test('lines come out whole and in order, however little is taken at a time', async () => {
  const { disk, write } = smallDisk(100)
  const file = new SampleFile({ write, onTrouble: () => {} })
  file.add('first')
  const first = file.flush()
  file.add('second')
  await first
  expect(disk.text).toBe('first\nsecond\n')
  expect(file.unwritten).toBe(0)
})

test('a full disk is told of once, and what waited is written when there is room', async () => {
  const { disk, write } = smallDisk(4)
  const troubles: string[] = []
  const file = new SampleFile({ write, onTrouble: (message) => troubles.push(message) })
  file.add('first')
  await file.flush()
  file.add('second')
  await file.flush()
  expect(troubles).toEqual([
    'samples cannot be written, and wait in memory: ENOSPC: no space left on device',
  ])
  expect(file.unwritten).toBe(2)
  disk.room = 100
  await file.flush()
  expect(disk.text).toBe('first\nsecond\n')
  expect(file.unwritten).toBe(0)
  expect(troubles[1]).toBe('samples can be written again; all that waited are on disk')
})

test('what waits is bounded, and what found no room is counted', async () => {
  const { disk, write } = smallDisk(0)
  const troubles: string[] = []
  const onTrouble = (message: string) => troubles.push(message)
  const file = new SampleFile({ write, onTrouble, waitingBytesMax: 12 })
  for (const line of ['aaaaa', 'bbbbb', 'ccccc', 'ddddd']) file.add(line)
  await file.flush()
  expect(file.unwritten).toBe(4)
  expect(troubles[0]).toContain('too many samples wait')
  disk.room = 100
  await file.flush()
  expect(disk.text).toBe('aaaaa\nbbbbb\n')
  expect(file.unwritten).toBe(2)
})
