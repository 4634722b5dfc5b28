/**
 * JUnit: every pair of verdict and accepted verdict, the invalid run, and that the XML holds
 * together under hostile text.
 */
import { expect, test } from 'vitest'
import type { ClaimResult, RunRecord } from '../../harness/model/record.ts'
import { outcomeOf, renderJunit } from '../../reports/junit.ts'
import { controlPlaneDown, holderDown, workerDown, zoneDown } from './fixture.ts'

const claim = (verdict: ClaimResult['verdict'], accepted: ClaimResult['verdict']): ClaimResult => ({
  id: `claim-${verdict}-${accepted}`,
  source: '000: a sentence',
  verdict,
  accepted: { verdict: accepted, reason: '', date: '2026-02-20' },
  measured: 'm',
  expected: 'e',
  because: 'b',
})

test.each([
  ['confirmed', 'confirmed', 'passed'],
  ['contradicted', 'contradicted', 'passed'],
  ['undetermined', 'undetermined', 'passed'],
  ['contradicted', 'confirmed', 'failure'],
  ['confirmed', 'contradicted', 'failure'],
  ['confirmed', 'undetermined', 'failure'],
  ['contradicted', 'undetermined', 'failure'],
  ['undetermined', 'confirmed', 'skipped'],
  ['undetermined', 'contradicted', 'skipped'],
] as const)('%s where %s is accepted: %s', (verdict, accepted, outcome) => {
  expect(outcomeOf({ verdict: 'confirmed' }, claim(verdict, accepted))).toBe(outcome)
  expect(outcomeOf({ verdict: 'invalid' }, claim(verdict, accepted))).toBe('error')
})

/** Names of the elements inside each testcase, by its name; throws where tags do not match. */
function outcomesIn(xml: string): Record<string, string> {
  const open: { tag: string; name: string }[] = []
  const outcomes: Record<string, string> = {}
  for (const [whole, close, tag, attributes] of xml.matchAll(
    /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)\/?>/g,
  )) {
    const name = / name="([^"]*)"/.exec(attributes ?? '')?.[1] ?? ''
    if (close === '/') {
      if (open.pop()?.tag !== tag) throw new Error(`${whole} closes nothing`)
    } else {
      const parent = open.at(-1)
      if (parent?.tag === 'testcase') outcomes[parent.name] = tag ?? ''
      if (!whole.endsWith('/>')) open.push({ tag: tag ?? '', name })
    }
  }
  if (open.length > 0) throw new Error('not everything is closed')
  return outcomes
}

test('a suite for each run, a case for each claim and one for the run', () => {
  const xml = renderJunit([workerDown.record, controlPlaneDown.record])
  expect(xml).toContain(
    '<testsuites name="clusterdrill" tests="8" failures="1" errors="0" skipped="1" time="219.000">',
  )
  expect(xml.match(/<testsuite /g)).toHaveLength(2)
  expect(outcomesIn(renderJunit([workerDown.record]))).toEqual({
    'the run is valid': 'system-out',
    '000-worker-down': 'system-out',
    '000-worker-restored': 'system-out',
    '000-vip-daemonset': 'failure',
    '000-vip-failover': 'skipped',
  })
})

test('in an invalid run everything is in error, the confirmed too', () => {
  const invalid: RunRecord = {
    ...controlPlaneDown.record,
    verdict: 'invalid',
    problems: ['no receipt'],
  }
  const xml = renderJunit([invalid])
  expect(xml).toContain('tests="3" failures="0" errors="3" skipped="0"')
  expect(outcomesIn(xml)).toEqual({
    'the run is valid': 'error',
    '004-failover': 'error',
    '004-etcd': 'error',
  })
})

test('each invariant is a case, and fails where it did not hold, in an invalid run too', () => {
  expect(outcomesIn(renderJunit([holderDown.record]))).toEqual({
    'the run is valid': 'system-out',
    'invariant: nodes': 'system-out',
    'invariant: drained control plane': 'system-out',
    'invariant: floating IP': 'system-out',
    'invariant: storage': 'system-out',
    '001-vip': 'system-out',
  })
  const xml = renderJunit([{ ...zoneDown.record, verdict: 'invalid' }])
  expect(xml).toContain('tests="4" failures="1" errors="1" skipped="0"')
  expect(outcomesIn(xml)).toEqual({
    'the run is valid': 'error',
    'invariant: etcd members': 'system-out',
    'invariant: load balancer': 'system-out',
    'invariant: statistics page': 'failure',
  })
  expect(xml).toContain('does not hold before the fault: no answer: refused')
})

test('hostile text stays text, and control characters do not break the XML', () => {
  const bad = { ...claim('contradicted', 'confirmed'), because: '"/><x>]]>&\u0000\u001b' }
  const xml = renderJunit([{ ...workerDown.record, claims: [bad] }])
  expect(xml).toContain('because: &quot;/&gt;&lt;x&gt;]]&gt;&amp;��')
  expect(outcomesIn(xml)['claim-contradicted-confirmed']).toBe('failure')
})

test('no runs are no suites', () => {
  expect(renderJunit([])).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="clusterdrill" tests="0" failures="0" errors="0" skipped="0" time="0.000">\n</testsuites>\n',
  )
})
