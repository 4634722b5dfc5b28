/**
 * How the cluster of a live drill stands just before the first fault, and what the model says will
 * come of it. A model that fails is told of, and spoils no drill.
 */
import type { Session } from '../cluster/port.ts'
import { messageOf } from '../model/errors.ts'
import type { Found } from '../model/found.ts'
import type { Plan } from '../model/plan.ts'
import type { Prediction } from '../model/record.ts'
import type { TargetRole } from '../model/scenario.ts'
import { components } from '../model/topology.ts'
import { formatInterval } from '../model/units.ts'

export type Predict = (plan: Plan, found: Found) => Promise<Prediction | null>

export class Foresight {
  /** Absent before the look, and where it failed. */
  found: Found | undefined
  prediction: Prediction | null = null
  readonly troubles: string[] = []
  readonly #plan: Plan
  readonly #session: Session
  readonly #predict: Predict
  readonly #report: (line: string) => void

  constructor(plan: Plan, session: Session, predict: Predict, report: (line: string) => void) {
    this.#plan = plan
    this.#session = session
    this.#predict = predict
    this.#report = report
  }

  async look(): Promise<void> {
    try {
      this.found = await this.#find()
      this.prediction = await this.#predict(this.#plan, this.found)
    } catch (error) {
      this.troubles.push(`the model could not predict this drill: ${messageOf(error)}`)
    }
    if (this.prediction) {
      this.#report(`the model predicts an outage of ${formatInterval(this.prediction.outageMs)}`)
    }
  }

  async #find(): Promise<Found> {
    const { topology } = this.#plan
    const pods = await this.#session.workloadPods()
    const several = topology.nodes.filter(({ role }) => role === 'control-plane').length > 1
    return {
      floatingIpHolder: topology.floatingIp ? await this.#holder('floating-ip-holder') : null,
      etcdLeader: several ? await this.#holder('etcd-leader') : null,
      leaseHolder: several ? await this.#holder('lease-holder') : null,
      pods: pods.flatMap(({ component: name, node }) => {
        const component = components.find((known) => known === name)
        return component ? [{ component, node }] : []
      }),
    }
  }

  /** Null where nobody holds it, or two do. */
  async #holder(role: TargetRole): Promise<string | null> {
    try {
      return (await this.#session.findTarget(role, [])).node
    } catch {
      return null
    }
  }
}
