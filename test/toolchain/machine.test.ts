/**
 * What is said about a machine from the texts that its kernel shows.
 */
import { expect, test } from 'vitest'
import { missingCapabilities } from '../../toolchain/engine/capabilities.ts'
import { mountsBelow } from '../../toolchain/engine/stop.ts'
import { capabilitiesCheck, inotifyCheck, nfsChecks } from '../../toolchain/machine/kernel.ts'
import { descriptorsCheck, diskCheck, memoryCheck } from '../../toolchain/machine/room.ts'

test('a missing capability is named, and its bit alone', () => {
  expect(missingCapabilities('CapBnd:\t000001ffffffffff\n')).toEqual([])
  expect(missingCapabilities('CapBnd:\t000001fffeffffff\n')).toEqual(['SYS_RESOURCE'])
  expect(missingCapabilities('CapBnd:\t000001fffffffffe\n')).toEqual(['CHOWN'])
})

test('what is less than enough is degraded and says what it rules out', () => {
  for (const check of [
    capabilitiesCheck('CapBnd:\t000001fffeffffff\n'),
    inotifyCheck(128),
    diskCheck(3 * 1024 ** 3),
    memoryCheck(2 * 1024 ** 3, 0),
    descriptorsCheck(1024),
  ]) {
    expect(check.state, check.name).toBe('degraded')
    expect(check.rulesOut, check.name).toBeTruthy()
  }
})

test('what is enough is ok', () => {
  const checks = [
    capabilitiesCheck('CapBnd:\t000001ffffffffff\n'),
    inotifyCheck(1024),
    diskCheck(300 * 1024 ** 3),
    memoryCheck(24 * 1024 ** 3, 0),
    descriptorsCheck(Number.NaN),
  ]
  expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'ok'))
})

test('the NFS client and the server are told apart', () => {
  const states = (text: string) => nfsChecks(text).map(({ state }) => state)
  expect(states('nodev\tnfs\nnodev\tnfs4\n')).toEqual(['ok', 'degraded'])
  expect(states('nodev\tnfsd\n')).toEqual(['degraded', 'ok'])
})

test("mounts are taken apart from the inside, and no stranger's", () => {
  const mounts = [
    'overlay /state/engine/data/merged overlay rw 0 0',
    'proc /state/engine/data/merged/proc\\040here proc rw 0 0',
    'tmpfs /state/engine-of-another tmpfs rw 0 0',
    'ext4 / ext4 rw 0 0',
  ].join('\n')
  expect(mountsBelow(mounts, '/state/engine')).toEqual([
    '/state/engine/data/merged/proc here',
    '/state/engine/data/merged',
  ])
})
