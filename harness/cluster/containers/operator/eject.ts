/**
 * `operator.eject`: see `faultKinds` in the model.
 */
import type { FaultHandle } from '../../port.ts'
import type { OperatorSite } from './site.ts'

export async function eject(site: OperatorSite): Promise<FaultHandle> {
  throw new Error(`${site.fault.kind} is not there yet`)
}
