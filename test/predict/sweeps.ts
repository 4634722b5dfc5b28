/** Sweeps written by hand, for tests of what is made of them. */
import type { Sweep, SweepRun } from '../../harness/model/sweep.ts'
import { summaryOf } from '../../harness/predict/sweep.ts'

export const ended = (seed: number, outageMs: number, step = 'evicted'): SweepRun => ({
  seed,
  outageMs,
  longest: outageMs === 0 ? null : { step, timer: 'unreachableTolerationMs', share: 0.75 },
})

/** One combination that was played and one that was refused. */
export function sweepWith(runs: readonly SweepRun[], over: Partial<Sweep> = {}): Sweep {
  const combination = { timers: { nodeMonitorGraceMs: 40_000 }, refused: null, settings: ['a=1s'] }
  return {
    ...{ schema: 'clusterdrill/sweep/v1', provider: 'sim', timeSource: 'virtual' },
    ...{ scenario: 'worker-down', title: 'A worker dies', topology: 'cx-worker-ha' },
    ...{ target: null, pace: 'documented', set: [], vary: [{ name: 'a', values: ['1s', '2s'] }] },
    ...{ harnessVersion: '0.1.0', fingerprint: 'f00' },
    seeds: { from: runs[0]?.seed ?? 1, to: runs.at(-1)?.seed ?? 1 },
    combinations: [
      { ...combination, summary: summaryOf(runs), runs: [...runs] },
      { ...combination, settings: ['a=2s'], refused: 'no', summary: summaryOf([]), runs: [] },
    ],
    ...over,
  }
}
