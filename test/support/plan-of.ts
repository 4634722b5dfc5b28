/** A whole plan for a documented topology, with the id of a run that no test looks at. */
import type { Plan } from '../../harness/model/plan.ts'
import type { Pace } from '../../harness/model/timers.ts'
import { compile } from '../../harness/plan/compile.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

export function planOf(topology: string, pace: Pace = 'documented', set: string[] = []): Plan {
  const request = { scenario: 'worker-down', provider: 'kind', target: null, seed: 1 } as const
  const { plan, problems } = compile(
    { ...request, topology, pace, set, harnessVersion: '0.1.0' },
    { scenarios, topologies },
  )
  if (!plan) throw new Error(problems.join('\n'))
  return { ...plan, runId: 'run-1' }
}
