/**
 * How images are put together and named: pure functions, held against names and texts by hand.
 */
import { expect, test } from 'vitest'
import { type ImageRecipe, imageConfiguration, imageId } from '../../toolchain/build/archive.ts'
import {
  componentImages,
  imageName,
  preloadedWorkloads,
  workloadNames,
} from '../../toolchain/build/images.ts'
import { fillIn } from '../../toolchain/build/node-files.ts'
import { versionVariables } from '../../toolchain/build/recipes.ts'
import { packageVersion } from '../../toolchain/build/root.ts'
import { requiredVersion } from '../../toolchain/build/versions.ts'
import { localName, PUBLISHED_NODE, versionIn } from '../../toolchain/registry.ts'

const layer = { file: '/layer.tar', digest: 'ab'.repeat(32), bytes: 1 }

test('every name that kubeadm asks for is there once, and two have a program to start', () => {
  const names = [
    'r/kube-apiserver:v1',
    'r/kube-proxy:v1',
    'r/coredns/coredns:v2',
    'r/pause:3',
    'r/etcd:4',
  ]
  const images = componentImages([layer], names, 'own/components:x')
  expect(images.flatMap((image) => image.names).sort()).toEqual(
    [...names, 'own/components:x'].sort(),
  )
  const entrypoint = (name: string) =>
    images.find((image) => image.names.includes(name))?.config.Entrypoint
  expect(entrypoint('r/coredns/coredns:v2')).toEqual(['/usr/local/bin/coredns'])
  expect(entrypoint('r/pause:3')).toEqual(['/usr/local/bin/pause'])
  expect(entrypoint('r/etcd:4')).toBeUndefined()
})

test('an image is named by its content', () => {
  const image = (StopSignal: string): ImageRecipe => ({
    names: ['x:1'],
    layers: [layer],
    config: { StopSignal },
  })
  expect(imageId(image('SIGUSR1'))).toBe(imageId(image('SIGUSR1')))
  expect(imageId(image('SIGUSR1'))).not.toBe(imageId(image('SIGRTMIN+3')))
  const configuration = JSON.parse(imageConfiguration(image('SIGUSR1')))
  expect(configuration.rootfs.diff_ids).toEqual([`sha256:${layer.digest}`])
  expect(configuration.config.StopSignal).toBe('SIGUSR1')
})

test('a tag has only the characters that a tag may have', () => {
  expect(imageName('redis', '7.0.15+dfsg~1', 'abc')).toBe('clusterdrill/redis:7.0.15-dfsg-1-abc')
})

test("a package's version is upstream's", () => {
  const list = 'haproxy 2.6.12-1+deb12u4\niproute2 6.1.0-3\nredis-server 5:7.0.15-1~deb12u7\n'
  expect(packageVersion(list, 'redis-server')).toBe('7.0.15')
  expect(packageVersion(list, 'haproxy')).toBe('2.6.12')
  expect(packageVersion(list, 'redis')).toBe('')
})

test('what the nodes carry is named after the packages that the containers have', () => {
  const list = 'haproxy 2.6.12-1\nkeepalived 1:2.2.7-1+b2\nredis-server 5:7.0.15-1\n'
  const names = workloadNames(list, '24.1.0', 'abc')
  expect(names).toEqual({
    haproxy: 'clusterdrill/haproxy:2.6.12-abc',
    database: 'clusterdrill/redis:7.0.15-abc',
    runtime: 'clusterdrill/runtime:24.1.0-abc',
    toolbox: 'clusterdrill/toolbox:2.2.7-abc',
  })
  const tools = { ...layer, digest: 'cd'.repeat(32) }
  const carried = preloadedWorkloads({ base: layer, runtime: layer, toolbox: tools }, names)
  expect(carried.map((image) => image.names)).toEqual([
    ['clusterdrill/redis:7.0.15-abc'],
    ['clusterdrill/runtime:24.1.0-abc'],
    ['clusterdrill/toolbox:2.2.7-abc'],
  ])
  expect(carried[2]).toMatchObject({ layers: [layer, tools], config: { Cmd: ['sh'] } })
})

test('a version is read from a go.mod, in a block or alone', () => {
  const text =
    'module x\n\nrequire a.test/b v1.2.3\n\nrequire (\n\ta.test/c/v3 v3.0.0 // indirect\n)\n'
  expect(requiredVersion(text, 'a.test/b')).toBe('v1.2.3')
  expect(requiredVersion(text, 'a.test/c/v3')).toBe('v3.0.0')
  expect(() => requiredVersion(text, 'a.test/c')).toThrow('does not require')
})

test('commands say their version in full and in parts', () => {
  const variables = versionVariables('v1.34.4')
  expect(variables['k8s.io/component-base/version.gitVersion']).toBe('v1.34.4')
  expect(variables['k8s.io/client-go/pkg/version.gitMinor']).toBe('34')
})

test('a mark without a value is refused', () => {
  expect(fillIn('image: @pause@', { pause: 'p:1' })).toBe('image: p:1')
  expect(() => fillIn('image: @nothing@', { pause: 'p:1' })).toThrow('@nothing@')
})

test('the published node image is pinned by digest', () => {
  expect(PUBLISHED_NODE).toMatch(/@sha256:[0-9a-f]{64}$/)
  expect(versionIn(PUBLISHED_NODE)).toBe('v1.34.0')
  expect(localName('redis', `sha256:${'c'.repeat(64)}`)).toBe(
    'clusterdrill/redis:published-cccccccccccc',
  )
})
