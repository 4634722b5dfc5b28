/**
 * A whole simulated cluster: the parts, put together, and what follows when a machine is lost or
 * comes back. Everything else follows from the parts telling each other.
 */
import { ApiServers } from './api-servers.ts'
import { Balancer } from './balancer.ts'
import { drawMs } from './calibration.ts'
import { Controllers } from './controllers.ts'
import { Databases } from './databases.ts'
import { Election } from './election.ts'
import { Endpoints, type Loss } from './endpoints.ts'
import { Etcd, type Snapshot } from './etcd.ts'
import { ownersOf, placeFirst } from './first-pods.ts'
import { FloatingIp, type FloatingIpWay } from './floating-ip.ts'
import { Heartbeats, type Way } from './heartbeats.ts'
import { oneOf } from './kernel/random.ts'
import { Kubelets } from './kubelets.ts'
import type { Machine, Machines } from './machines.ts'
import { NodeLifecycle } from './node-lifecycle.ts'
import { Paths } from './paths.ts'
import { Placing } from './placing.ts'
import { type Pod, Pods } from './pods.ts'
import { constants } from './profile.ts'
import type { Scene } from './scene.ts'
import { ReplicatedStore } from './store.ts'

export interface ClusterOptions {
  floatingIpWay: FloatingIpWay
  floatingIpAddress: string
  /** How many replicas each component should have. */
  wanted: Readonly<Record<string, number>>
  /** Volumes lie in the document's own store, not in what stands in for it. */
  replicated: boolean
}

const managers = ['kube-controller-manager', 'kube-scheduler'] as const

export class Cluster {
  readonly scene: Scene
  readonly machines: Machines
  readonly etcd: Etcd
  readonly api: ApiServers
  readonly balancer: Balancer | null
  readonly heartbeats: Heartbeats
  readonly nodes: NodeLifecycle
  readonly pods: Pods
  readonly databases: Databases
  readonly kubelets: Kubelets
  readonly placing: Placing
  readonly controllers: Controllers
  readonly endpoints: Endpoints
  readonly floatingIp: FloatingIp | null
  readonly paths: Paths
  readonly elections: ReadonlyMap<(typeof managers)[number], Election>
  /** What etcd had taken in meanwhile is not in the snapshot that it was made anew from. */
  forgotten: { fromMs: number; toMs: number } | null = null
  #snapshot: Snapshot | null = null
  /** The control plane at which those are led who ask the endpoint, without a load balancer. */
  #first: Machine
  /** By machine: the API server that its kubelet's connection leads to. */
  readonly #connected = new Map<Machine, Machine>()
  readonly #heard = new Map<Machine, boolean>()

