/**
 * What each image is put together from and how it starts: its layers, its names and its command.
 * Pure; the layers and the list of packages are brought along.
 */
import type { Images } from '../types.ts'
import type { ImageRecipe } from './archive.ts'
import type { Layer } from './layer.ts'
import { packageVersion } from './root.ts'

export const imageName = (part: string, version: string, hash: string) =>
  `clusterdrill/${part}:${version.replace(/[^\w.-]/g, '-')}-${hash}`

type WorkloadNames = Record<Exclude<keyof Images, 'node' | 'kubeVip'>, string>

/** `list` is that of the container root's packages, `runtime` the version of Node. */
export function workloadNames(list: string, runtime: string, tag: string): WorkloadNames {
  const named = (part: string, name: string) => imageName(part, packageVersion(list, name), tag)
  return {
    haproxy: named('haproxy', 'haproxy'),
    database: named('redis', 'redis-server'),
    runtime: imageName('runtime', runtime, tag),
    toolbox: named('toolbox', 'keepalived'),
  }
}

/** The images that nodes carry; the toolbox has no program of its own to start. */
export const preloadedWorkloads = (
  layers: Readonly<Record<'base' | 'runtime' | 'toolbox', Layer>>,
  names: WorkloadNames,
): ImageRecipe[] => [
  {
    names: [names.database],
    layers: [layers.base],
    config: { Cmd: ['redis-server', '--protected-mode', 'no'], WorkingDir: '/data' },
  },
  {
    names: [names.runtime],
    layers: [layers.base, layers.runtime],
    config: { Cmd: ['node'], WorkingDir: '/app' },
  },
  {
    names: [names.toolbox],
    layers: [layers.base, layers.toolbox],
    config: { Cmd: ['sh'] },
  },
]

/** One set of layers under all of kubeadm's names; two of them are started without a command. */
export function componentImages(
  layers: readonly Layer[],
  names: readonly string[],
  own: string,
): ImageRecipe[] {
  const started = (name: string, command: string) => ({
    names: names.filter((each) => new RegExp(`/${name}:`).test(each)),
    layers,
    config: { Entrypoint: [`/usr/local/bin/${command}`] },
  })
  const coredns = started('coredns', 'coredns')
  const pause = started('pause', 'pause')
  const others = names.filter(
    (name) => !coredns.names.includes(name) && !pause.names.includes(name),
  )
  return [coredns, pause, { names: [...others, own], layers, config: { Cmd: ['sh'] } }]
}

export const haproxyImage = (layers: readonly Layer[], names: readonly string[]): ImageRecipe => ({
  names,
  layers,
  config: {
    Entrypoint: ['haproxy', '-W', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
    Cmd: ['-f', '/usr/local/etc/haproxy/limits.cfg'],
    StopSignal: 'SIGUSR1',
  },
})

export const nodeImage = (layers: readonly Layer[], name: string): ImageRecipe => ({
  names: [name],
  layers,
  config: {
    Entrypoint: ['/usr/local/bin/entrypoint', '/sbin/init'],
    Env: ['container=docker'],
    StopSignal: 'SIGRTMIN+3',
  },
})
