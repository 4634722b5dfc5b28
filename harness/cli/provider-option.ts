/**
 * What `--provider` may say: every provider there will be, those that this version has, and `auto`.
 */
import type { ProviderName } from '../model/plan.ts'
import { nearest } from '../plan/timer-settings.ts'
import type { BuiltProvider } from './tools.ts'

const providers: readonly ProviderName[] = ['kind', 'k3d', 'existing', 'sim']
const built: readonly BuiltProvider[] = ['kind', 'k3d']

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
