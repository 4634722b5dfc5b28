/**
 * What a drill shows while it runs: a frame that is redrawn on a terminal, plain lines elsewhere.
 * Keeps the state; `reports/live.ts` draws it.
 */
import { createLogUpdate } from 'log-update'
import { changesBetween, type LiveState, plainLine, renderLive } from '../../reports/live.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Progress } from '../run/ports.ts'

const kept = 40
/** Events that a viewer wants at once; the rest is in `events.jsonl`. */
const shown: ReadonlySet<DrillEvent['name']> = new Set([
  'node-not-ready',
  'node-ready',
  'node-tainted',
  'pod-evicted',
  'pod-created',
  'pod-unschedulable',
  'pod-ready',
  'endpoint-removed',
  'endpoint-added',
  'leader-changed',
  'lb-down',
  'lb-up',
  'lb-empty',
  'fault',
  'undo',
  'note',
])

export class Screen {
  readonly #stream: NodeJS.WriteStream
  readonly #redraw: ReturnType<typeof createLogUpdate> | null
  readonly #beganMs = performance.now()
  #state: LiveState
  #told: LiveState | null = null

  /** Draws on standard error where standard output must stay clean for `--json`. */
  constructor(plan: Pick<Plan, 'scenario' | 'topology' | 'pace' | 'provider'>, json: boolean) {
    this.#stream = json ? process.stderr : process.stdout
    this.#redraw = this.#stream.isTTY && !json ? createLogUpdate(this.#stream) : null
    this.#state = {
      title: `${plan.scenario.name} on ${plan.topology.name}`,
      pace: plan.pace,
      provider: plan.provider,
      phase: 'bring-up',
      phaseElapsedMs: 0,
      phaseLeftMs: null,
      waitingFor: [],
      vantages: [],
      recent: [],
    }
  }

  /** A line of the bring-up, or of anything outside the session's time. */
  report(text: string): void {
    this.#add(performance.now() - this.#beganMs, text)
    this.#state = { ...this.#state, phaseElapsedMs: performance.now() - this.#beganMs }
    this.#show()
  }

  event(event: DrillEvent): void {
    if (!shown.has(event.name)) return
    const detail = event.detail ? `: ${event.detail}` : ''
    const what =
      event.source === 'harness' ? event.detail : `${event.name} ${event.subject}${detail}`
    this.#add(event.atMs, what)
    if (!this.#redraw) this.#show(event.atMs)
  }

  progress(progress: Progress, nowMs: number): void {
    this.#state = { ...this.#state, ...progress }
    this.#show(nowMs)
  }

  done(): void {
    this.#redraw?.done()
  }

  #add(atMs: number, text: string): void {
    this.#state = { ...this.#state, recent: [...this.#state.recent.slice(-kept), { atMs, text }] }
  }

  #show(atMs = performance.now() - this.#beganMs): void {
    if (this.#redraw) {
      this.#redraw(renderLive(this.#state, this.#stream.columns || 80))
      return
    }
    for (const change of changesBetween(this.#told, this.#state)) {
      this.#stream.write(`${plainLine(atMs, change)}\n`)
    }
    this.#told = this.#state
  }
}
