/**
 * Three control planes and a worker on an engine that runs nothing: it writes down each command and
 * answers as it is told. Commands in a node are written as `NODE: …`, those of kubectl as
 * `kubectl: …`, all others as they are.
 */
import type { ContainerState, Engine } from '../../../../harness/cluster/containers/engine.ts'
import type { OperatorSite } from '../../../../harness/cluster/containers/operator/site.ts'
import { foldersOf } from '../../../../harness/cluster/containers/ownership.ts'
import type { FaultKind } from '../../../../harness/model/scenario.ts'
import { embeddedExternalLb } from '../../../../topologies/embedded-external-lb.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

export const names = ['master-1', 'master-2', 'master-3', 'worker-1', 'worker-2']

export interface Heard {
  commands: string[]
  /** Standard input, by the command that was given it. */
  inputs: Map<string, string>
}

/** Undefined: the command says nothing. May throw, as a command that fails. */
export type Answering = (command: string) => string | undefined

export interface Following {
  lines: readonly string[]
  exitCode: number
}

interface Asked {
  kind: FaultKind
  target?: string
  home?: string
  answer?: Answering
  follow?: (command: string) => Following
  balancer?: boolean
  distribution?: 'kind' | 'k3d'
}

export function threeMasters(asked: Asked): { site: OperatorSite; heard: Heard; clock: FakeClock } {
  const heard: Heard = { commands: [], inputs: new Map() }
  const clock = new FakeClock()
  const hear = (command: string, input?: string): string => {
    heard.commands.push(command)
    if (input !== undefined) heard.inputs.set(command, input)
    return asked.answer?.(command) ?? ''
  }
  const started = new Map<string, string>()
  const engine = {
    tools: { home: asked.home ?? 'home', images: { haproxy: 'haproxy-image' } },
    docker: async (words: readonly string[], input?: string) => {
      if (words[0] === 'run') {
        const name = words[words.indexOf('--name') + 1] ?? ''
        started.set(name, words[words.indexOf('--ip') + 1] ?? '')
      }
      return hear(inNode(words), input)
    },
    kubectl: async (words: readonly string[]) => hear(`kubectl: ${words.slice(2).join(' ')}`),
    inspect: async (container: string): Promise<Partial<ContainerState> | null> => {
      const address = started.get(container)
      return address === undefined ? null : { running: true, address }
    },
    follow: (words: readonly string[]) => {
      const command = inNode(words)
      heard.commands.push(command)
      const { lines, exitCode } = asked.follow?.(command) ?? { lines: [], exitCode: 0 }
      return Object.assign(Promise.resolve({ exitCode }), {
        async *iterable() {
          for (const line of lines) {
            await clock.sleepUntil(clock.nowMs() + 500)
            yield line
          }
        },
      })
    },
  } as unknown as Engine
  const target = asked.target ?? 'master-1'
  const topology = {
    ...embeddedExternalLb,
    loadBalancer: asked.balancer === false ? null : embeddedExternalLb.loadBalancer,
  }
  const site = {
    engine,
    distribution: {
      name: asked.distribution ?? 'kind',
      etcdctl: () => ['etcdctl'],
    },
    provider: asked.distribution ?? 'kind',
    fault: { id: 'fault', kind: asked.kind, target: 'control-plane' },
    target: { name: target, node: target, why: 'the first one' },
    topology,
    state: {
      name: 'drill',
      topology,
      nodes: names.map((name, index) => ({
        ...{ name, container: `drill-${name}`, id: name, address: `172.28.0.${index + 2}` },
      })),
      loadBalancer: topology.loadBalancer
        ? { container: 'drill-lb', id: 'lb', address: '172.28.0.9' }
        : null,
    },
    folders: foldersOf(asked.home ?? 'home', 'drill'),
    access: {
      kubeconfig: 'kubeconfig',
      credentials: { ca: 'ca', cert: 'cert', key: 'key', serverName: 'kubernetes' },
    },
    apiUrl: topology.loadBalancer ? 'https://172.28.0.9:6443' : 'https://172.28.0.2:6443',
    clock,
    hit: [],
    report: () => undefined,
  } as unknown as OperatorSite
  return { site, heard, clock }
}

function inNode(words: readonly string[]): string {
  if (words[0] !== 'exec') return words.join(' ')
  const [node = '', ...command] = words.slice(1).filter((word) => word !== '--interactive')
  return `${node.replace(/^drill-/, '')}: ${command.join(' ')}`
}

/** As etcdctl prints members of these Kubernetes names; one after a `~` is a learner. */
export const memberTable = (...members: readonly string[]): string =>
  members
    .map((name, index) => {
      const learner = name.startsWith('~')
      const plain = name.replace(/^~/, '')
      const at = `172.28.0.${index + 2}`
      return `a${index}, started, ${plain}, https://${at}:2380, https://${at}:2379, ${learner}`
    })
    .join('\n')
