/**
 * What can be broken in clusters of node containers, before any stands. Pure.
 */
import type { Capability } from '../../model/scenario.ts'
import { generalCapabilities } from '../port.ts'
import type { Distribution } from './distribution.ts'

/** A tool may lack some. */
export const capabilitiesOf = ({ lacks }: Pick<Distribution, 'lacks'>): ReadonlySet<Capability> =>
  new Set(generalCapabilities.filter((each) => !lacks.includes(each)))
