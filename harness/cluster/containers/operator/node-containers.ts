/**
 * The containers that run inside a node, by containerd's own client: a CRI client may not be there.
 * They are ended at once, for an API server that is asked to end takes up to a minute.
 */
import type { Engine } from '../engine.ts'
import { endContainers, runningAmong } from '../faults.ts'
import type { OwnedNode } from '../ownership.ts'
import { inNode } from './site.ts'

const ctr = ['ctr', '--namespace', 'k8s.io']

/** Id of the running container of that name in its pod; the empty text when none runs. */
export async function runningContainer(
  engine: Engine,
  node: OwnedNode,
  name: string,
): Promise<string> {
  const filter = `labels."io.kubernetes.container.name"==${name}`
  const known = await inNode(engine, node, [...ctr, 'containers', 'ls', '-q', filter])
  const tasks = await inNode(engine, node, [...ctr, 'tasks', 'ls'])
  return runningAmong(known.split('\n'), tasks)
}

/** Kills the container of that name; its id, or the empty text when none ran. */
export async function killContainer(
  engine: Engine,
  node: OwnedNode,
  name: string,
): Promise<string> {
  const id = await runningContainer(engine, node, name)
  if (id !== '') await inNode(engine, node, [...ctr, 'tasks', 'kill', '--signal', 'SIGKILL', id])
  return id
}

/** Stops the kubelet and then every container that it kept, so that none is started again. */
export async function stopEverything(engine: Engine, node: OwnedNode): Promise<void> {
  await inNode(engine, node, ['systemctl', 'stop', 'kubelet'])
  await inNode(engine, node, ['sh', '-c', endContainers('SIGKILL')])
}
