/**
 * How a node joins as a control plane: a token and the certificates from one that stands, the
 * node's own configuration with both in it, and kubeadm's output as it is written.
 */
import type { Document } from 'yaml'
import { InvalidRunError } from '../../../model/errors.ts'
import type { OwnedNode } from '../ownership.ts'
import { certificateKeyIn, type SaidLine, tokenIn } from './join-output.ts'
import { nodeConfig, onlyDocument, readInNode, setAt, textsAt, writeInNode } from './kubeadm.ts'
import { inNode, type OperatorSite } from './site.ts'

/** Beside the configuration that the node was made with, so that that one stays as it was. */
export const joinConfig = '/kind/join-again.conf'

/** Two minutes for etcd to take it, two to let it vote, and its kubelet's start; what a drill can wait. */
const joinSeconds = 300

export interface Admission {
  token: string
  certificateKey: string
}

/** A new token, and the certificates stored in the cluster for two hours. */
export async function admissionFrom(
  { engine }: OperatorSite,
  standing: OwnedNode,
): Promise<Admission> {
  const upload = ['init', 'phase', 'upload-certs', '--upload-certs', '--config', nodeConfig]
  const said = await inNode(engine, standing, ['kubeadm', ...upload])
  const certificateKey = certificateKeyIn(said)
  const created = await inNode(engine, standing, ['kubeadm', 'token', 'create'])
  const token = tokenIn(created)
  if (certificateKey !== null && token !== null) return { token, certificateKey }
  throw new InvalidRunError({
    what: `kubeadm of ${standing.name} gave no ${token === null ? 'token' : 'certificate key'}; it said:\n${token === null ? created : said}`,
    changed: 'two control planes were taken out of the cluster',
    next: 'This is no result; a bug report with the version of kubeadm would help.',
  })
}

/**
 * The node's own part of its configuration with the token and the key; name, address and labels
 * stay. Preflight is left out as kind leaves it out: it would pull images.
 */
export function joinConfigFrom(text: string, { token, certificateKey }: Admission): string {
  return onlyDocument(text, 'JoinConfiguration', (document: Document) => {
    setAt(document, ['discovery', 'bootstrapToken', 'token'], token)
    setAt(document, ['controlPlane', 'certificateKey'], certificateKey)
    const skipped = textsAt(document, ['skipPhases'])
    setAt(document, ['skipPhases'], [...new Set([...skipped, 'preflight'])])
  })
}

export async function prepareJoin(
  { engine }: OperatorSite,
  node: OwnedNode,
  admission: Admission,
): Promise<void> {
  const text = await readInNode(engine, node, nodeConfig)
  await writeInNode(engine, node, joinConfig, joinConfigFrom(text, admission))
}

export interface Joined {
  node: OwnedNode
  /** Null where the command could not be run at all; 124 where its time was up. */
  exitCode: number | null
  lines: SaidLine[]
  /** Session time. */
  fromMs: number
  toMs: number
}

/** Never throws: that a join fails is what the drill is about. */
export async function join({ engine, clock }: OperatorSite, node: OwnedNode): Promise<Joined> {
  const fromMs = clock.nowMs()
  const child = engine.follow([
    ...['exec', node.container, 'timeout', '--kill-after=10', String(joinSeconds)],
    ...['kubeadm', 'join', '--config', joinConfig, '--v=5'],
  ])
  const lines: SaidLine[] = []
  for await (const text of child.iterable({ from: 'all' })) {
    lines.push({ atMs: clock.nowMs(), text })
  }
  const { exitCode } = await child
  return { node, exitCode: exitCode ?? null, lines, fromMs, toMs: clock.nowMs() }
}
