/**
 * What a person does to a cluster, one file for each intervention. Only the cluster of the session
 * is touched.
 */
import type { FaultHandle } from '../../port.ts'
import { backup } from './backup.ts'
import { eject } from './eject.ts'
import { forceDelete } from './force-delete.ts'
import { forgetImages } from './forget-images.ts'
import { joinTogether } from './join-together.ts'
import { moveLoadBalancer } from './move-load-balancer.ts'
import { podDelete } from './pod-delete.ts'
import { restore } from './restore.ts'
import type { OperatorSite } from './site.ts'

export async function intervention(site: OperatorSite): Promise<FaultHandle> {
  switch (site.fault.kind) {
    case 'operator.pod-delete':
      return await podDelete(site)
    case 'operator.force-delete':
      return await forceDelete(site)
    case 'operator.forget-images':
      return await forgetImages(site)
    case 'operator.eject':
      return await eject(site)
    case 'operator.join-together':
      return await joinTogether(site)
    case 'operator.backup':
      return await backup(site)
    case 'operator.restore':
      return await restore(site)
    case 'operator.move-load-balancer':
      return await moveLoadBalancer(site)
    default:
      throw new Error(`${site.fault.kind} is no intervention`)
  }
}
