/**
 * The sentences on the floating IP in each of their branches, word for word: nobody is guessed
 * where nobody watched, and a stand-in is never passed off as the documented program.
 */
import { expect, test } from 'vitest'
import type { FloatingIpRecord, RunRecord } from '../../harness/model/record.ts'
import {
  floatingIpFacts,
  floatingIpSentence,
  holdersPhrase,
  standsIn,
} from '../../reports/floating-ip.ts'
import { holderDown, linkCut, workerDown, zoneDown } from './fixture.ts'

type Tenures = FloatingIpRecord['tenures']

const engine = 'keepalived 2.3.3, one advertisement a second'

/** The fault comes at 10 s. */
function withTenures(tenures: Tenures, rest: Partial<FloatingIpRecord> = {}): RunRecord {
  const floatingIp = { address: '10.0.0.9', engine, documented: 'MetalLB', tenures, ...rest }
  return { ...holderDown.record, floatingIp }
}

const tenure = (fromMs: number, toMs: number, ...owners: string[]): Tenures[number] => ({
  owners,
  fromMs,
  toMs,
})

const by = `It was shared by ${engine}, which stands in for MetalLB.`

test('the holder, the gap, the next one, the double and the stand-in', () => {
  expect(floatingIpSentence(holderDown.record)).toBe(
    'worker-a held the floating IP 172.28.255.1 when the fault came, then nobody for 4.2 s, then worker-b, then worker-a and worker-b at once for 300 ms, then worker-a. Nobody answered for 4.2 s in all, and more than one node at once for 300 ms. It was shared by keepalived 2.3.3, one advertisement a second, which stands in for MetalLB.',
  )
})

test('two at once through a cut link', () => {
  expect(floatingIpSentence(linkCut.record)).toContain(
    'then worker-a and worker-b at once for 44.5 s, then worker-a. Somebody always answered, but more than one node at once for 44.5 s.',
  )
})

test('nothing changed', () => {
  expect(floatingIpSentence(withTenures([tenure(0, 79_000, 'worker-a')]))).toBe(
    `worker-a held the floating IP 10.0.0.9 when the fault came, and nothing changed. At every instant exactly one node answered. ${by}`,
  )
})

test('what went wrong before the fault is not laid at its door', () => {
  const record = withTenures([
    tenure(0, 2_000, 'a', 'b'),
    tenure(2_000, 5_000),
    tenure(5_000, 12_000, 'a'),
    tenure(12_000, 13_000),
    tenure(13_000, 79_000, 'b'),
  ])
  expect(floatingIpSentence(record)).toBe(
    `a held the floating IP 10.0.0.9 when the fault came, then nobody for 1 s, then b. Nobody answered for 4 s (3 s of it before the fault) in all, and more than one node at once for 2 s (2 s of it before the fault). ${by}`,
  )
})

test('nobody at the fault, two at the fault, not seen at the fault, not watched', () => {
  const first = (...tenures: Tenures) => floatingIpSentence(withTenures(tenures))
  expect(first(tenure(0, 79_000))).toMatch(
    /^Nobody answered for the floating IP 10\.0\.0\.9 when the fault came, and nothing changed\. Nobody answered for 1 min 19 s \(10 s of it before the fault\) in all; never did two nodes answer at once\./,
  )
  expect(first(tenure(0, 79_000, 'a', 'b'))).toMatch(
    /^a and b answered at once for the floating IP 10\.0\.0\.9 when the fault came/,
  )
  expect(first(tenure(20_000, 79_000, 'b'))).toMatch(
    /^Who held the floating IP 10\.0\.0\.9 when the fault came was not seen, then b\./,
  )
  expect(first()).toBe(`Who held the floating IP 10.0.0.9 was not watched. ${by}`)
})

test('the documented program itself stands in for nothing', () => {
  const tenures = [tenure(0, 79_000, 'a')]
  const record = withTenures(tenures, { engine: 'kube-vip v0.8.9', documented: 'kube-vip' })
  expect(floatingIpSentence(record)).toMatch(/It was shared by kube-vip v0\.8\.9\.$/)
  const agent = { engine: 'an agent with the timers of kube-vip', documented: 'kube-vip' }
  expect(standsIn({ address: '', tenures, ...agent })).toBe(true)
})

test('an address that flaps is not told change by change', () => {
  const tenures = Array.from({ length: 20 }, (_, index) =>
    tenure(index * 4_000, (index + 1) * 4_000, index % 2 === 0 ? 'a' : 'b'),
  )
  const record = withTenures(tenures)
  const facts = floatingIpFacts(record, { address: '', engine, documented: '', tenures })
  expect(holdersPhrase(facts)).toBe(
    'a, then b, then a, then b, then a, then b, then a, and 11 more changes',
  )
})

test('a record without a floating IP has no such sentence', () => {
  expect(floatingIpSentence(workerDown.record)).toBeNull()
  expect(floatingIpSentence(zoneDown.record)).toBeNull()
})
