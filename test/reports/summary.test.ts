/**
 * The Markdown summary in full, and that text from a record cannot become Markdown.
 */
import { expect, test } from 'vitest'
import { renderSummary } from '../../reports/summary.ts'
import { controlPlaneDown, holderDown, workerDown, zoneDown } from './fixture.ts'

test('a short run in full', () => {
  const vantages = controlPlaneDown.record.vantages.slice(0, 1)
  expect(renderSummary({ ...controlPlaneDown.record, vantages })).toBe(
    `## ✓ confirmed: \`control-plane-down\` on \`kubeadm-stacked\`

**SIMULATED by the model, not measured**

API reads failed in part (40 of 121 probes) for 6 s to 6.1 s after cp-1 lost power. Both documented claims are confirmed.

Every verdict is the accepted one.

| Reaction | Repair | Recovery | Outage |
| --- | --- | --- | --- |
| 1.5 s | did not happen | 6 s to 6.1 s | 6 s to 6.1 s |

### Claims

| Claim | Verdict | Accepted | Promised | Found | Because |
| --- | --- | --- | --- | --- | --- |
| \`004-failover\` | ✓ confirmed | = confirmed | the API goes on answering | two requests in three were answered throughout | the load balancer still had two servers |
| \`004-etcd\` | ✓ confirmed | = confirmed | a leader among the remaining two | a leader again after 1.5 s | two of three are a quorum |

### What clients saw

| Vantage | Available | Outages | Failed | Slow |
| --- | --- | --- | --- | --- |
| \`api-read-lb\` | 98.18 % | 6 s to 6.1 s (partial) | 40 of 2800 | 0 |

Saves: 0 acknowledged saves, none lost.

### Differences from the document

- one container network plugin in the place of another

Run it again:

\`\`\`sh
pnpm scenario control-plane-down --topology kubeadm-stacked --provider sim --pace documented --seed 42
\`\`\`
`,
  )
})

test('a brisk run says so, and verdicts that are not the accepted ones stand out', () => {
  const summary = renderSummary(workerDown.record)
  expect(summary).toContain('**brisk: every Kubernetes timer at a tenth')
  expect(summary).toContain('| `000-vip-daemonset` | ✗ contradicted | **≠ confirmed** |')
})

test('text cannot become a table cell, a link, an image, a mention or a tag', () => {
  const claim = workerDown.record.claims[0]
  if (claim === undefined) throw new Error('the fixture has claims')
  const because = 'a | b\n# c ![x](y) @all <script> `d`'
  const summary = renderSummary({ ...workerDown.record, claims: [{ ...claim, because }] })
  expect(summary).toContain('a \\| b \\# c \\!\\[x\\](y) \\@all &lt;script> \\`d\\` |')
})

test('the floating IP and the invariants have a line each, and what does not hold stands out', () => {
  const summary = renderSummary(holderDown.record)
  expect(summary).toContain(
    '\n\nworker-a held the floating IP 172.28.255.1 when the fault came, then nobody for 4.2 s, then worker-b,',
  )
  expect(summary).toContain('\n\n4 of 4 invariants hold.\n\n')
  expect(renderSummary(zoneDown.record)).toContain(
    '\n\n2 of 3 invariants hold.\n\n- **statistics page does NOT hold before the fault: expected answers on port 9000; seen no answer: refused.**\n',
  )
})

test('an owner cannot become Markdown', () => {
  const tenures = [{ owners: ['[x](y)'], fromMs: 0, toMs: 79_000 }]
  const floatingIp = { address: '10.0.0.9', engine: '<b>', documented: 'd', tenures }
  const summary = renderSummary({ ...holderDown.record, floatingIp })
  expect(summary).toContain('\\[x\\](y) held the floating IP')
  expect(summary).toContain('shared by &lt;b>')
})
