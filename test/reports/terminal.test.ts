/**
 * What is printed at the end in full, and that text from a record cannot move the cursor.
 */
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { renderResult } from '../../reports/terminal.ts'
import { controlPlaneDown, holderDown, workerDown, zoneDown } from './fixture.ts'

const shown = (text: string): string => stripVTControlCharacters(text)

test('a short run in full', () => {
  expect(shown(renderResult(controlPlaneDown.record, 'runs/r/'))).toBe(
    `✓ CONFIRMED  control-plane-down on kubeadm-stacked
SIMULATED by the model, not measured

API reads failed in part (40 of 121 probes) for 6 s to 6.1 s after cp-1 lost power. Both documented
claims are confirmed.
Every verdict is the accepted one.

  reaction   1.5 s
  repair     did not happen
  recovery   6 s to 6.1 s
  outage     6 s to 6.1 s

Claims
  ✓ confirmed    004-failover  as accepted
      promised the API goes on answering; found two requests in three were answered throughout
      because the load balancer still had two servers
  ✓ confirmed    004-etcd      as accepted
      promised a leader among the remaining two; found a leader again after 1.5 s
      because two of three are a quorum

Saves 0 acknowledged saves, none lost.

Report:    runs/r/report.html
Run again: pnpm scenario control-plane-down --topology kubeadm-stacked --provider sim --pace documented --seed 42`,
  )
})

test('brisk, prediction, problems and verdicts not accepted are all there', () => {
  const text = shown(renderResult({ ...workerDown.record, problems: ['slow machine'] }, 'runs/r'))
  expect(text).toContain(
    'MEASURED on a real kind cluster; brisk: every Kubernetes timer at a tenth',
  )
  expect(text).toContain('The model predicts 34.5 s to 39.8 s: the two agree.')
  expect(text).toContain('000-vip-daemonset    ≠ accepted confirmed')
  expect(text).toContain('Problems\n  slow machine')
})

test('what the record says cannot move the cursor', () => {
  const text = renderResult(
    { ...workerDown.record, problems: ['\u001b[2Jgone\nand more'] },
    'runs/r',
  )
  expect(text).not.toContain('\u001b[2J')
  expect(text).toContain('  [2Jgone and more')
})

test('who held the floating IP, and that the invariants hold', () => {
  const text = shown(renderResult(holderDown.record, 'runs/r'))
  expect(text).toContain(
    `Every verdict is the accepted one.
worker-a held the floating IP 172.28.255.1 when the fault came, then nobody for 4.2 s, then
worker-b, then worker-a and worker-b at once for 300 ms, then worker-a. Nobody answered for 4.2 s in
all, and more than one node at once for 300 ms. It was shared by keepalived 2.3.3, one advertisement
a second, which stands in for MetalLB.
4 of 4 invariants hold.
`,
  )
})

test('an invariant that does not hold is named', () => {
  const text = shown(renderResult(zoneDown.record, 'runs/r'))
  expect(text).toContain(
    `2 of 3 invariants hold.
  statistics page does NOT hold before the fault: expected answers on port 9000; seen no answer:
  refused.
`,
  )
})

test('names in the new sentences cannot move the cursor either', () => {
  const [first] = zoneDown.record.invariants ?? []
  if (first === undefined) throw new Error('the fixture has invariants')
  const invariants = [{ ...first, holds: false, seen: '\u001b[2Jgone' }]
  const tenures = [{ owners: ['\u001b[2Kx'], fromMs: 0, toMs: 79_000 }]
  const floatingIp = { address: '10.0.0.9', engine: '\u001b[3J', documented: 'd', tenures }
  const text = renderResult({ ...holderDown.record, invariants, floatingIp }, 'runs/r')
  for (const sequence of ['2J', '2K', '3J']) expect(text).not.toContain(`\u001b[${sequence}`)
  expect(text).toContain('[2Kx held the floating IP')
})