  constructor(scene: Scene, options: ClusterOptions) {
    const { topology, machines } = scene
    this.scene = scene
    this.machines = machines
    this.#first = machines.controlPlanes[0] as Machine
    this.etcd = new Etcd(scene)
    this.api = new ApiServers(scene, this.etcd)
    this.balancer = topology.loadBalancer
      ? new Balancer(scene, this.api, topology.loadBalancer)
      : null
    const hears = (machine: Machine) => this.#wayOf(machine).open
    this.heartbeats = new Heartbeats(scene, (machine) => this.#wayOf(machine))
    this.nodes = new NodeLifecycle(scene, this.heartbeats)
    this.pods = new Pods(scene, ownersOf(options, scene))
    this.placing = new Placing(scene, this.pods, this.nodes)
    const pending = placeFirst(scene, this.pods, this.placing)
    this.databases = new Databases(scene, this.pods)
    const { copies } = topology.storage
    const store = options.replicated && copies ? new ReplicatedStore(machines, copies) : null
    const mounts = ({ owner: { volume }, node }: Pod) =>
      store === null || volume?.kind !== 'replicated' || node === null || store.serves(node)
    this.kubelets = new Kubelets(scene, this.pods, hears, mounts)
    this.controllers = new Controllers(scene, this.pods, this.nodes, this.placing)
    // A kubelet that finds its pods marked otherwise than they are says so again.
    this.nodes.onChange((machine, what) => {
      if (what === 'ready') this.kubelets.reconnected(machine)
    })
    this.endpoints = new Endpoints(scene, this.pods, hears)
    const announcers = (topology.floatingIp?.announcers ?? []).map((name) => machines.get(name))
    this.floatingIp = topology.floatingIp
      ? new FloatingIp(scene, options.floatingIpAddress, options.floatingIpWay, announcers, hears)
      : null
    this.paths = new Paths(scene, this.api, this.balancer, this.endpoints, mounts)
    this.elections = this.#elections()
    for (const machine of machines.all) {
      this.#heard.set(machine, true)
      this.#connect(machine)
    }
    this.api.onChange(() => this.look())
    machines.onLost((machine) => this.#lost(machine))
    machines.onLinks(() => this.look())
    // Its kernel refuses from now on what went unanswered before.
    machines.onBack(() => scene.touch())
    this.balancer?.onChange(() => this.look())
    for (const { owner, name } of pending) this.pods.create(owner, name)
  }

  /** Power again: the machine boots, and what ran on it starts anew. */
  powerOn(machine: Machine): void {
    const { queue, calibration } = this.scene
    const draw = this.scene.chance(`boot ${machine.name}`)
    this.machines.give(machine)
    const { losses } = machine
    /** Not if it has lost its power meanwhile; a frozen machine does it once it is thawed. */
    const afterBoot = (delayMs: number, act: () => void) => {
      queue.after(delayMs, () => {
        if (machine.losses !== losses) return
        if (machine.power === 'on') act()
        else afterBoot(constants.lookAgainMs, act)
      })
    }
    afterBoot(drawMs(draw, calibration.nodeBoot), () => {
      machine.booting = false
      machine.kubelet = true
      this.kubelets.booted(machine)
      this.endpoints.booted(machine)
      this.look()
      this.heartbeats.started(machine)
    })
    if (machine.node.role !== 'control-plane' || machine.gone) return
    const listensMs = drawMs(draw, calibration.apiBoot)
    const settlesMs = drawMs(draw, calibration.apiSettle)
    afterBoot(listensMs, () => {
      this.etcd.start(machine)
      this.api.start(machine, settlesMs)
      this.look()
    })
  }

  /** The load balancer has power again, and answers once it has booted. */
  powerBalancer(): void {
    const { queue, calibration } = this.scene
    queue.after(drawMs(this.scene.chance('boot of the balancer'), calibration.balancerBoot), () => {
      if (this.balancer) this.balancer.on = true
    })
  }

  /** Without power: at once, or after an orderly end. */
  powerOff(machine: Machine, orderly: boolean): void {
    if (orderly) this.#handOver(machine)
    this.machines.take(machine, 'off')
  }

  /** What runs on it is told to end, which takes until then: its API server takes connections meanwhile. */
  endServices(machine: Machine, endsAtMs: number): void {
    this.#handOver(machine)
    machine.ended = true
    this.api.end(machine, endsAtMs)
    this.etcd.stop(machine)
    this.kubelets.allDie(machine)
    this.stopKubelet(machine)
  }

  /** All of it has ended; its kernel lives, and refuses connections. */
  servicesEnded(machine: Machine): void {
    this.api.stop(machine)
    this.look()
  }

  /** etcd gives its lead to another, and the scheduler its Lease back. */
  #handOver(machine: Machine): void {
    this.etcd.handOver(machine)
    this.elections.get('kube-scheduler')?.release(machine.name)
  }

  stopKubelet(machine: Machine): void {
    machine.kubelet = false
    this.look()
  }

  /** Nothing, on one that boots: there it starts by itself. */
  startKubelet(machine: Machine): void {
    if (machine.booting) return
    machine.kubelet = true
    this.look()
    if (this.#wayOf(machine).open) this.kubelets.reconnected(machine)
    this.heartbeats.started(machine)
  }

  /** Of etcd, as it was when it was last backed up; null: never. */
  get snapshot(): Snapshot | null {
    return this.#snapshot
  }

  backUp(): void {
    this.#snapshot = this.etcd.snapshot()
  }

  /** The control plane is made anew on a worker: a new etcd of one member, reached as before. */
  restoreOn(worker: Machine, snapshot: Snapshot): void {
    this.forgotten = { fromMs: snapshot.atMs, toMs: this.scene.queue.nowMs }
    const [lost] = this.machines.controlPlanes
    if (lost) this.machines.inherit(lost, worker)
    this.etcd.restart(worker, snapshot)
    this.api.start(worker, 0)
    for (const election of this.elections.values()) election.add(worker.name)
    this.leadTo(worker)
  }

  /** A frozen machine goes on where it stopped. */
  thaw(machine: Machine): void {
    this.machines.give(machine)
    this.scene.queue.after(
      drawMs(this.scene.chance(`thaw ${machine.name}`), this.scene.calibration.thaw),
      () => {
        if (machine.power !== 'on' || machine.booting) return
        this.etcd.start(machine)
        this.api.start(machine)
        this.look()
        this.heartbeats.started(machine)
      },
    )
  }

  /** The endpoint leads elsewhere now. */
  leadTo(machine: Machine): void {
    this.#first = machine
    this.look()
  }

  get first(): Machine {
    return this.#first
  }

  /** Without one that carries no API server, all others find their way as before. */
  #lost(machine: Machine): void {
    if (this.api.hosts(machine) || machine === this.#first) {
      this.look()
      return
    }
    this.#wayChanged(machine)
    this.floatingIp?.apiChanged(machine)
    this.scene.touch()
  }

  /** Something about somebody's way to the API may have changed. */
  look(): void {
    this.balancer?.look()
    for (const machine of this.machines.all) this.#wayChanged(machine)
    for (const machine of this.floatingIp?.announcers ?? []) this.floatingIp?.apiChanged(machine)
    for (const election of this.elections.values()) this.#look(election)
    this.scene.touch()
  }

  #wayChanged(machine: Machine): void {
    this.heartbeats.look(machine)
    this.#reconnect(machine)
    const hears = this.#wayOf(machine).open
    const heard = this.#heard.get(machine) === true
    this.#heard.set(machine, hears)
    if (heard && !hears) this.endpoints.disconnected(machine, this.#lossOf(machine))
    if (!hears || heard) return
    this.kubelets.reconnected(machine)
    this.endpoints.reconnected(machine)
  }

  #lossOf(machine: Machine): Loss {
    if (this.balancer) return this.balancer.on ? 'refused' : 'unreachable'
    if (this.#first.power === 'off') return 'unreachable'
    const cut = this.api.isReady(this.#first) && !this.machines.reaches(machine, this.#first)
    return cut ? 'silent' : 'refused'
  }

  #elections() {
    const { timers } = this.scene
    const names = this.machines.controlPlanes.map(({ name }) => name)
    return new Map(
      managers.map((name) => {
        const election = new Election(
          this.scene,
          name,
          {
            leaseDurationMs: timers.leaderLeaseDurationMs,
            renewDeadlineMs: timers.leaderRenewDeadlineMs,
            retryPeriodMs: timers.leaderRetryPeriodMs,
          },
          names,
          name === 'kube-controller-manager' ? (this.scene.found?.leaseHolder ?? null) : null,
        )
        election.onChange((leader) => this.#led(name, leader))
        return [name, election] as const
      }),
    )
  }

  #led(name: (typeof managers)[number], leader: string | null): void {
    const works = leader !== null
    if (works) {
      this.scene.tell({
        ...{ source: 'api', name: 'leader-changed', subject: name },
        ...{ node: leader, component: null, detail: leader },
      })
    }
    if (name === 'kube-scheduler') this.controllers.run(works)
    else {
      this.nodes.lead(works)
      this.controllers.manage(works)
      this.endpoints.manage(works)
    }
  }

  /** Controller managers and schedulers ask the API server beside them. */
  #look(election: Election): void {
    for (const machine of election.names.map((name) => this.machines.get(name))) {
      if (machine.power === 'on' && this.api.isReady(machine)) {
        if (election.holder === machine.name) election.enable(machine.name, false)
        else election.enable(machine.name, true)
      } else {
        const lives = machine.power === 'on' && !machine.ended
        election.disable(machine.name, lives ? 'asks in vain' : 'died')
      }
    }
  }

