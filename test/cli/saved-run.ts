/** A run directory as a drill leaves it: conducted on a cluster that is not there, and written. */
import type { Conduct } from '../../harness/model/conduct.ts'
import type { DrillEvent } from '../../harness/model/event.ts'
import type { Sample } from '../../harness/model/vantage.ts'
import { createRun } from '../../harness/record/run-directory.ts'
import { conduct } from '../../harness/run/conductor.ts'
import { briskPlan, FakeDrill, vantage } from '../run/fake-drill.ts'

export interface SavedRunOptions {
  /** As if the process had been killed before its end. */
  unfinished?: boolean
  /** Nobody looks at the workload, so that no claim about it can be judged. */
  apiOnly?: boolean
  /** Added to those of the drill. */
  problems?: Conduct['problems']
}

/** Gives the directory's path. */
export async function saveRun(root: string, options: SavedRunOptions = {}): Promise<string> {
  const troubles: string[] = []
  const directory = await createRun({
    ...{ root, topology: 'cx-worker-ha', scenario: 'worker-down', provider: 'kind' },
    startedAt: new Date('2026-03-01T09:30:05Z'),
    onTrouble: (message) => troubles.push(message),
  })
  const plan = { ...briskPlan, runId: directory.name }
  await directory.writePlan(plan)
  const drill = new FakeDrill()
  drill.vantages.push(vantage('page-b', 'page', 'worker-b'))
  if (options.apiOnly) {
    const api = drill.vantages.filter(({ kind }) => kind.startsWith('api-'))
    drill.vantages.splice(0, Infinity, ...api)
  } else {
    drill.answers = ({ kind }) => kind !== 'save' || !drill.broken.has('worker-a') || repaired()
  }
  const repaired = () => drill.clock.nowMs() >= 11_000
  const samples: Sample[] = []
  const events: DrillEvent[] = []
  const { ports } = drill
  const result = await conduct(
    plan,
    {
      ...ports,
      onEvent: (event) => events.push(event),
      probe: (request) =>
        ports.probe({
          ...request,
          onSamples: (batch) => {
            samples.push(...batch)
            request.onSamples(batch)
          },
        }),
    },
    new AbortController().signal,
  )
  directory.appendSamples(samples)
  directory.appendEvents(events)
  directory.close()
  if (!options.unfinished) {
    const problems = [...result.problems, ...(options.problems ?? [])]
    await directory.writeConduct({ ...result, problems })
  }
  if (troubles.length > 0) throw new Error(troubles.join('\n'))
  return directory.path
}
