/**
 * `pnpm scenario --list`: which scenario runs on which topology, and the claims it speaks to.
 */
import { claims } from '../../scenarios/claims/index.ts'
import { scenarios } from '../../scenarios/index.ts'
import { listingLines, listingOf } from '../../scenarios/list.ts'
import { topologies } from '../../topologies/index.ts'

export function list(json: boolean): void {
  const listing = listingOf(topologies, scenarios, claims)
  const text = json ? JSON.stringify(listing) : listingLines(listing).join('\n')
  process.stdout.write(`${text}\n`)
}
