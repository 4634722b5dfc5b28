/**
 * What is said about a machine from the texts that its kernel shows.
 */
import { expect, test } from 'vitest'
import { missingCapabilities } from '../../toolchain/engine/capabilities.ts'
import { mountsBelow } from '../../toolchain/engine/stop.ts'
import { k3dCheck } from '../../toolchain/machine/clusters.ts'
import {
  capabilitiesCheck,
  inotifyCheck,
  nfsChecks,
  trialCheck,
} from '../../toolchain/machine/kernel.ts'
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

test('without NFS it is said that shared storage is a mounted folder', () => {
  for (const check of nfsChecks('nodev\text4\n')) {
    expect(check.rulesOut).toContain('shared storage is a folder mounted into every node')
  }
})

test('a trial that failed, one that could not be made and one that worked are told apart', () => {
  const netem = { name: 'netem', command: ['tc', 'iproute2'], rulesOut: 'delay' } as const
  expect(trialCheck(netem, 'worked')).toEqual({
    name: 'netem',
    state: 'ok',
    detail: 'tried: works',
  })
  expect(trialCheck(netem, 'failed')).toEqual({
    name: 'netem',
    state: 'degraded',
    detail: 'this kernel has it not',
    rulesOut: 'delay',
    remedy: 'a kernel with it, or where it is a module: modprobe sch_netem',
  })
  expect(trialCheck(netem, 'no command')).toMatchObject({
    state: 'degraded',
    detail: 'unknown: tc is needed to try it',
    remedy: 'apt-get install iproute2',
  })
  expect(trialCheck(netem, 'only root can try it')).toMatchObject({
    state: 'degraded',
    detail: 'unknown: only root can try it',
  })
})

test('k3d is ok from its fifth version on', () => {
  expect(k3dCheck('k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)')).toEqual({
    name: 'k3d',
    state: 'ok',
    detail: 'v5.8.3',
  })
  expect(k3dCheck('k3d version v4.4.8')).toMatchObject({
    state: 'degraded',
    detail: 'v4.4.8, and 5 is needed',
  })
  expect(k3dCheck(null)).toMatchObject({
    state: 'degraded',
    detail: 'not here',
    rulesOut: '--provider k3d',
  })
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
