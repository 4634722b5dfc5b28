/**
 * The page as a whole: nothing in it runs or is fetched, it stays small, it shows every number of
 * the record and none besides, and it says everywhere whether it was measured.
 */
import { expect, test } from 'vitest'
import { type RunRecord, recordSchema } from '../../harness/model/record.ts'
import type { Sample } from '../../harness/model/vantage.ts'
import { renderHtml } from '../../reports/html.ts'
import type { ReportInput } from '../../reports/input.ts'
import { controlPlaneDown, holderDown, linkCut, workerDown, zoneDown } from './fixture.ts'

const everyRun = { workerDown, controlPlaneDown, holderDown, linkCut, zoneDown }

const hostile = `"><img src=x onerror=alert(1)></script><script>alert('2')</script>`

/** The value with every string in it replaced. */
function withStrings(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => withStrings(item, replace))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withStrings(item, replace)]),
  )
}

function numberPaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'number') return [path]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => numberPaths(item, [...path, key]))
}

function bumped(record: RunRecord, path: readonly (string | number)[]): RunRecord {
  const copy = structuredClone(record) as unknown
  let place = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  place[last] = Number(place[last]) * 0.87 + (last === 'availability' ? 0 : 3_000)
  return copy as RunRecord
}

const visibleText = (html: string): string =>
  html.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, ' ')

test('the fixtures are records', () => {
  for (const { record } of Object.values(everyRun)) {
    expect(recordSchema.safeParse(record).error).toBeUndefined()
  }
})

test.each(Object.entries(everyRun))(
  '%s: no string of a record, an event or a topology gets out of its text',
  (_, run) => {
    const tags = (html: string) => html.match(/<[a-z]+/g)?.length
    const replace = (text: string) => `${text}${hostile}`
    const input = withStrings({ ...run, samples: [] }, replace) as ReportInput
    const kept = { ...input.record, provider: 'kind', pace: 'brisk', verdict: 'contradicted' }
    const claims = run.record.claims.map((claim, index) => ({
      ...input.record.claims[index],
      verdict: claim.verdict,
    }))
    const html = renderHtml({ ...input, record: { ...kept, claims } as RunRecord })
    expect(html).not.toMatch(/<img|<script|onerror=alert\(1\)>/)
    expect(html).toContain('&lt;script&gt;alert(&#39;2&#39;)&lt;/script&gt;')
    expect(tags(html)).toBeGreaterThan(300)
  },
)

test('it asks the network for nothing', () => {
  const html = renderHtml(workerDown)
  expect(html).not.toMatch(/https?:|src=|<link|<script|@import|url\(/)
})

test('sixty thousand samples of a service that flaps stay under a megabyte', () => {
  const ids = controlPlaneDown.record.vantages.map(({ id }) => id)
  const samples = Array.from({ length: 60_000 }, (_, index): Sample => {
    const sentAtMs = (index / 60_000) * 140_000
    return {
      vantage: ids[index % ids.length] ?? '',
      scheduledAtMs: sentAtMs,
      sentAtMs,
      latencyMs: 1,
      ok: Math.sin(index * index) > 0.6,
      error: null,
      number: null,
    }
  })
  const events = Array.from({ length: 20_000 }, () => workerDown.events[2] ?? workerDown.events[0])
  const html = renderHtml({
    ...controlPlaneDown,
    samples,
    events: events.flatMap((event) => (event === undefined ? [] : [event])),
  })
  expect(html.length).toBeLessThan(1_000_000)
  expect(html).toContain('the first 400 of 20000')
})

test('every heading says whether it was measured, and that the pace was brisk', () => {
  const headings = renderHtml(workerDown).match(/<h2[\s\S]*?<\/h2>/g) ?? []
  expect(headings).toHaveLength(10)
  for (const heading of headings) expect(heading).toMatch(/>MEASURED<.*>brisk</)
  const simulated = renderHtml(controlPlaneDown)
  expect(simulated).toContain('SIMULATED by the model, not measured')
  expect(simulated).not.toMatch(/>MEASURED|>brisk</)
})

test.each([
  ['workerDown', workerDown],
  ['holderDown', { ...holderDown, samples: [] }],
] as const)('%s: every number of the record reaches the page', (_, run) => {
  const html = renderHtml(run)
  // The receipt of a step's instant is its time since the fault; the model's fault is at zero.
  const silent = /^prediction\.steps\.\d+\.atMs$/
  const lost = numberPaths(run.record)
    .filter((path) => !silent.test(path.join('.')))
    .filter((path) => renderHtml({ ...run, record: bumped(run.record, path) }) === html)
  expect(lost.map((path) => path.join('.'))).toEqual([])
})

test.each([
  ['workerDown', workerDown],
  ['holderDown', holderDown],
  ['zoneDown', zoneDown],
])('%s: no number on the page comes from anywhere else', (_, run) => {
  const letters = withStrings(run, (text) => text.replace(/\d/g, 'n')) as ReportInput
  const zero = (value: unknown): unknown => {
    if (typeof value === 'number') return 0
    if (Array.isArray(value)) return value.map(zero)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, zero(item)]))
  }
  const blank = zero({ ...letters, samples: [], events: [] }) as ReportInput
  // Counts of things, the numbers of steps, and names that hold a digit are no measurements.
  const record = {
    ...blank.record,
    timers: {},
    claims: [],
    differences: [],
    recovery: { ...blank.record.recovery, steps: [] },
  }
  const text = visibleText(renderHtml({ ...blank, record }))
    .replaceAll(/p50|p99|99th|http-503/g, '')
    .replace(/[45] vantages|[23] sites, [34] nodes|[42] of [43] invariants/g, '')
  expect(text.match(/\d+(\.\d+)?/g)?.filter((number) => number !== '0')).toEqual([])
})

