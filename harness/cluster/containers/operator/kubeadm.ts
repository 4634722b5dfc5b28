/**
 * kubeadm in a node: where its files lie, how a node is reset, and how the configuration with which
 * a node was made is read and changed. It is kind's file of several YAML documents; whatever is not
 * changed in it stays as it was written.
 */
import { type Document, parseAllDocuments } from 'yaml'
import type { Clock } from '../../../model/clock.ts'
import { InvalidRunError } from '../../../model/errors.ts'
import type { Engine } from '../engine.ts'
import type { OwnedNode } from '../ownership.ts'
import { insist } from './insist.ts'
import { inNode, type OperatorSite } from './site.ts'

/** With which kind made the node; every node has its own, with its own address in it. */
export const nodeConfig = '/kind/kubeadm.conf'
export const pki = '/etc/kubernetes/pki'

/** Throws an `InvalidRunError` where the nodes were not made by kubeadm. */
export function needKubeadm({ distribution, fault }: OperatorSite): void {
  if (distribution.name === 'kind') return
  throw new InvalidRunError({
    what: `${fault.kind} needs kubeadm, which the nodes of ${distribution.name} do not have`,
    changed: 'nothing was broken',
    next: 'Give --provider kind for this one.',
  })
}

export async function readInNode(engine: Engine, node: OwnedNode, path: string): Promise<string> {
  return await inNode(engine, node, ['cat', path])
}

export async function writeInNode(
  engine: Engine,
  node: OwnedNode,
  path: string,
  text: string,
): Promise<void> {
  await inNode(engine, node, ['tee', path], text)
}

/** Mounts of containers that were ended a moment ago may still be busy. */
const resetWithinMs = 20_000

/**
 * Takes from a node whose containers have ended all that kubeadm gave it. It is told of a kubeconfig
 * that is not there, for it would ask the API for the node, which is deleted, and wait for it.
 */
export async function resetNode(engine: Engine, node: OwnedNode, clock: Clock): Promise<void> {
  await insist(clock, resetWithinMs, () =>
    inNode(engine, node, [
      ...['kubeadm', 'reset', '--force', '--cert-dir', pki],
      ...['--cri-socket', 'unix:///run/containerd/containerd.sock'],
      ...['--kubeconfig', '/etc/kubernetes/no-such.conf'],
    ]),
  )
}

type KubeadmDocument = Document

/** The documents of a kubeadm configuration, each changed by the function that is named after its kind. */
export function changedConfig(
  text: string,
  changes: Readonly<Record<string, (document: KubeadmDocument) => void>>,
): string {
  const documents = documentsOf(text)
  for (const document of documents) changes[kindOf(document)]?.(document)
  return documents.map(asText).join('---\n')
}

/** The document of one kind alone, changed; throws where there is none. */
export function onlyDocument(
  text: string,
  kind: string,
  change: (document: KubeadmDocument) => void,
): string {
  const document = documentsOf(text).find((candidate) => kindOf(candidate) === kind)
  if (!document) throw new Error(`no ${kind} in the configuration of the node:\n${text}`)
  change(document)
  return asText(document)
}

/** A value at a path; what lies on the way is made where it is missing. */
export function setAt(
  document: KubeadmDocument,
  path: readonly (string | number)[],
  value: unknown,
): void {
  const parents = path.slice(0, -1)
  for (const [index] of parents.entries()) {
    const way = parents.slice(0, index + 1)
    if (document.getIn(way) == null) document.setIn(way, document.createNode({}))
  }
  document.setIn(path, document.createNode(value))
}

/** The texts of a list at a path; empty where there is none. */
export function textsAt(document: KubeadmDocument, path: readonly string[]): string[] {
  const value = (document.toJS() as Record<string, unknown>) ?? {}
  const found = path.reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key],
    value,
  )
  return Array.isArray(found) ? found.map(String) : []
}

const kindOf = (document: KubeadmDocument): string => String(document.get('kind'))

function documentsOf(text: string): KubeadmDocument[] {
  const documents = [...parseAllDocuments(text)] as KubeadmDocument[]
  for (const { errors } of documents) if (errors[0]) throw errors[0]
  return documents.filter((document) => document.contents !== null)
}

/** Lines are never folded: a folded one reads the same, and compares otherwise. */
const asText = (document: KubeadmDocument): string =>
  document.toString({ lineWidth: 0 }).replace(/^---\n/, '')
