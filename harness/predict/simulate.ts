/**
 * One drill in the model, from its plan to what a real run would have left on disk, and nothing on
 * disk: the same conductor, on a session in virtual time.
 */
import type { Measured } from '../cluster/sim/calibrated.ts'
import { type SimOptions, SimSession } from '../cluster/sim/session.ts'
import type { Conduct } from '../model/conduct.ts'
import type { DrillEvent } from '../model/event.ts'
import type { Found } from '../model/found.ts'
import type { Plan } from '../model/plan.ts'
import type { Sample } from '../model/vantage.ts'
import { conduct } from '../run/conductor.ts'

export interface Simulated {
  conduct: Conduct
  events: DrillEvent[]
  samples: Sample[]
}

export interface SimulateOptions {
  /**
   * Samples only where something changes: outages and steps are the same, counts of requests are not.
   */
  lean?: boolean
  /** How the cluster stands when it begins; null or absent: by chance. */
  found?: Found | null
  /** Absent: the calibration in force. */
  calibrated?: Measured | undefined
  /** What pods may ask of nodes, by name; absent: of no node is anything said. */
  allocatable?: SimOptions['allocatable']
}

/** In a lean run goals are looked at so often in the stable time of its plan. */
const looksPerStableTime = 4
const anyDay = new Date(0)

/** Resolves with an invalid run where the fault did not do what it should; rejects on a bug. */
export async function simulate(
  plan: Plan,
  { lean = false, found = null, calibrated, allocatable }: SimulateOptions = {},
): Promise<Simulated> {
  const events: DrillEvent[] = []
  const samples: Sample[] = []
  await using session = new SimSession(plan, anyDay, {
    found,
    alone: true,
    calibrated,
    allocatable,
  })
  const lookEveryMs = plan.probe.stableMs / looksPerStableTime
  const sleepUntilMet = (met: () => boolean, latestMs: number) =>
    session.clock.sleepUntilMet(met, lookEveryMs, latestMs)
  const nothing = async () => undefined
  const result = await conduct(
    plan,
    {
      session,
      sink: {
        event: (event) => events.push(event),
        intent: nothing,
        held: nothing,
        undone: nothing,
      },
      probe: async ({ onSamples }) => {
        const probing = session.probe(
          (batch) => {
            for (const sample of batch) samples.push(sample)
            onSamples(batch)
          },
          lean ? 'turns' : 'all',
        )
        return {
          stop: async () => {
            probing.stop()
            return { latenessMs: null, skipped: 0 }
          },
        }
      },
      ...(lean ? { exact: true, sleepUntilMet } : {}),
      onEvent: () => undefined,
    },
    new AbortController().signal,
  )
  return { conduct: result, events, samples }
}
