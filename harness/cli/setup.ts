/**
 * `pnpm run setup kind`: engine, kind and images, from registries or from the toolchain.
 */
import { UsageError } from '../model/errors.ts'
import { formatMs } from '../model/units.ts'
import { progressLines } from './progress.ts'
import { type Source, setUpTools } from './tools.ts'

const sources: readonly Source[] = ['auto', 'registry', 'build']

export async function setUp(provider: string, from: string): Promise<void> {
  const problems: string[] = []
  if (provider !== 'kind') problems.push(`setup ${provider}: this version sets up kind`)
  const source = sources.find((candidate) => candidate === from)
  if (!source) problems.push(`--from ${from}: a source is one of ${sources.join(', ')}`)
  if (problems.length > 0 || !source) throw new UsageError(problems)
  const beganMs = performance.now()
  const { images, versions } = await setUpTools(progressLines(process.stdout), source)
  process.stdout.write(
    `ready after ${formatMs(performance.now() - beganMs)}: Kubernetes ${versions.kubernetes}, ${images.node}\n`,
  )
}
