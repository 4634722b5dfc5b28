/**
 * `operator.backup`: see `faultKinds` in the model.
 */
import type { FaultHandle } from '../../port.ts'
import type { OperatorSite } from './site.ts'

export async function backup(site: OperatorSite): Promise<FaultHandle> {
  throw new Error(`${site.fault.kind} is not there yet`)
}
