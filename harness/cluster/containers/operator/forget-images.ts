/**
 * `operator.forget-images`: the workload's images are taken off every node that may run it, but not
 * off the target, so that a pod that moves has to pull them from the registry. What runs lives on.
 * Lasts. Refuses a topology without an image registry, whose images never are pulled.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import { workloadNodes } from '../../../model/topology.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import type { OwnedNode } from '../ownership.ts'
import { inNode, nodeNamed, type OperatorSite, spend } from './site.ts'

const images = ['ctr', '--namespace', 'k8s.io', 'images']

/**
 * Names under which a node holds what came from that registry, out of containerd's own list: by tag
 * and by digest. Those without a host stay, for a pod is given the registry's name.
 */
export const namesFrom = (registry: string, list: string): string[] =>
  list
    .split('\n')
    .map((line) => line.trim())
    .filter((name) => name.startsWith(`${registry}/`))

export async function forgetImages(site: OperatorSite): Promise<FaultHandle> {
  const { engine, topology, target, hit } = site
  const { imageRegistry } = topology
  if (!imageRegistry) {
    throw new InvalidRunError({
      what: `${topology.name} has no image registry: nothing could be pulled again`,
      changed: 'nothing was broken',
      next: 'Choose a topology with one.',
    })
  }
  const registry = `${nodeNamed(site, imageRegistry.node).address}:${imageRegistry.port}`
  const spared = new Set([target.node, ...hit])
  const nodes = workloadNodes(topology)
    .filter(({ name }) => !spared.has(name))
    .map(({ name }) => nodeNamed(site, name))
  const heldBy = async (node: OwnedNode) =>
    namesFrom(registry, await inNode(engine, node, [...images, 'ls', '--quiet']))
  const removed = new Set<string>()

  const look = async (moment: Moment): Promise<Evidence> => {
    const held = await Promise.all(nodes.map(heldBy))
    const holders = nodes.filter((_, index) => (held[index]?.length ?? 0) > 0)
    const text = `images from ${registry} on ${holders.length} of ${nodes.length} nodes: ${holders.map(({ name }) => name).join(', ') || 'none'}`
    const present = holders.length > 0
    // It lasts: that they still are gone is as it should be afterwards.
    if (moment === 'after') return { state: present ? 'unclear' : 'well', text }
    if (moment === 'before') return { state: present ? 'well' : 'unclear', text }
    return { state: present ? 'well' : 'broken', text }
  }

  return {
    undo: spend(site, `images of the workload were taken off ${nodes.length} nodes`),
    inject: async () => {
      await Promise.all(
        nodes.map(async (node) => {
          const names = await heldBy(node)
          if (names.length === 0) return
          await inNode(engine, node, [...images, 'rm', '--sync', ...names])
          for (const name of names) removed.add(name)
        }),
      )
    },
    look,
    facts: async () => ({
      nodes: nodes.length,
      nodeNames: nodes.map(({ name }) => name).join(', '),
      images: removed.size,
      imageNames: [...removed].toSorted().join(', '),
    }),
  }
}
