/**
 * The load balancer before the API servers, HAProxy in TCP mode: when each server's checks have failed
 * or succeeded so often that it is taken out or put back, and how likely a new connection is good.
 */
import type { LoadBalancer } from '../../model/topology.ts'
import type { ApiServers } from './api-servers.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Machine } from './machines.ts'
import type { Scene } from './scene.ts'

interface Server {
  machine: Machine
  up: boolean
  /** What its next checks find. */
  good: boolean
  turn: EventId | null
  /** Its checks fall on this and every interval after it. */
  phaseMs: number
}

type Told = () => void

export class Balancer {
  readonly settings: LoadBalancer
  readonly #scene: Scene
  readonly #api: ApiServers
  readonly #servers: Server[]
  readonly #told: Told[] = []
  /** It has power. */
  #on = true

  constructor(scene: Scene, api: ApiServers, settings: LoadBalancer) {
    this.settings = settings
    this.#scene = scene
    this.#api = api
    const draw = scene.chance('balancer')
    this.#servers = scene.machines.controlPlanes.map((machine) => ({
      ...{ machine, up: true, good: true, turn: null },
      phaseMs: draw() * settings.check.intervalMs,
    }))
    scene.machines.onLost(() => this.#look())
    scene.machines.onLinks(() => this.#look())
    api.onChange(() => this.#look())
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
      // One that starts takes its servers for up until a check says otherwise.
      if (on) {
        server.up = true
        server.good = true
      }
    }
    if (on) this.#look()
    this.#tell()
  }

  /** Servers that get new connections. */
  get up(): Machine[] {
    return this.#on ? this.#servers.filter(({ up }) => up).map(({ machine }) => machine) : []
  }

  isUp(machine: Machine): boolean {
    return this.#servers.some((server) => server.machine === machine && server.up)
  }

  /**
   * Servers among which a new connection is shared. With `leastconn` those that nobody answers keep
   * the connections that they were given, and get hardly any more.
   */
  get choices(): Machine[] {
    const { up } = this
    if (this.settings.balance !== 'leastconn') return up
    const answering = up.filter((machine) => this.#scene.machines.isReached(machine))
    return answering.length > 0 ? answering : up
  }

  /** A new connection to it is taken at all. */
  connects(machine: Machine): boolean {
    return this.#scene.machines.isReached(machine) && this.#api.listens(machine)
  }

  /** Whether processes have begun or ended to listen; of the machines it is told itself. */
  look(): void {
    this.#look()
  }

  #look(): void {
    if (!this.#on) return
    for (const server of this.#servers) {
      const good = this.connects(server.machine)
      if (good === server.good) continue
      server.good = good
      this.#forget(server)
      if (good !== server.up) this.#expect(server)
    }
  }

  /**
   * `fall` checks in a row that fail, or `rise` that succeed. The next one begins an interval after
   * the end of the last, and one that nobody answers ends at its time-out, which is an interval too:
   * so those are twice as far apart (measured: DOWN 8.6 to 12.3 s after the power was cut).
   */
  #expect(server: Server): void {
    const { intervalMs, fall, rise } = this.settings.check
    const { nowMs } = this.#scene.queue
    const sinceMs = Math.max(0, nowMs - server.phaseMs)
    const firstMs = server.phaseMs + Math.ceil(sinceMs / intervalMs) * intervalMs
    const silent = !server.good && !this.#scene.machines.isReached(server.machine)
    const atMs = server.good
      ? firstMs + (rise - 1) * intervalMs
      : firstMs + (fall - 1) * intervalMs + (silent ? fall * intervalMs : 0)
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

  /** As HAProxy words it. */
  #reason({ machine, up }: Server): string {
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
    if (left === 0)
      this.#scene.tell({ ...base, name: 'lb-empty', subject: this.settings.backend, node: null })
  }
}
