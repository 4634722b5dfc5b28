/**
 * The calibration in force: what was measured in saved drills, by `pnpm calibrate`, and for the rest
 * what was seen or assumed, each with its source.
 */
import measured from './calibrated.json' with { type: 'json' }
import type { Calibration, Spread } from './calibration.ts'

/** By name, as in the file. */
const spreads = measured.spreads as unknown as Readonly<Record<string, Spread['ms']>>

/** Ids of the runs that it was measured in: to be judged on others. */
export const calibratedBy: readonly string[] = measured.runs

const source = 'seen in drills on kind, two cores; not measured one by one'

const assumed: Calibration = {
  proof: {
    power: { ms: [1_555, 1_701, 1_777, 1_972, 2_196, 2_345, 3_371], source },
    process: { ms: [389, 690, 816, 817], source },
    network: { ms: [1_289, 2_791], source },
  },
  nodeBoot: { ms: [1_824, 1_956, 2_717, 5_105, 7_362], source },
  podAfterBoot: { ms: [3_000, 6_000, 12_000], source },
  controlPlaneBoot: { ms: [3_055, 4_879, 7_201, 8_553, 8_598], source },
  controlPlaneBootBeside: { ms: [9_998, 10_266, 12_330, 15_586, 29_344], source },
  thaw: { ms: [100, 300, 1_000], source },
  apiReturn: { ms: [100, 500, 2_000], source },
  managerStart: { ms: [500, 1_500, 4_000], source },
  replace: { ms: [20, 50, 150], source },
  schedule: { ms: [1, 10, 36, 651], source },
  podStart: { ms: [726, 1_178, 2_001, 3_613], source },
  containerStart: { ms: [500, 900, 1_500], source },
  podReady: { ms: [0, 10, 141, 1_041], source },
  podEnd: { ms: [200, 600, 1_200], source },
  endpointSpread: { ms: [50, 200, 1_000], source },
  watch: { ms: [5, 20, 100], source },
  answer: { ms: [1, 3, 20], source },
  pull: { ms: [500, 1_500, 4_000], source },
  forceDelete: { ms: [1_500, 2_500, 5_000], source },
  forgetImages: { ms: [3_000, 6_000, 10_000], source },
  drain: { ms: [4_000, 8_000, 15_000], source },
  memberChange: { ms: [500, 2_000, 4_000], source },
  reset: { ms: [40_000, 55_000, 65_000], source },
  join: { ms: [9_000, 16_000, 25_000], source },
  backup: { ms: [4_000, 6_000, 10_000], source },
  restore: { ms: [10_000, 12_000, 24_000], source },
  apiRestart: { ms: [10_000, 17_000, 38_000], source },
  pointNode: { ms: [2_000, 5_000, 15_000], source },
}

function measuredOr(name: string, { ms, source: from }: Spread): Spread {
  const found = spreads[name]
  return found ? { ms: found, source: measured.source } : { ms, source: from }
}

export const calibration = Object.fromEntries(
  Object.entries(assumed).map(([name, spread]) =>
    name === 'proof'
      ? [
          name,
          Object.fromEntries(
            Object.entries(spread as Calibration['proof']).map(([room, each]) => [
              room,
              measuredOr(`proof.${room}`, each),
            ]),
          ),
        ]
      : [name, measuredOr(name, spread as Spread)],
  ),
) as unknown as Calibration
