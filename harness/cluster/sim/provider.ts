/**
 * The model as a provider: a cluster is there at once, lives in the session that was given out for
 * it, and ends with it. Nothing outside of this process is touched, so nothing is ever left over.
 */
import type { Plan } from '../../model/plan.ts'
import type { UndoAction } from '../../model/undo.ts'
import type { Provider, Report, Standing } from '../port.ts'
import { capabilities, SimSession } from './session.ts'

export class SimProvider implements Provider {
  readonly name = 'sim'
  readonly capabilities = capabilities
  readonly #now: () => Date

  /** `now`: the time of day that a run is said to have begun at; the model does not look at it. */
  constructor(now: () => Date) {
    this.#now = now
  }

  async open(plan: Plan, report: Report): Promise<SimSession> {
    report('simulated: a model in virtual time, nothing is measured')
    return new SimSession(plan, this.#now())
  }

  async standing(): Promise<Standing[]> {
    return []
  }

  async remove(): Promise<void> {
    // It went with its session.
  }

  async undo({ cluster }: UndoAction): Promise<string> {
    return `${cluster} was simulated, and ended with its process`
  }
}
