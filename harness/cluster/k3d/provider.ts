/**
 * The k3d provider: real clusters of k3s in node containers on this machine, made by k3d.
 */
import { ContainerProvider } from '../containers/provider.ts'
import { K3dDistribution } from './distribution.ts'
import type { K3dTools } from './tools.ts'

export class K3dProvider extends ContainerProvider {
  constructor(tools: K3dTools) {
    super(tools, new K3dDistribution(tools))
  }
}
