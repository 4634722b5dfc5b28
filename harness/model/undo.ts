/**
 * How a fault is undone, as data: written to the journal before the fault, and enough by itself
 * for `pnpm clean` to carry it out after a crash, with the API down. Nothing here is a function.
 */
import { z } from 'zod'

const where = {
  provider: z.enum(['kind', 'k3d', 'existing', 'sim']),
  cluster: z.string(),
  /** Topology name of the node, or of the link. */
  node: z.string(),
}

export const undoSchema = z.discriminatedUnion('kind', [
  /** Power on; the address and the network it had, where the engine would give it another. */
  z.strictObject({
    kind: z.literal('power.start'),
    ...where,
    container: z.string(),
    address: z.string().nullable(),
    network: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('power.unpause'), ...where, container: z.string() }),
  z.strictObject({ kind: z.literal('kubelet.start'), ...where, container: z.string() }),
  /** Every rule of ours is removed from these nodes; `node` names the link. */
  z.strictObject({ kind: z.literal('link.restore'), ...where, containers: z.array(z.string()) }),
  /** The astray route is taken off the node. */
  z.strictObject({
    kind: z.literal('route.restore'),
    ...where,
    container: z.string(),
    /** As `ip route` writes it: the destination, and where it led. */
    route: z.string(),
  }),
  /** Cannot be undone: the cluster is marked as used up, so that nobody takes it over. */
  z.strictObject({ kind: z.literal('cluster.spend'), ...where, why: z.string() }),
  /** Nothing is to be done, for the reason given: the kubelet starts a killed container again. */
  z.strictObject({ kind: z.literal('none'), ...where, why: z.string() }),
])

export type UndoAction = z.infer<typeof undoSchema>
