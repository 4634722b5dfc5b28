/**
 * `--runs`, `--seed` and `--seeds FROM..TO` → the first and the last seed. `--seeds` is a part of
 * the seeds that the other two name, or of any where they are absent.
 */
export interface Seeds {
  from: number
  to: number
}

export interface SeedOptions {
  runs?: string
  seed?: string
  seeds?: string
}

export const usualRuns = 1_000

/** Null where something is wrong with them, which is added to `problems`. */
export function seedsOf(options: SeedOptions, problems: string[]): Seeds | null {
  const before = problems.length
  const from = wholeOf('--seed', options.seed ?? '1', 0, problems)
  const runs = wholeOf('--runs', options.runs ?? `${usualRuns}`, 1, problems)
  const all = { from, to: from + runs - 1 }
  if (options.seeds === undefined) return problems.length > before ? null : all
  const match = /^(\d+)\.\.(\d+)$/.exec(options.seeds)
  const part = { from: Number(match?.[1]), to: Number(match?.[2]) }
  if (!Number.isSafeInteger(part.to) || !(part.from <= part.to)) {
    problems.push(`--seeds ${options.seeds}: seeds are given as FROM..TO, such as 1..500`)
  } else if (options.seed !== undefined && part.from < from) {
    problems.push(`--seeds ${options.seeds}: --seed ${options.seed} begins later`)
  } else if (options.runs !== undefined && part.to > all.to) {
    problems.push(`--seeds ${options.seeds}: --runs ${options.runs} ends with seed ${all.to}`)
  }
  return problems.length > before ? null : part
}

/** Not a number where it is none, which is added to `problems`. */
export function wholeOf(flag: string, text: string, least: number, problems: string[]): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  problems.push(`${flag} ${text}: a whole number, ${least} or more`)
  return Number.NaN
}

/** `--threads`; undefined: as many as the machine has processors. */
export function threadsOf(
  { threads }: { threads?: string },
  problems: string[],
): number | undefined {
  return threads === undefined ? undefined : wholeOf('--threads', threads, 1, problems)
}

/** Seeds in their order, so many at once. */
export function blocksOf({ from, to }: Seeds, size: number): Seeds[] {
  return Array.from({ length: Math.ceil((to - from + 1) / size) }, (_, index) => {
    const first = from + index * size
    return { from: first, to: Math.min(to, first + size - 1) }
  })
}

/** Seeds in their order, in so many parts; the first ones have one seed more where it does not come out even. */
export function partsOf({ from, to }: Seeds, parts: number): Seeds[] {
  const count = to - from + 1
  const least = Math.floor(count / parts)
  const larger = count % parts
  return Array.from({ length: parts }, (_, index) => {
    const first = from + index * least + Math.min(index, larger)
    return { from: first, to: first + least - (index < larger ? 0 : 1) }
  })
}
