/**
 * The flags of a sweep → one plan for each combination of the timers that are varied, or all that is
 * wrong with them. A combination that Kubernetes would refuse, or in which a healthy node would look
 * dead, is no mistake of the command line: it is kept with the reason, and not played. Pure.
 */
import type { TimerName } from '../model/timers.ts'
import { type Catalogue, compile, type Draft, type PlanRequest } from './compile.ts'
import { readSetting } from './timer-settings.ts'

export interface SweepRequest extends Omit<PlanRequest, 'provider' | 'seed'> {
  /** `timer=value,value,…` */
  vary: readonly string[]
}

/** A timer, by the name that it was given, and its values in the order given. */
export interface Axis {
  name: string
  values: readonly string[]
}

export interface PlannedCombination {
  settings: readonly string[]
  /** Of seed 0; null where it is refused. */
  plan: Draft | null
  refused: string | null
}

export interface PlannedSweep {
  /** With the timers of `--set` alone, for what all combinations share. */
  base: Draft
  vary: readonly Axis[]
  combinations: readonly PlannedCombination[]
}

export function planSweep(
  { vary, ...request }: SweepRequest,
  catalogue: Catalogue,
): { sweep: PlannedSweep; problems: [] } | { sweep: null; problems: string[] } {
  const planOf = (set: readonly string[]) =>
    compile({ ...request, provider: 'sim', seed: 0, set }, catalogue)
  const axes = vary.map(axisOf)
  const base = planOf([])
  const problems = [
    ...base.problems,
    ...request.set.flatMap((setting) => problemsOf(setting, '--set')),
    ...axes.flatMap(problemsOfAxis),
    ...twice(request.set, axes),
  ]
  if (problems.length > 0 || !base.plan) return { sweep: null, problems }
  const combinations = productOf(axes).map((settings): PlannedCombination => {
    const { plan, problems: contradictions } = planOf([...request.set, ...settings])
    return { settings, plan, refused: plan === null ? contradictions.join('; ') : null }
  })
  if (combinations.every(({ plan }) => plan === null)) {
    return { sweep: null, problems: [...new Set(combinations.map(({ refused }) => refused ?? ''))] }
  }
  return { sweep: { base: base.plan, vary: axes, combinations }, problems: [] }
}

function axisOf(text: string): Axis {
  const at = text.indexOf('=')
  return at < 0
    ? { name: text, values: [] }
    : { name: text.slice(0, at), values: text.slice(at + 1).split(',') }
}

function problemsOf(setting: string, flag: string): string[] {
  const read = readSetting(setting, flag)
  return 'problem' in read ? [read.problem] : []
}

function problemsOfAxis({ name, values }: Axis): string[] {
  if (values.length === 0) {
    return [
      `--vary ${name}: timers are varied as name=value,value, such as tolerationSeconds=30s,60s`,
    ]
  }
  const again = values.filter((value, index) => values.indexOf(value) !== index)
  return [
    ...new Set(values.flatMap((value) => problemsOf(`${name}=${value}`, '--vary'))),
    ...new Set(again.map((value) => `--vary ${name}: ${value} is there twice`)),
  ]
}

/** A timer that several flags speak of: it would be silent which of them holds. */
function twice(set: readonly string[], axes: readonly Axis[]): string[] {
  const given = [
    ...set.map((setting) => ({ flag: '--set', setting })),
    ...axes.map(({ name, values }) => ({ flag: '--vary', setting: `${name}=${values[0]}` })),
  ]
  const seen = new Map<TimerName, string>()
  return given.flatMap(({ flag, setting }) => {
    const read = readSetting(setting, flag)
    if ('problem' in read) return []
    const name = setting.slice(0, setting.indexOf('='))
    const known = read.timers.map((timer) => seen.get(timer)).find((other) => other !== undefined)
    for (const timer of read.timers) seen.set(timer, `${flag} ${name}`)
    return flag === '--vary' && known !== undefined
      ? [`--vary ${name}: ${known} sets the same timer`]
      : []
  })
}

/** The last axis changes fastest; without any axis there is one combination, of nothing. */
export function productOf(axes: readonly Axis[]): string[][] {
  return axes.reduce<string[][]>(
    (before, { name, values }) =>
      before.flatMap((settings) => values.map((value) => [...settings, `${name}=${value}`])),
    [[]],
  )
}
