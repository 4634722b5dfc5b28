/**
 * The load balancer before the API servers, HAProxy in TCP mode or Envoy: when each server's checks have
 * failed or succeeded so often that it is taken out or put back, and who gets new connections.
 */
import type { LoadBalancer } from '../../model/topology.ts'
import type { ApiServers } from './api-servers.ts'
import type { EventId } from './kernel/event-queue.ts'
import { between, type Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

interface Server {
  machine: Machine
  up: boolean
  /** What its next checks find. */
  good: boolean
  turn: EventId | null
  /** A request that it is given ends soon, whether well or not. */
  answers: boolean
  /** So many connections it is still given while it does not (leastconn). */
  room: number
  /** Its checks fall on this and every interval after it. */
  phaseMs: number
}

type Told = () => void

/**
 * So many connections are somebody else's, and come between two of ours: seen in drills on kind, where
 * whose turn it is shifted every few seconds while thirty connections a second were ours.
 */
const othersShare = 0.008

/** Where a server turns clients away at once: they come again, and all the sooner. */
const turnedAwayShare = 0.1

/**
 * Connections that a server which does not answer is given by `leastconn` before it has more than the
 * others: 8 to 24 in drills on kind, nearly all of them in its first two seconds.
 */
const room = [8, 24] as const

/** HAProxy waits so long before it asks a server again that refused (configuration manual, `retries`). */
export const retryPauseMs = 1_000

export class Balancer {
  readonly settings: LoadBalancer
  readonly #scene: Scene
  readonly #api: ApiServers
  readonly #servers: Server[]
  readonly #told: Told[] = []
  /** It has power. */
  #on = true
  /** Connections that were given to a server so far. */
  #given: number
  readonly #others: Draw

  constructor(scene: Scene, api: ApiServers, settings: LoadBalancer) {
    this.settings = settings
    this.#scene = scene
    this.#api = api
    this.#others = scene.chance('others')
    const draw = scene.chance('balancer')
    this.#given = Math.floor(draw() * scene.machines.controlPlanes.length)
    this.#servers = scene.machines.controlPlanes.map((machine) => ({
      ...{ machine, up: true, good: true, turn: null, answers: true, room: 0 },
      phaseMs: draw() * settings.check.intervalMs,
    }))
    scene.machines.onLost(() => this.look())
    scene.machines.onLinks(() => this.look())
    api.onChange(() => this.look())
  }

  /** Told when it gets or loses power, and when a server is taken out or put back. */
  onChange(told: Told): void {
    this.#told.push(told)
  }

  get on(): boolean {
    return this.#on
  }

  set on(on: boolean) {
    this.#on = on
    for (const server of this.#servers) {
      this.#forget(server)
      // HAProxy takes its servers for up until a check says otherwise. Envoy waits for the first check
      // of each, one of which is enough (docs/envoy, Health check: healthy_threshold).
      if (on) {
        server.good = !this.#isEnvoy || this.#isGood(server)
        server.up = server.good
      }
    }
    if (on) this.look()
    this.#tell()
  }

  get #isEnvoy(): boolean {
    return this.settings.kind === 'envoy'
  }

  /** Servers that get new connections: those that are up, or all in a panic, where too few are. */
  get up(): Machine[] {
    if (!this.#on) return []
    const up = this.#servers.filter((server) => server.up)
    const panics = up.length < (this.settings.panicShare ?? 0) * this.#servers.length
    return (panics ? this.#servers : up).map(({ machine }) => machine)
  }

  /**
   * Servers among which a new connection is shared. With `leastconn` one that does not answer
   * keeps those that it was given, and gets no more once it has more than the others.
   */
  get choices(): Machine[] {
    const { up } = this
    if (this.settings.balance !== 'leastconn') return up
    const open = this.#servers.filter((server) => server.up && (server.room > 0 || server.answers))
    return open.length > 0 ? open.map(({ machine }) => machine) : up
  }

  /** The one that the next new connection is given to: in turn, from any of them on. */
  next(): Machine | null {
    const { choices } = this
    this.#given += this.#others() < (this.#turnsAway ? turnedAwayShare : othersShare) ? 2 : 1
    const next = choices[this.#given % choices.length] ?? null
    const server = this.#servers.find(({ machine }) => machine === next)
    if (server && !server.answers && server.room > 0) this.#hold(server)
    return next
  }

  /** A server that is up lets its clients know at once that it does not serve them. */
  get #turnsAway(): boolean {
    const { machines } = this.#scene
    return this.#servers.some(
      ({ up, machine }) => up && machines.isReached(machine) && !this.#api.isReady(machine),
    )
  }

  /** One that is refused is let go after its retries; one that nobody answers, not before all is over. */
  #hold(server: Server): void {
    server.room -= 1
    if (server.room === 0) this.#scene.touch()
    if (this.connects(server.machine) || !this.#scene.machines.isReached(server.machine)) return
    this.#scene.queue.after(this.settings.retries * retryPauseMs, () => {
      if (server.answers) return
      server.room += 1
      if (server.room === 1) this.#scene.touch()
    })
  }

  /** A new connection to it is taken at all. */
  connects(machine: Machine): boolean {
    return this.#scene.machines.isReached(machine) && this.#api.listens(machine)
  }

  /** Whether processes have begun or ended to listen; of the machines it is told itself. */
  look(): void {
    if (!this.#on) return
    for (const server of this.#servers) {
      this.#lookForAnswers(server)
      const good = this.#isGood(server)
      if (good === server.good) continue
      server.good = good
      this.#forget(server)
      if (good !== server.up) this.#expect(server)
    }
  }

  #isGood({ machine }: Server): boolean {
    return (
      this.connects(machine) && (this.settings.check.kind !== 'https' || this.#api.isReady(machine))
    )
  }

  #lookForAnswers(server: Server): void {
    const { machine } = server
    const quick = this.#api.isReady(machine) || this.#api.ends(machine) || this.#api.starts(machine)
    const answers = quick && this.connects(machine)
    if (answers === server.answers) return
    server.answers = answers
    server.room = answers ? 0 : Math.round(between(this.#scene.chance('room'), ...room))
  }

  /**
   * `fall` checks in a row that fail, or `rise` that succeed. The next one begins an interval after
   * the end of the last, and one that nobody answers ends at its time-out, which with HAProxy is an
   * interval too: so those are twice as far apart (measured: DOWN 8.6 to 12.3 s after the power was cut).
   * One answer that is no good is enough for Envoy (docs/envoy, Health check: unhealthy_threshold).
   */
  #expect(server: Server): void {
    const { kind, intervalMs, timeoutMs = intervalMs, rise, ...check } = this.settings.check
    const { nowMs } = this.#scene.queue
    const sinceMs = Math.max(0, nowMs - server.phaseMs)
    const firstMs = server.phaseMs + Math.ceil(sinceMs / intervalMs) * intervalMs
    const silent = !server.good && !this.#scene.machines.isReached(server.machine)
    const answers = this.connects(server.machine) && !this.#api.ends(server.machine)
    const fall = kind === 'https' && answers ? 1 : check.fall
    const atMs = server.good
      ? firstMs + (rise - 1) * intervalMs
      : firstMs + (fall - 1) * intervalMs + (silent ? fall * timeoutMs : 0)
    server.turn = this.#scene.queue.at(Math.max(nowMs, atMs), () => {
      server.turn = null
      server.up = server.good
      this.#event(server)
      this.#tell()
    })
  }

  #tell(): void {
    for (const told of this.#told) told()
    this.#scene.touch()
  }

  #forget(server: Server): void {
    if (server.turn !== null) this.#scene.queue.cancel(server.turn)
    server.turn = null
  }

  /** As HAProxy words it; Envoy says what kind of failure it was. */
  #reason({ machine, up }: Server): string {
    if (this.#isEnvoy) {
      if (up) return 'health check passed'
      if (!this.#scene.machines.isReached(machine)) return 'health check failed: network timeout'
      return `health check failed: ${this.connects(machine) ? 'active' : 'network'}`
    }
    if (up) return `Layer${this.settings.check.kind === 'tls' ? 6 : 4} check passed`
    return this.#scene.machines.isReached(machine)
      ? 'Layer4 connection problem, info: "Connection refused"'
      : 'Layer4 timeout'
  }

  #event(server: Server): void {
    const { machine, up } = server
    const left = this.#servers.filter((server) => server.up).length
    const source = 'load-balancer' as const
    const { name: subject } = machine
    const detail = `${this.#reason(server)}, ${left} active servers left`
    const base = { source, node: subject, component: null, detail }
    this.#scene.tell({ ...base, name: up ? 'lb-up' : 'lb-down', subject })
    if (left === 0 && !this.#isEnvoy)
      this.#scene.tell({ ...base, name: 'lb-empty', subject: this.settings.backend, node: null })
  }
}
