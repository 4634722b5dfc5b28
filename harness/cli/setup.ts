/**
 * `pnpm run setup kind`: engine, kind and images, from registries or from the toolchain.
 * `pnpm run setup sweep-image`: the same, and the image that plays parts of a sweep on a cluster.
 */
import { ensureSweepImage } from '../../toolchain/index.ts'
import { UsageError } from '../model/errors.ts'
import { formatMs } from '../model/units.ts'
import { progressLines } from './progress.ts'
import { type Source, setUpTools } from './tools.ts'

const sources: readonly Source[] = ['auto', 'registry', 'build']
const things = ['kind', 'sweep-image']

export async function setUp(thing: string, from: string): Promise<void> {
  const problems: string[] = []
  if (!things.includes(thing)) {
    problems.push(`setup ${thing}: this version sets up ${things.join(', ')}`)
  }
  const source = sources.find((candidate) => candidate === from)
  if (!source) problems.push(`--from ${from}: a source is one of ${sources.join(', ')}`)
  if (problems.length > 0 || !source) throw new UsageError(problems)
  const beganMs = performance.now()
  const progress = progressLines(process.stdout)
  const { images, versions, kind, env } = await setUpTools(progress, source)
  const ready = () => `ready after ${formatMs(performance.now() - beganMs)}`
  if (thing === 'kind') {
    process.stdout.write(`${ready()}: Kubernetes ${versions.kubernetes}, ${images.node}\n`)
    return
  }
  const image = await ensureSweepImage(env, images.runtime, progress)
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `)
  process.stdout.write(
    `${ready()}: ${image}\nto a kind cluster: ${variables.join('')}${kind} load docker-image ${image} --name NAME\n`,
  )
}
