/**
 * A node takes the address of a machine that is gone for good, as a replacement for it would, so
 * that certificates, kubelets and clients which know the old address stay right. Only the API and
 * etcd answer there: what else the lost machine answered stays silent, as that machine is.
 */
import type { OwnedNode } from '../ownership.ts'
import { killContainer } from './node-containers.ts'
import { inNode, type OperatorSite } from './site.ts'

const kubeletPort = 10_250
const device = 'eth0'

export interface TakeOver {
  /** The machine that is gone. */
  lost: OwnedNode
  /** The node that takes its address. */
  heir: OwnedNode
  /** Every node that runs, the heir among them. */
  living: readonly OwnedNode[]
}

export async function takeOverAddress(
  { engine }: Pick<OperatorSite, 'engine'>,
  { lost, heir, living }: TakeOver,
): Promise<void> {
  const { address } = lost
  await inNode(engine, heir, [
    ...['iptables', '-w', '-I', 'INPUT', '-d', `${address}/32`],
    ...['-p', 'tcp', '--dport', String(kubeletPort), '-j', 'DROP'],
  ])
  // As a single address: which route leads where does not change.
  await inNode(engine, heir, ['ip', 'address', 'add', `${address}/32`, 'dev', device])
  // Each has the machine's old Ethernet address in mind; the host, and clients, hear of the new one.
  await Promise.all([
    inNode(engine, heir, ['sh', '-c', announce, 'sh', address]),
    ...living
      .filter(({ name }) => name !== heir.name)
      .map((node) =>
        inNode(engine, node, ['ip', 'neighbour', 'flush', 'to', address, 'dev', device]),
      ),
  ])
}

/** Twice, a second apart. Nobody answers, which is no failure. */
const announce = `arping -q -U -c 2 -I ${device} "$1" || true`

/**
 * The engine forgets the name of a container that does not run. Nodes know the API by that name, so
 * each is told what it stands for, as a name server would go on telling it.
 */
export async function keepName(
  { engine }: Pick<OperatorSite, 'engine'>,
  { lost, living }: Pick<TakeOver, 'lost' | 'living'>,
): Promise<void> {
  const line = `${lost.address} ${lost.container}`
  const script = 'grep -qxF "$1" /etc/hosts || echo "$1" >>/etc/hosts'
  await Promise.all(living.map((node) => inNode(engine, node, ['sh', '-c', script, 'sh', line])))
}

/**
 * Pods in a node's network have a copy of its names from when their container started. kube-proxy
 * knows the API by name, so its containers are started anew; what it set up stays meanwhile.
 */
export async function renewProxies(
  { engine }: Pick<OperatorSite, 'engine'>,
  living: readonly OwnedNode[],
): Promise<void> {
  await Promise.all(living.map((node) => killContainer(engine, node, 'kube-proxy')))
}
