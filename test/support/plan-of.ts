/**
 * A whole plan for a documented topology, with the id of a run that no test looks at: that of a lost
 * worker, or of the first scenario that the topology has where it is none of its own.
 */
import type { Plan } from '../../harness/model/plan.ts'
import type { Pace } from '../../harness/model/timers.ts'
import { compile } from '../../harness/plan/compile.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

export function planOf(
  topology: string,
  pace: Pace = 'documented',
  set: string[] = [],
  kubernetes?: string,
): Plan {
  const fitting = scenarios.filter((each) => each.topologies.includes(topology))
  const usual = fitting.find(({ name }) => name === 'worker-down') ?? fitting[0]
  const provider = kubernetes === undefined ? 'kind' : 'sim'
  const request = { provider, kubernetes, target: null, seed: 1 } as const
  const { plan, problems } = compile(
    {
      ...request,
      scenario: usual?.name ?? 'worker-down',
      topology,
      pace,
      set,
      harnessVersion: '0.1.0',
    },
    { scenarios, topologies },
  )
  if (!plan) throw new Error(problems.join('\n'))
  return { ...plan, runId: 'run-1' }
}