test('pictures are described and tables captioned', () => {
  const html = renderHtml(workerDown)
  const pictures = html.match(/<svg class="(wide|narrow)"[\s\S]*?<\/svg>/g) ?? []
  expect(pictures).toHaveLength(8)
  for (const picture of pictures) expect(picture).toMatch(/role="img"[\s\S]*<title id=.*<desc id=/)
  const tables = html.match(/<table/g)?.length
  expect(html.match(/<caption>/g)?.length).toBe(tables)
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('an invalid run with nothing in it still has a report', () => {
  const record: RunRecord = {
    ...workerDown.record,
    phases: [],
    faults: [],
    vantages: [],
    claims: [],
    problems: ['the engine went away'],
    latenessMs: null,
    prediction: null,
    integrity: { acknowledgedWrites: 0, lostWrites: 0, readBack: false, apiWrites: null },
    recovery: {
      reactionMs: null,
      repairMs: null,
      recoveryMs: null,
      outageMs: null,
      vantage: null,
      steps: [],
    },
    verdict: 'invalid',
  }
  const html = renderHtml({ ...workerDown, record, samples: [], events: [] })
  expect(html).not.toContain('class="tiles"')
  expect(html).toContain('Nothing can be concluded: the engine went away')
  expect(html).not.toMatch(/NaN|Infinity|undefined/)
})

test('no figure of a full report is broken', () => {
  for (const input of Object.values(everyRun)) {
    expect(renderHtml(input)).not.toMatch(/NaN|Infinity|undefined[^a-z]|\[object/)
  }
})

test('a run with a floating IP says who held it, at the head and in the timeline', () => {
  const html = renderHtml(holderDown)
  const header = visibleText(html.match(/<header>[\s\S]*<\/header>/)?.[0] ?? '')
  expect(header.replace(/\s+/g, ' ')).toContain(
    'held the floating IP 172.28.255.1 when the fault came, then nobody for 4.2 s, then',
  )
  expect(header).toContain('which stands in for MetalLB')
  expect(html.match(/<path class="tenure nobody"/g)).toHaveLength(3)
  expect(html).toContain('holder of 172.28.255.1')
  expect(renderHtml(workerDown)).not.toMatch(/class="tenure|floating IP [0-9]|link holder/)
})

test('invariants are a table where somebody looked, and a warning where one does not hold', () => {
  const sectionOf = (html: string) =>
    html.match(/<section[^>]*aria-labelledby="invariants">[\s\S]*?<\/section>/)?.[0] ?? ''
  const held = sectionOf(renderHtml(holderDown))
  expect(held).not.toContain('class="alert"')
  expect(held.match(/> holds<\/span>/g)).toHaveLength(4)
  const html = renderHtml(zoneDown)
  const broken = sectionOf(html)
  expect(broken).toContain('<section class="alert"')
  expect(broken).toContain('> does not hold</span>')
  expect(html.indexOf('id="invariants"')).toBeLessThan(html.indexOf('id="topology"'))
  expect(sectionOf(renderHtml(workerDown))).toBe('')
})

test('the time for which a fault held is shaded, of a link as of a node', () => {
  const shades = (input: ReportInput) =>
    [...renderHtml(input).matchAll(/<rect class="held"[^>]*><title>([^<]*)</g)].map(
      ([, says]) => says,
    )
  expect(shades(linkCut).slice(0, 1)).toEqual([
    'the link between site-a and site-b was cut: held for 46.9 s',
  ])
  expect(shades(zoneDown).slice(0, 2)).toEqual([
    'k0s-at-vie-1 lost power: held for 1 min 10 s',
    'the link between ch-sion-1 and de-fra-1 lost packets: held for 1 min 50 s',
  ])
})

test('reports are a vantage like the others', () => {
  const html = renderHtml(holderDown)
  expect(html).toContain('report, new connections, through floating IP')
  const recovery = { ...holderDown.record.recovery, vantage: 'report' }
  expect(
    visibleText(renderHtml({ ...holderDown, record: { ...holderDown.record, recovery } })),
  ).toContain('Reports failed for')
})
