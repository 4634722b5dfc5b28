/**
 * What a document does to its nodes once they have joined: control planes that take pods, workers
 * for one component alone, a control plane that is drained, and no load balancer where the document
 * has none.
 */
import { readFile, writeFile } from 'node:fs/promises'
import type { Clock } from '../../model/clock.ts'
import { MachineError, messageOf } from '../../model/errors.ts'
import type { TopologyNode } from '../../model/topology.ts'
import type { ApiAccess } from '../kubernetes/api.ts'
import { controlPlaneTaint, onlyKey } from '../kubernetes/labels.ts'
import { until } from '../monotonic-clock.ts'
import type { Report } from '../port.ts'
import type { Engine } from './engine.ts'
import type { ClusterFolders, ClusterState } from './ownership.ts'

/** What kubectl says of a taint that is to go and is not there: k3s has none to begin with. */
const noSuchTaint = /\btaint "[^"]*" not found/

/** Only nodes that a document treats in a special way are touched. */
export async function applyDocumentedNodes(
  engine: Engine,
  state: ClusterState,
  access: ApiAccess,
  apiUrl: string,
  clock: Clock,
  report: Report,
): Promise<void> {
  const words = state.nodes.flatMap(({ name, container }) => {
    const node = state.topology.nodes.find((candidate) => candidate.name === name)
    return node ? commandsFor(node, container) : []
  })
  if (words.length === 0) return
  report('nodes: taints and drains, as documented')
  const server = ['--kubeconfig', access.kubeconfig, '--server', apiUrl, '--tls-server-name']
  for (const command of words) {
    let last: unknown = null
    // A node that has only just joined is being written to by others too.
    const done = await until(clock, 30_000, 500, async () => {
      try {
        await engine.kubectl([...server, access.credentials.serverName, ...command])
        return true
      } catch (error) {
        last = error
        return noSuchTaint.test(messageOf(error))
      }
    })
    if (!done) throw last
  }
}

/** The kubectl commands that make a node what the document says it is. Idempotent. */
export function commandsFor(node: TopologyNode, container: string): string[][] {
  const commands: string[][] = []
  if (node.role === 'control-plane' && node.schedulable) {
    commands.push(['taint', 'node', container, `${controlPlaneTaint}:NoSchedule-`, '--overwrite'])
  }
  if (node.only !== undefined) {
    commands.push(
      ['label', 'node', container, `${onlyKey}=${node.only}`, '--overwrite'],
      ['taint', 'node', container, `${onlyKey}=${node.only}:NoSchedule`, '--overwrite'],
    )
  }
  if (node.drained) {
    commands.push([
      ...['drain', container, '--ignore-daemonsets', '--delete-emptydir-data'],
      ...['--force', '--timeout', '60s'],
    ])
  }
  return commands
}

/**
 * Takes away the load balancer that the tool puts in front of several control planes, and aims the
 * kubeconfig at the first of them; the nodes were told so before they joined.
 */
export async function removeLoadBalancer(
  engine: Engine,
  container: string,
  apiUrl: string,
  folders: ClusterFolders,
): Promise<void> {
  if (await engine.inspect(container)) {
    await engine.docker(['rm', '--force', '--volumes', container])
  }
  const text = await readFile(folders.kubeconfig, 'utf8')
  const aimed = text.replace(/^(\s*server: ).*$/gm, `$1${apiUrl}`)
  if (!aimed.includes(apiUrl)) {
    throw new MachineError({
      what: `the kubeconfig ${folders.kubeconfig} names no server`,
      changed: 'what was made has been removed again',
      next: 'Run it again; a bug report with the version of the tool would help.',
    })
  }
  await writeFile(folders.kubeconfig, aimed)
}
