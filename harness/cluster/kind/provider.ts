/**
 * The kind provider: real clusters of node containers on this machine, made by kind.
 */
import { ContainerProvider } from '../containers/provider.ts'
import { KindDistribution, type KindTools } from './distribution.ts'

export class KindProvider extends ContainerProvider {
  constructor(tools: KindTools) {
    super(tools, new KindDistribution(tools))
  }
}
