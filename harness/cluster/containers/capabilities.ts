/**
 * What can be broken in clusters of node containers, before any stands. Pure.
 */
import type { Capability } from '../../model/scenario.ts'
import type { Distribution } from './distribution.ts'

/** Of containers in general; a tool may lack some. No volume here has several copies. */
const general: readonly Capability[] = [
  'power',
  'process',
  'network',
  'loadBalancer',
  'floatingIp',
  'etcd',
]

export const capabilitiesOf = ({ lacks }: Pick<Distribution, 'lacks'>): ReadonlySet<Capability> =>
  new Set(general.filter((each) => !lacks.includes(each)))
