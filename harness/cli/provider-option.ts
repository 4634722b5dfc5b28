/**
 * What `--provider` may say: every provider there will be, those that this version has, and `auto`,
 * which is a real cluster where this machine can have one now, and else the model.
 */
import type { ProviderName } from '../model/plan.ts'
import { nearest } from '../plan/timer-settings.ts'
import { progressLines } from './progress.ts'
import { type BuiltProvider, type FoundTools, lookForTools } from './tools.ts'

const providers: readonly ProviderName[] = ['kind', 'k3d', 'existing', 'sim']
const built: readonly BuiltProvider[] = ['kind', 'k3d', 'sim']

/** `kind` where the text is `auto` or wrong; what is wrong is added to `problems`. */
export function providerOf(text: string, problems: string[]): BuiltProvider {
  if (text === 'auto') return 'kind'
  const known = built.find((candidate) => candidate === text)
  if (known) return known
  if (providers.some((candidate) => candidate === text)) {
    problems.push(`--provider ${text}: not built yet; this version has ${built.join(', ')}`)
    return 'kind'
  }
  const offer = nearest(text, ['auto', ...providers])
  problems.push(
    `--provider ${text}: a provider is one of auto, ${providers.join(', ')}${offer ? `; did you mean '${offer}'?` : ''}`,
  )
  return 'kind'
}

export interface Choice {
  /** As `--provider` might have said it. */
  provider: string
  /** Which it is, why, and how to get the other, in one line; null where nothing was chosen. */
  why: string | null
  /** What it was chosen by; null where nothing was chosen. */
  found: FoundTools | null
}

/**
 * `auto` → what this machine can do now, or the one that is `given`; anything else as it is. `agreed`:
 * what is missing may be installed. Looks only.
 */
export async function chosenFor(
  text: string,
  agreed: boolean,
  given: ProviderName | undefined,
): Promise<Choice> {
  if (text !== 'auto') return { provider: text, why: null, found: null }
  if (given !== undefined) return { provider: given, why: null, found: null }
  const found = await lookForTools(progressLines(process.stderr))
  if ('tools' in found) {
    const why = 'on kind, for an engine answers and kind is set up; --provider sim predicts instead'
    return { provider: 'kind', why, found }
  }
  if (agreed) return { provider: 'kind', why: `on kind, to be set up: ${found.missing}`, found }
  const next = '`pnpm run setup kind` makes it real'
  return { provider: 'sim', why: `SIMULATED, for ${found.missing}; ${next}`, found }
}
