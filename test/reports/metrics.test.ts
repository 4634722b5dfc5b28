/**
 * OpenMetrics: read back by a strict reader, so that a malformed line fails here and not in a
 * collector.
 */
import { expect, test } from 'vitest'
import { renderMetrics } from '../../reports/metrics.ts'
import { controlPlaneDown, holderDown, workerDown, zoneDown } from './fixture.ts'

interface Parsed {
  types: Map<string, string>
  units: Map<string, string>
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

/** A strict reader of the part of OpenMetrics that is written here. */
function parse(text: string): Parsed {
  const parsed: Parsed = { types: new Map(), units: new Map(), samples: [] }
  if (!text.endsWith('\n# EOF\n')) throw new Error('does not end with # EOF')
  let family = ''
  for (const line of text.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const meta = /^# (TYPE|UNIT|HELP) (\w+) (.+)$/.exec(line)
    if (meta !== null) {
      const [, kind, name = '', rest = ''] = meta
      if (kind === 'TYPE') {
        if (parsed.types.has(name)) throw new Error(`${name} comes twice`)
        parsed.types.set(name, rest)
        family = name
      } else if (name !== family) throw new Error(`${line} stands outside its family`)
      if (kind === 'UNIT') parsed.units.set(name, rest)
      continue
    }
    const sample =
      /^(\w+)\{((?:\w+="(?:[^"\\]|\\[\\"n])*",?)*)\} (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(line)
    if (sample === null) throw new Error(`not a sample: ${line}`)
    const [, name = '', pairs = '', value = ''] = sample
    const suffix = parsed.types.get(family) === 'info' ? '_info' : ''
    if (name !== family + suffix) throw new Error(`${name} stands in the family ${family}`)
    const labels = Object.fromEntries(
      [...pairs.matchAll(/(\w+)="((?:[^"\\]|\\[\\"n])*)"/g)].map(([, key, text]) => [key, text]),
    ) as Record<string, string>
    parsed.samples.push({ name, labels, value: Number(value) })
  }
  return parsed
}

const { samples, types, units } = parse(renderMetrics(workerDown.record))
const measured = (name: string, labels: Record<string, string>): number | undefined =>
  samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value

test('figures are in seconds and ratios', () => {
  expect(measured('clusterdrill_recovery_seconds', { figure: 'outage', bound: 'upper' })).toBe(
    37.25,
  )
  expect(measured('clusterdrill_recovery_seconds', { figure: 'reaction', bound: 'lower' })).toBe(
    4.61,
  )
  expect(measured('clusterdrill_vantage_availability_ratio', { vantage: 'api-read-direct' })).toBe(
    1,
  )
  expect(
    measured('clusterdrill_vantage_failed_probes', { vantage: 'save-worker-a', error: 'http-503' }),
  ).toBe(744)
  expect(
    measured('clusterdrill_vantage_latency_seconds', {
      vantage: 'page-worker-a',
      statistic: 'p99',
    }),
  ).toBe(0.014)
  expect(measured('clusterdrill_saves', { state: 'lost' })).toBe(0)
})

test('each state set has exactly one state', () => {
  const claim = { claim: '000-worker-down' }
  const name = 'clusterdrill_claim_verdict'
  expect(types.get(name)).toBe('stateset')
  expect(measured(name, { ...claim, [name]: 'contradicted' })).toBe(1)
  expect(measured(name, { ...claim, [name]: 'confirmed' })).toBe(0)
  expect(measured('clusterdrill_claim_as_accepted', claim)).toBe(1)
  expect(measured('clusterdrill_claim_as_accepted', { claim: '000-vip-failover' })).toBe(0)
})

test('every sample is unique and says provider and pace; units end the names', () => {
  const keys = samples.map(({ name, labels }) => name + JSON.stringify(labels))
  expect(new Set(keys).size).toBe(keys.length)
  for (const { labels } of samples)
    expect(labels).toMatchObject({ provider: 'kind', pace: 'brisk' })
  for (const [name, unit] of units) expect(name.endsWith(`_${unit}`)).toBe(true)
})

test('what did not happen is absent, not zero', () => {
  const text = renderMetrics(controlPlaneDown.record)
  expect(parse(text).samples.length).toBeGreaterThan(50)
  expect(text).not.toContain('figure="repair"')
  expect(text).not.toContain('clusterdrill_predicted_outage')
})

test('labels are escaped', () => {
  const text = renderMetrics({ ...workerDown.record, topology: 'a"b\\c\nd' })
  expect(text).toContain('topology="a\\"b\\\\c\\nd"')
  expect(() => parse(text)).not.toThrow()
})

test('a gauge for each invariant, and how long nobody and several held the floating IP', () => {
  const values = (record: typeof zoneDown.record, name: string) =>
    parse(renderMetrics(record))
      .samples.filter((sample) => sample.name === name)
      .map(({ labels, value }) => [labels.invariant ?? labels.owners, value])
  expect(values(zoneDown.record, 'clusterdrill_invariant_holds')).toEqual([
    ['etcd-members', 1],
    ['load-balancer', 1],
    ['statistics-page', 0],
  ])
  expect(values(holderDown.record, 'clusterdrill_floating_ip_answered_seconds')).toEqual([
    ['nobody', 4.2],
    ['one', 74.5],
    ['several', 0.3],
  ])
  const info = parse(renderMetrics(holderDown.record)).samples.find(
    ({ name }) => name === 'clusterdrill_floating_ip_info',
  )
  expect(info?.labels).toMatchObject({ address: '172.28.255.1', documented: 'MetalLB' })
  for (const { record } of [workerDown, controlPlaneDown]) {
    expect(renderMetrics(record)).not.toMatch(/clusterdrill_(invariant|floating_ip)/)
  }
})

test('what was not watched is absent, not zero', () => {
  const floatingIp = { address: '10.0.0.9', engine: 'e', documented: 'd', tenures: [] }
  const text = renderMetrics({ ...holderDown.record, floatingIp })
  expect(text).toContain('clusterdrill_floating_ip_info')
  expect(text).not.toContain('clusterdrill_floating_ip_answered_seconds')
})
