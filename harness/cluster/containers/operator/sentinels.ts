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
import { insist } from './insist.ts'
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
  try {
    await insist(site.clock, patienceMs, () => kubectl(site, words, manifest))
  } catch (error) {
    throw impatient(`the API took no sentinels within ${formatMs(patienceMs)}`, error)
  }
}

/** Asked at the API's own address: the kubeconfig's leads through the machine that was lost. */
export async function countSentinels(
  { access, apiUrl, clock }: Pick<OperatorSite, 'access' | 'apiUrl' | 'clock'>,
  mark: string,
): Promise<SentinelCount> {
  const selector = encodeURIComponent(`${markLabel}=${mark}`)
  const path = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=${selector}`
  const list = async () => {
    const answer = await ask(access, apiUrl, path, { timeoutMs: 5_000 })
    if (answer.status === 200) return JSON.parse(answer.body) as V1ConfigMapList
    throw new Error(answer.error ?? `HTTP ${answer.status} ${answer.body.slice(0, 200)}`)
  }
  try {
    return countedIn(await insist(clock, patienceMs, list), mark)
  } catch (error) {
    throw impatient(`the API listed no objects within ${formatMs(patienceMs)}`, error)
  }
}

export function countedIn({ items }: Pick<V1ConfigMapList, 'items'>, mark: string): SentinelCount {
  const count = (written: Written) =>
    items.filter(({ metadata }) => {
      const labels = metadata?.labels
      return labels?.[markLabel] === mark && labels[writtenLabel] === written
    }).length
  return { before: count('before'), after: count('after') }
}

function impatient(what: string, cause: unknown): InvalidRunError {
  return new InvalidRunError(
    {
      what: `${what}: ${messageOf(cause)}`,
      changed: 'as far as the drill came',
      next: 'Run it again; a machine that is too busy shows in `pnpm run doctor`.',
    },
    { cause },
  )
}
