/**
 * How a cluster stands before a drill begins, as far as that decides what the drill will show: a
 * prediction of this cluster begins there, and one of any such cluster at one by chance.
 */
import { z } from 'zod'
import { components } from './topology.ts'

/** By topology name; null where there is none, or nobody knew. */
const node = z.string().nullable()

export const foundSchema = z.strictObject({
  /** The workload's pods and their nodes. */
  pods: z.array(z.strictObject({ component: z.enum(components), node: z.string() })),
  floatingIpHolder: node,
  etcdLeader: node,
  /** Of the controller manager's Lease. */
  leaseHolder: node,
})

export type Found = z.infer<typeof foundSchema>
