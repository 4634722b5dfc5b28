/**
 * What databases hold where two run on one volume at once. Each reads the volume when it starts, and
 * hears nothing of what another appends to it later (redis-server 7.0 with `appendonly yes`: the file is
 * loaded at start alone). So whoever is read in the end lacks what the other acknowledged since it
 * began itself. Measured so: in a drill on kind at brisk pace that cut the link between two sites, 47
 * of 1,319 saves were lost, as many as the old pod acknowledged after its heir had started.
 */
import type { Pod, Pods } from './pods.ts'
import type { Scene } from './scene.ts'

/** Acknowledged while another database ran beside the one that took it. */
interface Save {
  by: Pod
  atMs: number
}

export class Databases {
  readonly #scene: Scene
  readonly #serving = new Set<Pod>()
  /** When each began to serve, and so had read the volume; absent: before the drill. */
  readonly #readAtMs = new Map<Pod, number>()
  /** By vantage, then by number. */
  readonly #saves = new Map<string, Map<number, Save>>()

  /** To be made once all pods are placed. */
  constructor(scene: Scene, pods: Pods) {
    this.#scene = scene
    for (const pod of pods.all) {
      if (pod.owner.component === 'database' && pod.serves) this.#serving.add(pod)
    }
    pods.onChange((pod, change) => {
      if (pod.owner.component !== 'database' || change !== 'serving') return
      if (pod.serves) {
        this.#serving.add(pod)
        this.#readAtMs.set(pod, scene.queue.nowMs)
      } else this.#serving.delete(pod)
    })
  }

  /** A client was told that its save of that number succeeded, which that database took. */
  acknowledged(vantage: string, number: number, by: Pod): void {
    if (this.#serving.size < 2) return
    const saves = this.#saves.get(vantage) ?? new Map<number, Save>()
    this.#saves.set(vantage, saves)
    saves.set(number, { by, atMs: this.#scene.queue.nowMs })
  }

  /** That save is not found by whoever reads from this database now. */
  isLost(vantage: string, number: number, from: Pod): boolean {
    const save = this.#saves.get(vantage)?.get(number)
    if (!save || save.by === from) return false
    return save.atMs > (this.#readAtMs.get(from) ?? Number.NEGATIVE_INFINITY)
  }
}
