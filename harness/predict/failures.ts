/**
 * Failures over many years, drawn from their rates: of each machine as a Poisson process, so that
 * the time between two is exponential and none knows of the one before. One seed, one history. Pure.
 */
import { type Draw, streamOf } from '../cluster/sim/kernel/random.ts'
import { type FailureKind, type Repair, yearMs } from '../model/availability.ts'

export interface Failure {
  /** Places in the lists of kinds and of their targets. */
  kind: number
  target: number
  /** Since the first year began. */
  atMs: number
  /** 0 of one that passes by itself. */
  repairMs: number
  /** Of the run in the model. */
  seed: number
}

const seedsMax = 2 ** 31

/** In order of time. */
export function drawFailures(
  kinds: readonly FailureKind[],
  years: number,
  seed: number,
): Failure[] {
  const endMs = years * yearMs
  const all = kinds.flatMap(({ scenario, perYear, repair, targets }, kind) =>
    targets.flatMap((name, target) => {
      const draw = streamOf(seed, `failures ${scenario} ${name}`)
      const own: Failure[] = []
      for (let atMs = gapMs(draw, perYear); atMs < endMs; atMs += gapMs(draw, perYear)) {
        const repairMs = repair === null ? 0 : repairTimeMs(draw, repair)
        own.push({ kind, target, atMs, repairMs, seed: Math.floor(draw() * seedsMax) })
      }
      return own
    }),
  )
  return all.toSorted((a, b) => a.atMs - b.atMs || a.kind - b.kind || a.target - b.target)
}

const gapMs = (draw: Draw, perYear: number): number =>
  perYear === 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - draw()) / perYear) * yearMs

/** The standard normal distribution is below this in 95 of 100 cases. */
const normalP95 = 1.644_854

/** Log-normal, as times of repair are, from two values of a uniform draw (Box and Muller). */
function repairTimeMs(draw: Draw, { medianMs, p95Ms }: Repair): number {
  const radius = Math.sqrt(-2 * Math.log(1 - draw()))
  const normal = radius * Math.cos(2 * Math.PI * draw())
  return medianMs * Math.exp((Math.log(p95Ms / medianMs) / normalP95) * normal)
}
