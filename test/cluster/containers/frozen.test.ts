/** What is frozen in a container is thawed, and nothing else is touched; a folder stands in for the kernel's. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { thawBelow } from '../../../harness/cluster/containers/frozen.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clusterdrill-frozen-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const group = (path: string, state: string): string => {
  const folder = join(root, path)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'freezer.state'), `${state}\n`)
  writeFileSync(join(folder, 'tasks'), '')
  return join(folder, 'freezer.state')
}
const stateOf = (file: string) => readFileSync(file, 'utf8').trim()

test('groups below the containers are thawed, however deep', async () => {
  const own = group('docker/one/kubelet.slice/pod/container', 'FROZEN')
  const freezing = group('docker/two/pod', 'FREEZING')
  const well = group('docker/one/kubelet.slice', 'THAWED')
  const other = group('docker/three/pod', 'FROZEN')
  expect(await thawBelow(['one', 'two'], root)).toBe(2)
  expect([own, freezing, well].map(stateOf)).toEqual(['THAWED', 'THAWED', 'THAWED'])
  expect(stateOf(other)).toBe('FROZEN')
})

test('without such groups nothing is', async () => {
  expect(await thawBelow(['one'], root)).toBe(0)
  expect(await thawBelow(['one'], join(root, 'not-there'))).toBe(0)
  expect(await thawBelow([], root)).toBe(0)
})
