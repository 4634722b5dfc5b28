/**
 * What kubelets do with the pods of their machines: start them, start their containers again with
 * the back-off of pkg/kubelet, report what is Ready, and end those that were deleted.
 */
import { drawMs } from './calibration.ts'
import { between, type Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import type { Pod, Pods } from './pods.ts'
import { constants, crashBackOffOf } from './profile.ts'
import type { Scene } from './scene.ts'

/** The list of containers is made every second (pkg/kubelet/kubelet.go, PLEG); two of them. */
const looksAfterEndMs = [1_000, 2_000] as const

export class Kubelets {
  readonly #scene: Scene
  readonly #pods: Pods
  readonly #hearsApi: (machine: Machine) => boolean
  readonly #mounts: (pod: Pod) => boolean
  readonly #draw: Draw

  /** Pods whose container is about to be started. */
  readonly #starting = new Set<Pod>()
  /** Where images are pulled from that a machine does not have; null: every machine has them all. */
  #registry: Machine | null = null
  /** It answers those who pull. */
  #registryServes = true
  /** Machines that have the image of a component. */
  readonly #has = new Set<string>()

  /** `mounts`: a pod can use its volume where it is. */
  constructor(
    scene: Scene,
    pods: Pods,
    hearsApi: (machine: Machine) => boolean,
    mounts: (pod: Pod) => boolean,
  ) {
    this.#scene = scene
    this.#pods = pods
    this.#hearsApi = hearsApi
    this.#mounts = mounts
    this.#draw = scene.chance('kubelets')
    pods.onChange((pod, change) => {
      if (change === 'scheduled') this.#startPod(pod)
      if (change === 'deleting') this.#end(pod)
    })
    scene.machines.onLost((machine) => {
      if (machine.power === 'off') this.allDie(machine)
      if (machine === this.#registry) this.#registryServes = false
      this.#scene.touch()
    })
  }

  get registry(): Machine | null {
    return this.#registry
  }

  /** From now on every other machine must pull what it starts anew. */
  pullFrom(registry: Machine): void {
    this.#registry = registry
  }

  /** Its kubelet runs again after a loss of power: containers are made anew. */
  booted(machine: Machine): void {
    for (const pod of this.#pods.on(machine)) {
      if (pod.deleting) {
        this.#endIn(pod, 0)
        continue
      }
      pod.address += 1
      this.#startContainer(pod, drawMs(this.#draw, this.#scene.calibration.podAfterBoot))
    }
  }

  /** It hears of the API again: what was deleted meanwhile ends, what is new begins, and all is reported. */
  reconnected(machine: Machine): void {
    if (machine === this.#registry && !this.#registryServes) this.#startRegistry(machine)
    for (const pod of this.#pods.on(machine)) {
      if (pod.deleting) this.#end(pod)
      else if (pod.serves) this.#report(pod)
      else if (!this.#starting.has(pod)) this.#startPod(pod)
    }
  }

  #startRegistry(machine: Machine): void {
    const { losses } = machine
    this.#scene.queue.after(drawMs(this.#draw, this.#scene.calibration.podAfterBoot), () => {
      if (machine.losses === losses) this.#registryServes = true
    })
  }

  /** All containers on it end, and nobody starts them again. */
  allDie(machine: Machine): void {
    for (const pod of this.#pods.on(machine)) this.#pods.serve(pod, false)
  }

  /** Kills the container of a pod; the kubelet starts it again. */
  killContainer(pod: Pod): void {
    const { queue } = this.#scene
    const quietMs = queue.nowMs - pod.restartedAtMs
    if (quietMs > constants.crashBackOffResetMs) pod.restarts = 0
    const backOffMs = this.#restartMs(pod)
    pod.restarts += 1
    this.#pods.serve(pod, false)
    if (this.#canReport(pod)) this.#pods.setReady(pod, false)
    this.#startContainer(
      pod,
      backOffMs + drawMs(this.#draw, this.#scene.calibration.containerStart),
    )
  }

  /** The kubelet looks again every so often, and starts it at the first look after the back-off. */
  #restartMs({ restarts }: Pod): number {
    if (restarts === 0) return 0
    const { podRetryMs, podRetryJitter } = constants
    const backOffMs = crashBackOffOf(restarts)
    // The first look finds the container gone, the second that it may not be started yet.
    let lookMs = between(this.#draw, ...looksAfterEndMs)
    while (lookMs < backOffMs) lookMs += podRetryMs * (1 + this.#draw() * podRetryJitter)
    return lookMs
  }

  #startPod(pod: Pod): void {
    const { node } = pod
    if (!node || !this.#works(node) || !this.#hearsApi(node)) return
    this.#pull(pod, node, constants.crashBackOffMs)
  }

  /** Tries again with a back-off while the registry does not answer (ImagePullBackOff). */
  #pull(pod: Pod, node: Machine, waitMs: number): void {
    const { calibration, queue, machines } = this.#scene
    const registry = this.#registry
    const image = `${node.name}/${pod.owner.component}`
    const startMs = drawMs(this.#draw, calibration.podStart)
    if (registry === null || registry === node || this.#has.has(image)) {
      this.#startContainer(pod, startMs)
      return
    }
    if (this.#registryServes && machines.reaches(node, registry)) {
      this.#has.add(image)
      this.#startContainer(pod, startMs + drawMs(this.#draw, calibration.pull))
      return
    }
    // A machine that is silent is asked in vain for a while; one that is there refuses at once.
    const failsMs = machines.reaches(node, registry) ? 0 : drawMs(this.#draw, calibration.pullFails)
    queue.after(failsMs + this.#untilRetryMs(waitMs), () => {
      if (pod.gone || pod.serves) return
      this.#pull(pod, node, Math.min(waitMs * 2, constants.crashBackOffMaxMs))
    })
  }

  /** The kubelet looks at a pod that failed now and then, and tries anew once its back-off is over. */
  #untilRetryMs(backOffMs: number): number {
    const { podRetryMs, podRetryJitter } = constants
    let waitedMs = 0
    while (waitedMs < backOffMs) waitedMs += podRetryMs * (1 + podRetryJitter * this.#draw())
    return waitedMs
  }

  #startContainer(pod: Pod, afterMs: number): void {
    const { node } = pod
    this.#starting.add(pod)
    this.#scene.queue.after(afterMs, () => {
      this.#starting.delete(pod)
      if (pod.gone || !node || node.power === 'off' || pod.serves) return
      // A frozen machine, one without its kubelet, or one whose store hangs, does it later.
      if (!this.#works(node) || !this.#mounts(pod)) {
        this.#startContainer(pod, constants.lookAgainMs)
        return
      }
      pod.restartedAtMs = this.#scene.queue.nowMs
      this.#pods.serve(pod, true)
      if (this.#canReport(pod)) this.#pods.tell(pod, 'started')
      this.#report(pod)
    })
  }

  #report(pod: Pod): void {
    const { queue, calibration } = this.#scene
    const { podReady, databaseReady } = calibration
    const readyMs = pod.owner.component === 'database' ? databaseReady : podReady
    queue.after(drawMs(this.#draw, readyMs), () => {
      if (!pod.serves || !this.#canReport(pod)) return
      this.#pods.setReady(pod, true)
      this.#pods.tell(pod, 'readdressed')
    })
  }

  #end(pod: Pod): void {
    const { node } = pod
    if (node === null) {
      this.#pods.remove(pod)
      return
    }
    if (!this.#works(node) || !this.#hearsApi(node)) return
    this.#endIn(pod, drawMs(this.#draw, this.#scene.calibration.podEnd))
  }

  #endIn(pod: Pod, afterMs: number): void {
    this.#pods.serve(pod, false)
    this.#scene.queue.after(afterMs, () => {
      const { node } = pod
      if (node && this.#works(node) && this.#hearsApi(node)) this.#pods.remove(pod)
    })
  }

  #canReport({ node }: Pod): boolean {
    return node !== null && this.#works(node) && this.#hearsApi(node)
  }

  #works(machine: Machine): boolean {
    return machine.power === 'on' && machine.kubelet && !machine.gone
  }
}