  /** A control plane's kubelet asks its own server; the others ask the endpoint. */
  #wayOf(machine: Machine): Way {
    if (machine.power !== 'on' || machine.booting || machine.gone) {
      return { open: false, silent: false }
    }
    if (machine.node.role === 'control-plane') {
      return { open: this.api.isReady(machine), silent: false }
    }
    if (!this.balancer) {
      const open = this.api.isReady(this.#first) && this.machines.reaches(machine, this.#first)
      return { open, silent: false }
    }
    const open = this.balancer.up.some((server) => this.api.isReady(server))
    return { open, silent: this.#isOrphaned(machine) }
  }

  /** Its connection leads to a server that went silent, and it has not noticed yet. */
  #isOrphaned(machine: Machine): boolean {
    const server = this.#connected.get(machine)
    return server !== undefined && !this.machines.isReached(server)
  }

  #connect(machine: Machine): void {
    const servers = this.balancer?.up.filter((server) => this.api.isReady(server)) ?? []
    if (servers.length === 0) return void this.#connected.delete(machine)
    const server = oneOf(this.scene.chance(`connection ${machine.name}`), servers)
    this.#connected.set(machine, server)
  }

  /** Once its renewals flow again, or its server refused, it leads to another server. */
  #reconnect(machine: Machine): void {
    const server = this.#connected.get(machine)
    if (server === undefined || !this.api.isReady(server)) {
      if (server === undefined || this.machines.isReached(server)) this.#connect(machine)
    }
  }
}
