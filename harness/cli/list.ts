/**
 * `pnpm scenario --list`: which scenario runs on which topology, and the claims it speaks to.
 */
import { claims } from '../../scenarios/claims/index.ts'
import { scenarios } from '../../scenarios/index.ts'
import { listingOf } from '../../scenarios/list.ts'
import { topologies } from '../../topologies/index.ts'

export function list(json: boolean): void {
  const listing = listingOf(topologies, scenarios, claims)
  const lines: string[] = []
  for (const { id, title, topologies: on } of listing.scenarios) {
    lines.push(`${id}: ${title}`)
    for (const topology of on) {
      const judged = listing.claims.filter(
        (claim) => claim.scenarios.includes(id) && claim.topologies.includes(topology),
      )
      lines.push(`  on ${topology}`)
      lines.push(...judged.map((claim) => `    ${claim.id.padEnd(22)} ${claim.source}`))
    }
  }
  process.stdout.write(json ? `${JSON.stringify(listing)}\n` : `${lines.join('\n')}\n`)
}
