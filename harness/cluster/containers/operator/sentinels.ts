/**
 * Objects in the API that tell what a restore brought back: those written before the snapshot must
 * be there, those written after it must not. Each backup has a mark of its own, so that objects of
 * an earlier one are not counted.
 */
import type { V1ConfigMapList } from '@kubernetes/client-node'
import { InvalidRunError, messageOf } from '../../../model/errors.ts'
import { formatMs } from '../../../model/units.ts'
import { ask } from '../../kubernetes/api.ts'
import { namespace } from '../../kubernetes/workload/namespaces.ts'
import { until } from '../../monotonic-clock.ts'
import { kubectl, type OperatorSite } from './site.ts'

/** Of each kind. */
export const sentinelCount = 20

export type Written = 'before' | 'after'

export interface SentinelCount {
  before: number
  after: number
}

const markLabel = 'clusterdrill.dev/backup'
const writtenLabel = 'clusterdrill.dev/written'
/** A busy API server may refuse for a moment. */
const patienceMs = 30_000
const everyMs = 500

export function sentinelManifest(mark: string, written: Written): object {
  const numbers = Array.from({ length: sentinelCount }, (_, index) => index + 1)
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: numbers.map((number) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `sentinel-${written}-${number}`,
        namespace,
        labels: { [markLabel]: mark, [writtenLabel]: written },
      },
      data: { number: String(number) },
    })),
  }
}

/** Writes all of one kind; every write is acknowledged when it returns. */
export async function writeSentinels(
  site: Pick<OperatorSite, 'engine' | 'access' | 'clock'>,
  mark: string,
  written: Written,
): Promise<void> {
  const manifest = JSON.stringify(sentinelManifest(mark, written))
  const words = [
    ...['--request-timeout', '10s', 'apply', '--server-side', '--force-conflicts'],
    ...['--field-manager', 'clusterdrill', '-f', '-'],
  ]
  let said = ''
  const done = await until(site.clock, patienceMs, everyMs, async () => {
    try {
      await kubectl(site, words, manifest)
      return true
    } catch (error) {
      said = messageOf(error)
      return false
    }
  })
  if (!done) throw impatient(`the API took no sentinels within ${formatMs(patienceMs)}`, said)
}

/** Asked at the API's own address: the kubeconfig's leads through the machine that was lost. */
export async function countSentinels(
  { access, apiUrl, clock }: Pick<OperatorSite, 'access' | 'apiUrl' | 'clock'>,
  mark: string,
): Promise<SentinelCount> {
  const selector = encodeURIComponent(`${markLabel}=${mark}`)
  const path = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${selector}`
  let count: SentinelCount | undefined
  let said = ''
  const counted = await until(clock, patienceMs, everyMs, async () => {
    const answer = await ask(access, apiUrl, path, { timeoutMs: 5_000 })
    if (answer.status === 200) count = countedIn(JSON.parse(answer.body) as V1ConfigMapList, mark)
    said = answer.error ?? `HTTP ${answer.status} ${answer.body.slice(0, 200)}`
    return count !== undefined
  })
  if (counted && count) return count
  throw impatient(`the API listed no objects within ${formatMs(patienceMs)}`, said)
}

export function countedIn({ items }: Pick<V1ConfigMapList, 'items'>, mark: string): SentinelCount {
  const count = (written: Written) =>
    items.filter(({ metadata }) => {
      const labels = metadata?.labels
      return labels?.[markLabel] === mark && labels[writtenLabel] === written
    }).length
  return { before: count('before'), after: count('after') }
}

const impatient = (what: string, said: string) =>
  new InvalidRunError({
    what: `${what}: ${said}`,
    changed: 'as far as the drill came',
    next: 'Run it again; a machine that is too busy shows in `pnpm run doctor`.',
  })
