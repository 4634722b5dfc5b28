/**
 * The calibration in force: what was measured in saved drills, by `pnpm calibrate`, and for the rest
 * what was seen or assumed, each with its source.
 */
import file from './calibrated.json' with { type: 'json' }
import type { Calibration, Spread } from './calibration.ts'

type Spreads = Readonly<Record<string, Spread['ms']>>

/** What was measured, as in the file. */
export interface Measured {
  source: string
  /** Ids of the runs that it was measured in: to be judged on others. */
  runs: readonly string[]
  /** Of clusters with one control plane, and with several on the same processors. */
  spreads: Readonly<Record<'alone' | 'beside', Spreads>>
  /**
   * By how much of its median an interval of the model must reach farther on both sides, so that it
   * holds nine of ten of those runs.
   */
  margin: number
}

export const measured = file as unknown as Measured

/** Seen in drills on kind with two cores, and not measured one by one; in milliseconds. */
const assumed: Readonly<Record<keyof Calibration, Spread['ms']>> = {
  proofOfPower: [1_555, 1_701, 1_777, 1_972, 2_196, 2_345, 3_371],
  proofOfBalancer: [1_500, 2_500, 3_500],
  proofOfProcess: [389, 690, 816, 817],
  proofOfNetwork: [1_289, 2_791],
  nextFault: [300, 1_000, 2_500],
  nodeBoot: [1_824, 1_956, 2_717, 5_105, 7_362],
  podAfterBoot: [3_000, 6_000, 12_000],
  apiBoot: [2_000, 4_000, 6_000],
  apiSettle: [1_000, 2_000, 4_000],
  balancerBoot: [500, 1_500, 3_000],
  endBegins: [700, 1_300, 2_000],
  endTakes: [3_500, 5_000, 6_500],
  thaw: [100, 300, 1_000],
  apiReturn: [0, 150, 600],
  nodeLost: [150, 400, 550, 700, 950],
  unready: [50, 200, 900],
  noExecute: [40, 150, 1_000],
  evict: [50, 300, 1_500],
  replace: [20, 50, 150],
  schedule: [1, 10, 36, 651],
  podStart: [726, 1_178, 2_001, 3_613],
  containerStart: [500, 900, 1_500],
  podReady: [0, 10, 141, 1_041],
  databaseReady: [0, 30, 100, 1_000],
  podEnd: [200, 600, 1_200],
  endpointSpread: [50, 200, 1_000],
  answer: [1, 3, 20],
  pull: [500, 1_500, 4_000],
  pullFails: [2_900, 11_000, 11_200, 12_200],
  forceDelete: [1_500, 2_500, 5_000],
  forgetImages: [3_000, 6_000, 10_000],
  drain: [4_000, 8_000, 15_000],
  memberChange: [500, 2_000, 4_000],
  reset: [24_000, 29_000, 34_000],
  joinPrepare: [2_500, 3_500, 4_000],
  memberStart: [3_000, 4_500, 7_000],
  memberSync: [300, 700, 1_500],
  joinEnd: [11_000, 15_000, 27_000],
  backup: [4_000, 6_000, 10_000],
  restore: [9_000, 11_000, 18_000],
  renewCertificate: [5_000, 7_000, 10_000],
  apiRestart: [1_000, 3_000, 20_000],
  apiRestartSettle: [3_000, 7_000, 12_000],
  pointNode: [2_000, 5_000, 15_000],
}

const names = Object.keys(assumed) as (keyof Calibration)[]

/**
 * Of clusters with so many control planes. Where there are several, they run on the same processors
 * and all is slower, so the two kinds were measured apart; one stands in for the other where only
 * that was seen. `busy`: how busy their machine is, from 0 to 1.
 */
export function calibrationOf(
  controlPlanes: number,
  busy: number,
  { spreads: { alone, beside }, source }: Measured = measured,
): Calibration {
  const [own, other] = controlPlanes > 1 ? [beside, alone] : [alone, beside]
  const spreadOf = (name: keyof Calibration): Spread => {
    const seen = own[name] ?? other[name]
    return seen
      ? { ms: seen, source, busy }
      : { ms: assumed[name], source: 'seen in drills on kind, not measured one by one', busy }
  }
  const calibration: Partial<Calibration> = {}
  for (const name of names) calibration[name] = spreadOf(name)
  return calibration as Calibration
}
