/** What `--explain` prints: links with cause and timer, what was told meanwhile, times since the fault. */
import { expect, test } from 'vitest'
import type { DrillEvent } from '../../harness/model/event.ts'
import type { Explanation } from '../../harness/model/record.ts'
import { renderEventChain } from '../../reports/event-chain.ts'

const event = (atMs: number, name: DrillEvent['name'], more: Partial<DrillEvent>): DrillEvent => ({
  ...{ atMs, source: 'api', name, subject: 'worker-a', node: null, component: null, detail: '' },
  ...more,
})

const explanation: Explanation = {
  vantage: 'save-worker-b',
  outageMs: [35_000, 35_050],
  links: [
    {
      ...{ name: 'node-not-ready', fromMs: 10_000, toMs: 15_000, share: 0.2 },
      ...{ cause: 'silent for 5 s', timer: 'nodeMonitorGraceMs' },
    },
    {
      ...{ name: 'service-available', fromMs: 15_000, toMs: 35_000, share: 0.8 },
      ...{ cause: 'save-worker-b answers again', timer: null },
    },
  ],
  dominating: null,
  advice: '',
}

test('each event stands once, below the link in which it was told', () => {
  const events = [
    event(35_001, 'pod-ready', { subject: 'page-1' }),
    event(20_000, 'pod-evicted', { subject: 'page-1', node: 'worker-a', detail: 'why \u001b[2J' }),
    event(15_000, 'node-not-ready', { detail: 'Ready=Unknown' }),
    event(10_000, 'fault', { source: 'harness', subject: 'power', node: 'worker-a' }),
    event(10_000, 'phase', { source: 'harness', subject: 'inject' }),
    event(9_999, 'leader-changed', { subject: 'kube-scheduler' }),
  ]
  expect(renderEventChain({ explanation }, events)).toBe(
    `From the fault to the end of the outage of save-worker-b, since the injection:

+5 s         node-not-ready after 5 s (20 %), waiting for kube-controller-manager --node-monitor-grace-period
             silent for 5 s
             · +0 ms        fault                power on worker-a
             · +5 s         node-not-ready       worker-a: Ready=Unknown

+25 s        service-available after 20 s (80 %)
             save-worker-b answers again
             · +10 s        pod-evicted          page-1 on worker-a: why [2J`,
  )
})

test('a run in which nothing was away says so', () => {
  expect(renderEventChain({ explanation: null }, [])).toContain('Nothing was away')
})
