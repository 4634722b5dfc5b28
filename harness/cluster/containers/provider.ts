/**
 * A provider of clusters made of node containers on this machine, whatever tool makes them. It
 * touches only what its state files and marks say is its own.
 */
import { rm } from 'node:fs/promises'
import { MachineError, messageOf } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import type { Capability } from '../../model/scenario.ts'
import type { UndoAction } from '../../model/undo.ts'
import { MonotonicClock, until } from '../monotonic-clock.ts'
import type { Provider, Report, Session, Standing } from '../port.ts'
import { bringUp, containersNamed, ofAnother, tearDown, type Workshop } from './bring-up.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { Distribution } from './distribution.ts'
import { type ContainerTools, Engine } from './engine.ts'
import { removeNetwork } from './network.ts'
import { serverOf } from './operator/object-store.ts'
import { type ClusterState, foldersOf, isOurs, listStates, loadState } from './ownership.ts'
import { ContainerSession } from './session.ts'
import { undoOwned } from './undo.ts'

const toolEndsWithinMs = 30_000
/** Longer than a tool takes from making its first container to its next word. */
const quietMs = 4_000

export class ContainerProvider implements Provider {
  readonly name: Distribution['name']
  readonly capabilities: ReadonlySet<Capability>
  readonly #workshop: Workshop

  constructor(tools: ContainerTools, distribution: Distribution) {
    this.name = distribution.name
    this.capabilities = capabilitiesOf(distribution)
    this.#workshop = { engine: new Engine(tools), distribution }
  }

  get #engine(): Engine {
    return this.#workshop.engine
  }

  async open(plan: Plan, report: Report, signal: AbortSignal): Promise<Session> {
    if (plan.faults.some(({ kind }) => kind === 'operator.backup')) {
      report('backup: the S3 server')
      // Where it has to be built, the processors are busy: before anything is timed.
      await serverOf(this.#workshop)
    }
    const clock = new MonotonicClock()
    const cluster = await bringUp(this.#workshop, plan, clock, report, signal)
    return new ContainerSession(this.#workshop, plan, cluster, clock)
  }

  async standing(): Promise<Standing[]> {
    const states = await listStates(this.#engine.tools.home, this.name)
    return await Promise.all(
      states.map(async (state) => {
        const nodes = await Promise.all(
          state.nodes.map(async ({ name, container, address }) => {
            const seen = await this.#engine.inspect(container)
            const running = seen?.running ? (seen.paused ? 'frozen' : 'running') : 'stopped'
            return { name, container, address, state: seen ? running : 'gone' }
          }),
        )
        const healthy =
          state.phase === 'standing' && nodes.every((node) => node.state === 'running')
        return {
          cluster: state.name,
          topology: state.topology.name,
          pace: state.pace,
          nodes,
          healthy,
          detail: detailOf(state),
        }
      }),
    )
  }

  async remove(cluster: string, report: Report): Promise<void> {
    const { home } = this.#engine.tools
    const folders = foldersOf(home, cluster)
    const state = await loadState(home, cluster)
    if (!state) {
      throw new MachineError({
        what: `'${cluster}' is no cluster of ours`,
        changed: 'nothing was touched',
        next: '`pnpm topology status` lists the ones that are.',
      })
    }
    if (state.provider !== this.name) throw ofAnother(state)
    for (const name of await containersNamed(this.#workshop, cluster)) {
      const container = await this.#engine.inspect(name)
      if (!container || isOurs(container, folders)) continue
      throw new MachineError({
        what: `container ${name} stands in '${cluster}' but does not carry our mark`,
        changed: 'nothing was touched',
        next: 'Look at it, and remove it yourself if it is not needed.',
      })
    }
    report(`removing cluster ${cluster}`)
    await tearDown(this.#workshop, cluster)
    if (state.phase === 'creating') await this.#outliveTool(cluster)
    await rm(folders.root, { recursive: true, force: true })
    await removeNetwork(this.#engine, cluster).catch((error: unknown) => {
      report(`the network of ${cluster} stays: ${messageOf(error)}`)
    })
  }

  /**
   * Where the harness was killed while the tool was at work, it goes on until it next has something
   * to say, and may make a container after the others are gone.
   */
  async #outliveTool(cluster: string): Promise<void> {
    const clock = new MonotonicClock()
    let goneSinceMs = clock.nowMs()
    await until(clock, toolEndsWithinMs, 500, async () => {
      if ((await containersNamed(this.#workshop, cluster)).length > 0) {
        await tearDown(this.#workshop, cluster)
        goneSinceMs = clock.nowMs()
      }
      return clock.nowMs() - goneSinceMs >= quietMs
    })
  }

  async undo(action: UndoAction): Promise<string> {
    const state = await loadState(this.#engine.tools.home, action.cluster)
    if (!state) return `${action.cluster} is not there any more, so there is nothing to undo`
    if (state.provider !== this.name) {
      return `${action.cluster} was made by ${state.provider}, and was left alone`
    }
    return await undoOwned(this.#engine, this.#engine.tools.home, state, action)
  }
}

function detailOf({ phase, createdAt }: ClusterState): string {
  if (phase === 'creating') return 'never finished'
  return phase === 'spent' ? 'used up by its last drill' : `since ${createdAt}`
}
