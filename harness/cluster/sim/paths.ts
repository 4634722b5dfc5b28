/**
 * How likely a request that is sent now is answered well, for each thing that clients ask: the API by
 * each of its ways, and the workload part by part, as far as each part needs the others.
 */
import type { Component } from '../../model/topology.ts'
import type { ApiServers } from './api-servers.ts'
import { type Balancer, retryPauseMs } from './balancer.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import type { Machine } from './machines.ts'
import type { Pod } from './pods.ts'
import type { Scene } from './scene.ts'

/** A chance from 0 to 1, and what a client is told that fails. */
export interface Chance {
  readonly good: number
  readonly error:
    | 'connect-timeout'
    | 'tls-timeout'
    | 'answer-timeout'
    | 'refused'
    | 'closed'
    | 'http-403'
    | 'http-502'
    | 'http-503'
  /** After so long a client that fails is told so; the client may have given up before. */
  readonly failsAfterMs: number
  /** Or at this instant, if that is sooner: when all that are open are closed at once. */
  readonly closesAtMs: number
  /** The database that a good answer comes from; null: it needs none. */
  readonly database: Pod | null
}

const forever = Number.POSITIVE_INFINITY
/** Over a link of a few hops. */
export const soonMs = 1
const surely: Chance = {
  ...{ good: 1, error: 'answer-timeout', failsAfterMs: forever },
  ...{ closesAtMs: forever, database: null },
}
const noChance = (error: Chance['error'], failsAfterMs: number): Chance => ({
  ...{ good: 0, error, failsAfterMs, closesAtMs: forever, database: null },
})
const nevers: Readonly<Record<Chance['error'], Chance>> = {
  'connect-timeout': noChance('connect-timeout', forever),
  'tls-timeout': noChance('tls-timeout', forever),
  'answer-timeout': noChance('answer-timeout', forever),
  refused: noChance('refused', soonMs),
  closed: noChance('closed', soonMs),
  'http-403': noChance('http-403', soonMs),
  'http-502': noChance('http-502', soonMs),
  'http-503': noChance('http-503', soonMs),
}
export const never = (error: Chance['error']): Chance => nevers[error]

/** Made once for each database, for every save that is looked at asks for one of them. */
const answers = new WeakMap<Pod, Chance>()

function surelyFrom(database: Pod | null): Chance {
  if (database === null) return surely
  const known = answers.get(database)
  if (known) return known
  const answer = { ...surely, database }
  answers.set(database, answer)
  return answer
}

/** Which part a part asks before it answers a request. */
const asks: Readonly<Partial<Record<Component, Component>>> = {
  ingress: 'page',
  api: 'database',
  reporting: 'database',
}
const asksToSave: typeof asks = { ...asks, page: 'api' }

export class Paths {
  readonly #scene: Scene
  readonly #api: ApiServers
  readonly #balancer: Balancer | null
  readonly #endpoints: Endpoints
  readonly #mounts: (pod: Pod) => boolean

  constructor(
    scene: Scene,
    api: ApiServers,
    balancer: Balancer | null,
    endpoints: Endpoints,
    mounts: (pod: Pod) => boolean,
  ) {
    this.#scene = scene
    this.#api = api
    this.#balancer = balancer
    this.#endpoints = endpoints
    this.#mounts = mounts
  }

  /** From outside, to one API server by its own address. */
  server(machine: Machine): Chance {
    if (!this.#scene.machines.isReached(machine)) return never('connect-timeout')
    if (!this.#api.listens(machine)) return never('refused')
    if (this.#api.isReady(machine)) return surely
    const closesAtMs = this.#api.endsAtMs(machine)
    if (closesAtMs !== null) return { ...never('closed'), failsAfterMs: forever, closesAtMs }
    return never(this.#api.starts(machine) ? 'http-403' : 'answer-timeout')
  }

  /** From outside, through the load balancer: to that server, or on a new connection to any. */
  balanced(server?: Machine | null): Chance {
    if (!this.#balancer?.on) return never('connect-timeout')
    const servers = server ? [server] : this.#balancer.choices
    return averageOf(servers, (machine) => this.#retried(machine), 'closed')
  }

  /** Who gets the next new connection through the load balancer; null: nobody can. */
  nextServer(): Machine | null {
    return this.#balancer?.next() ?? null
  }

  /**
   * HAProxy tries the same server again, a second after it was refused or after its connect time-out
   * (`retries`, without `option redispatch`), before it lets the client know. Envoy does not. The
   * client is connected all the while, and finds that connection closed in the end.
   */
  #retried(machine: Machine): Chance {
    const chance = this.server(machine)
    const settings = this.#balancer?.settings
    if (!settings || (chance.error !== 'refused' && chance.error !== 'connect-timeout'))
      return chance
    const { connectMs } = settings.timeouts
    const failsAfterMs =
      chance.error === 'refused'
        ? Math.max(soonMs, settings.retries * Math.min(connectMs, retryPauseMs))
        : (settings.retries + 1) * connectMs
    return { ...chance, error: 'closed', failsAfterMs }
  }

  /** From outside, to a port of a node that leads to a part; a save goes on to the database. */
  throughNode(machine: Machine, component: Component, saves: boolean): Chance {
    if (!this.#scene.machines.isReached(machine)) return never('connect-timeout')
    return this.#serviceFrom(machine, component, saves)
  }

  #serviceFrom(from: Machine, component: Component, saves: boolean): Chance {
    const endpoints = this.#endpoints.at(from, component)
    return averageOf(endpoints, (endpoint) => this.#podFrom(from, endpoint, saves), 'refused')
  }

  #podFrom(from: Machine, { pod, address }: Endpoint, saves: boolean): Chance {
    const { node, owner, serves } = pod
    if (address !== pod.address) return never('connect-timeout')
    if (!node || !this.#scene.machines.reaches(from, node)) return never('connect-timeout')
    if (!serves) return never('refused')
    if (!this.#mounts(pod)) return never('answer-timeout')
    const { component } = owner
    const part = (saves ? asksToSave : asks)[component]
    if (part === undefined) return surelyFrom(component === 'database' ? pod : null)
    const further = this.#serviceFrom(node, part, saves)
    return further.good === 1 ? further : { ...further, error: failedBehind(component) }
  }
}

const failedBehind = (component: Component): Chance['error'] =>
  component === 'api' || component === 'reporting' ? 'http-503' : 'http-502'

/** One of them at random; with none of them, nobody listens. */
function averageOf<T>(
  ways: readonly T[],
  chanceOf: (way: T) => Chance,
  without: Chance['error'],
): Chance {
  if (ways.length === 0) return never(without)
  let good = 0
  let failing: Chance | null = null
  let database: Pod | null = null
  for (const way of ways) {
    const chance = chanceOf(way)
    good += chance.good
    if (chance.good < 1) failing ??= chance
    if (chance.good > 0) database ??= chance.database
  }
  return failing === null
    ? surelyFrom(database)
    : { ...failing, good: good / ways.length, database }
}
