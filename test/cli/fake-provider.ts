/**
 * A provider without an engine: clusters are names in a list, and each drill on one is conducted on
 * a cluster that is not there, over a clock of its own. A test sets how a drill goes before it begins.
 */
import type { ProbeStart } from '../../harness/cli/drill.ts'
import type { Provider, Session, Standing } from '../../harness/cluster/port.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { Capability } from '../../harness/model/scenario.ts'
import type { ConductorPorts, Probing } from '../../harness/run/ports.ts'
import { FakeDrill, vantage } from '../run/fake-drill.ts'

export class FakeProvider implements Provider {
  readonly name = 'kind' as const
  capabilities: ReadonlySet<Capability> = new Set<Capability>([
    ...(['power', 'process', 'network', 'loadBalancer', 'floatingIp', 'etcd', 'storage'] as const),
  ])
  /** What was done with clusters, in its order: `open NAME`, `reuse NAME`, `remove NAME`. */
  readonly done: string[] = []
  readonly clusters = new Set<string>()
  /** Called before each drill with how many came before it; may set its course, or throw. */
  onOpen: (drill: FakeDrill, plan: Plan, before: number) => void = () => undefined
  onRemove: (cluster: string) => void = () => undefined

  readonly #ports = new WeakMap<Session, ConductorPorts>()
  #opened = 0

  async open(plan: Plan): Promise<Session> {
    const drill = new FakeDrill()
    asWhenTheDatabaseMoves(drill)
    const before = this.#opened
    this.#opened += 1
    this.onOpen(drill, plan, before)
    const reused = this.clusters.has(plan.clusterName)
    this.done.push(`${reused ? 'reuse' : 'open'} ${plan.clusterName}`)
    this.clusters.add(plan.clusterName)
    const { ports } = drill
    const session: Session = { ...ports.session, reused }
    this.#ports.set(session, { ...ports, session })
    return session
  }

  /** In the place of the prober's process. */
  readonly probe = async (start: ProbeStart): Promise<Probing> => {
    const ports = this.#ports.get(start.session)
    if (!ports) throw new Error('a session of another provider')
    const { vantages, onTrouble } = start
    return await ports.probe({
      vantages,
      onTrouble,
      onSamples: (batch) => {
        start.directory.appendSamples(batch)
        start.onSamples(batch)
      },
    })
  }

  async standing(): Promise<Standing[]> {
    return [...this.clusters].map((cluster) => ({
      ...{ cluster, topology: 'cx-worker-ha', pace: 'brisk', nodes: [], healthy: true, detail: '' },
    }))
  }

  async remove(cluster: string): Promise<void> {
    this.onRemove(cluster)
    this.done.push(`remove ${cluster}`)
    this.clusters.delete(cluster)
  }

  async undo(): Promise<string> {
    return 'nothing to undo'
  }
}

/** Saves fail from the loss of worker-a until the database runs elsewhere. */
function asWhenTheDatabaseMoves(drill: FakeDrill): void {
  drill.roles = { 'worker-with-database': 'worker-a' }
  drill.vantages.push(vantage('page-b', 'page', 'worker-b'))
  drill.answers = ({ kind }) =>
    kind !== 'save' || !drill.broken.has('worker-a') || drill.clock.nowMs() >= 38_000
}
