/**
 * The picture of the topology: what it says of ports, holders, links, roles and storage, that its
 * lines end where they should, and that no text lies over another or leaves the picture, for every
 * documented topology in both layouts.
 */
import { describe, expect, test } from 'vitest'
import type { FaultRecord, RunRecord } from '../../../harness/model/record.ts'
import type { Topology } from '../../../harness/model/topology.ts'
import { type Frame, frames } from '../../../reports/html/scale.ts'
import { topologyLegend, topologyPicture } from '../../../reports/html/topology-picture.ts'
import type { ReportInput } from '../../../reports/input.ts'
import { topologies } from '../../../topologies/index.ts'
import { controlPlaneDown, holderDown, linkCut, workerDown, zoneDown } from '../fixture.ts'

const wide: Frame = { name: 'wide', widthPx: 1080 }
const narrow: Frame = { name: 'narrow', widthPx: 340 }

const drawn = (input: ReportInput, frame = wide): string => topologyPicture(input, frame).text

/** What stands in the `text` elements, in order. */
const textsOf = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '')

/** The group of the node with this name. */
const nodeIn = (svg: string, name: string): string =>
  svg.match(
    new RegExp(`<g class="node [^"]*"><title>${name}: [\\s\\S]*?\\n.*\\n.*\\n.*</g></g>`),
  )?.[0] ?? ''

test('nodes say their role, what hit them and what they held', () => {
  const svg = drawn(holderDown)
  expect(textsOf(nodeIn(svg, 'control-plane'))).toEqual(['control-plane', 'control plane, drained'])
  expect(textsOf(nodeIn(svg, 'reporting'))).toEqual(['reporting', 'reporting alone'])
  expect(textsOf(nodeIn(svg, 'worker-a'))).toEqual([
    'worker-a',
    'worker',
    '✗ lost power',
    '✓ then restored',
    '◆ held the IP',
    '◇ held it from 52 s',
    '▤ has the volume',
  ])
  expect(textsOf(nodeIn(svg, 'worker-b'))).toEqual(['worker-b', 'worker', '◇ held it from 4.3 s'])
  expect(textsOf(nodeIn(drawn(zoneDown), 'k0s-ch-sion-1'))).toEqual([
    'k0s-ch-sion-1',
    'control plane and worker',
    '▣ image registry, port 5000',
  ])
})

test('who held the address all along did not begin to hold it when a second one did', () => {
  expect(textsOf(nodeIn(drawn(linkCut), 'worker-a'))).toEqual([
    'worker-a',
    'worker',
    '◆ held the IP',
  ])
})

test('an announcer that never held it is named as one, when nobody watched too', () => {
  const record: RunRecord = { ...holderDown.record, floatingIp: null }
  const svg = drawn({ ...holderDown, record })
  expect(textsOf(nodeIn(svg, 'worker-b'))).toEqual(['worker-b', 'worker', 'may hold the IP'])
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining([
      'Floating IP, port 80',
      'who held it was not watched',
      'the document shares it by MetalLB',
    ]),
  )
  expect(svg).not.toMatch(/link holder" d="[^"]*V\d+[^"]*H/)
})

test('sites say region and zone', () => {
  const texts = textsOf(drawn(holderDown))
  expect(texts).toEqual(
    expect.arrayContaining(['site-a', 'region cx, zone north', 'region cx, zone south']),
  )
})

test('the load balancer shows every port, and what nothing serves as DOWN', () => {
  for (const frame of frames) {
    const ports = [
      ...drawn(zoneDown, frame).matchAll(/<g class="port( down)?"><title>([^<]*)<\/title>/g),
    ]
    expect(ports.map(([, down, title]) => [down !== undefined, title])).toEqual([
      [false, 'port 6443. the Kubernetes API'],
      [true, 'port 8132. Konnectivity. ✗ DOWN: nothing serves it here'],
      [
        true,
        'port 9443. the k0s API through which controllers join. ✗ DOWN: nothing serves it here',
      ],
      [false, 'port 9000. statistics page'],
    ])
  }
  expect(drawn(controlPlaneDown)).not.toContain('class="port')
})

test('without a load balancer all traffic goes to the first control plane, and only there', () => {
  const topology: Topology = { ...controlPlaneDown.topology, loadBalancer: null }
  const svg = drawn({ ...controlPlaneDown, topology })
  expect(textsOf(svg)).toContain('no load balancer: all traffic goes to cp-1')
  const apiLines = (text: string) =>
    text.match(/class="link api" d="([^"]*)"/)?.[1]?.match(/M/g)?.length
  expect(apiLines(svg)).toBe(1)
  expect(apiLines(drawn(controlPlaneDown))).toBe(3)
})

test('the floating IP says its address, holders, engine, announcers and where it leads', () => {
  const texts = textsOf(drawn(linkCut))
  expect(texts).toEqual(
    expect.arrayContaining([
      'Floating IP 172.28.255.1, port 80',
      'shared by keepalived 2.3.3, one advertisement a second, in the place of MetalLB',
      'announced from worker-a and worker-b; leads to the ingress',
      'through the floating IP at port 80, and directly at port 30080',
    ]),
  )
  expect(drawn(linkCut)).toContain(
    'held by worker-a, then worker-a and worker-b at once for 44.5 s',
  )
})

test('a solid line leads to the holder at the fault, a dashed one to the later', () => {
  const boxOf = (svg: string, name: string) => {
    const [, x, y, width, height] =
      /<rect class="frame" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/
        .exec(nodeIn(svg, name))
        ?.map(Number) ?? []
    return { middle: (x ?? 0) + (width ?? 0) / 2, bottom: (y ?? 0) + (height ?? 0) }
  }
  const svg = drawn(holderDown)
  const ends = (kind: string) =>
    [...svg.matchAll(new RegExp(`class="link ${kind}" d="[^"]*H([\\d.]+)V([\\d.]+)"`, 'g'))].map(
      ([, x, y]) => ({ middle: Number(x), bottom: Number(y) }),
    )
  expect(ends('holder')).toEqual([boxOf(svg, 'worker-a')])
  expect(ends('holder later')).toEqual([boxOf(svg, 'worker-b')])
})

test('local storage says to which node it is bound, and admits not to know', () => {
  expect(textsOf(drawn(holderDown))).toContain('storage: local, bound to worker-a')
  expect(textsOf(drawn(linkCut))).toContain('storage: local, bound to a node that was not recorded')
  expect(textsOf(drawn(workerDown))).toContain('storage: shared')
  const ready = { ...holderDown.events[0], name: 'pod-ready', component: 'database' } as const
  const seen = { ...linkCut, events: [{ ...ready, node: 'worker-b' }] } as ReportInput
  expect(textsOf(drawn(seen))).toContain('storage: local, bound to worker-b')
})

describe('faults on links', () => {
  const fault = (kind: string, target: string, undoneAtMs: number | null = null): FaultRecord => ({
    id: `${kind} ${target}`,
    kind,
    target,
    role: 'named in the plan',
    injectedAtMs: 30_000,
    tookHoldAtMs: 30_000,
    undoneAtMs,
    receipt: { before: null, during: null, after: null },
  })
  const withFaults = (...faults: FaultRecord[]): ReportInput => ({
    ...zoneDown,
    record: { ...zoneDown.record, faults },
  })
  const groups = (svg: string) =>
    [...svg.matchAll(/<g class="site-link ([\w-]+)"><title>([^<]*)<\/title>/g)].map(
      ([, kind, title]) => [kind, title],
    )

  test('each is drawn once between its sites, in either order of the names', () => {
    const input = withFaults(
      fault('network.cut', 'at-vie-1/ch-sion-1', 50_000),
      fault('network.delay', 'at-vie-1/de-fra-1'),
      fault('network.loss', 'ch-sion-1/de-fra-1'),
    )
    for (const frame of frames) {
      expect(groups(drawn(input, frame))).toEqual([
        ['cut', 'the link between at-vie-1 and ch-sion-1 was cut, then restored'],
        ['loss', 'the link between ch-sion-1 and de-fra-1 lost packets'],
        ['delay', 'the link between at-vie-1 and de-fra-1 was delayed'],
      ])
    }
  })

  test('a cut of one way has its arrow at the end that nothing reaches', () => {
    const tips = (target: string) =>
      /class="tip" d="M([\d.]+)/.exec(drawn(withFaults(fault('network.cut-one-way', target))))?.[1]
    expect(Number(tips('at-vie-1/ch-sion-1'))).toBeLessThan(Number(tips('ch-sion-1/at-vie-1')))
    const both = withFaults(
      fault('network.cut-one-way', 'at-vie-1/ch-sion-1'),
      fault('network.cut-one-way', 'ch-sion-1/at-vie-1'),
    )
    expect(/class="tip" d="([^"]*)"/.exec(drawn(both))?.[1]?.match(/M/g)).toHaveLength(2)
  })

  test('labels stand beside their lines: below the tops of the sites, and right of the rails', () => {
    const input = withFaults(
      ...['cut', 'loss', 'delay', 'cut-one-way']
        .map((kind) => `network.${kind}`)
        .flatMap((kind) => [
          fault(kind, 'ch-sion-1/at-vie-1', 50_000),
          fault(kind, 'ch-sion-1/de-fra-1', 50_000),
        ]),
    )
    const svg = drawn(input)
    const [siteTopPx = NaN, heightPx = NaN] =
      /<g class="site"><rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/
        .exec(svg)
        ?.slice(1)
        .map(Number) ?? []
    const linePx = Number(/class="line" d="M[\d.]+ ([\d.]+)H/.exec(svg)?.[1])
    expect(linePx).toBeLessThan(siteTopPx + heightPx)
    const labels = [
      ...svg.matchAll(
        /<text class="small hit-text" x="[\d.]+" y="([\d.]+)"[^>]*>✗ (cut|lost|del)/g,
      ),
    ]
    expect(labels.length).toBeGreaterThan(3)
    for (const [, y] of labels) expect(Number(y) - 13).toBeGreaterThan(siteTopPx)
    const stacked = drawn(input, narrow)
    const rail = Math.max(
      ...[...stacked.matchAll(/class="line" d="M([\d.]+)/g)].map(([, x]) => Number(x)),
    )
    for (const [, x] of stacked.matchAll(
      /<text class="small hit-text" x="([\d.]+)" y="[\d.]+" text-anchor="start">✗/g,
    )) {
      expect(Number(x)).toBeGreaterThan(rail + 8)
    }
  })

  test('a link that the topology does not have is not drawn, and a node is no link', () => {
    expect(groups(drawn(withFaults(fault('network.cut', 'here/there'))))).toEqual([])
    expect(groups(drawn(withFaults(fault('power.kill', 'ch-sion-1/de-fra-1'))))).toEqual([])
  })
})

interface Extent {
  text: string
  fromPx: number
  untilPx: number
  topPx: number
  endPx: number
}

/** Where each text is, at about the width of its characters; narrower than any font draws it. */
function extentsOf(svg: string): Extent[] {
  const found = svg.matchAll(
    /<text class="([^"]*)" x="([-\d.]+)" y="([-\d.]+)"(?: text-anchor="(\w+)")?>([^<]*)<\/text>/g,
  )
  return [...found].map(([, style = '', x, y, anchor, escaped = '']) => {
    const text = escaped.replace(/&\w+;/g, '&')
    const small = style.includes('small')
    const widthPx = [...text].length * (small ? 5.4 : 6.2)
    const at = Number(x)
    const fromPx = anchor === 'middle' ? at - widthPx / 2 : anchor === 'end' ? at - widthPx : at
    const topPx = Number(y) - (small ? 9 : 10)
    return { text, fromPx, untilPx: fromPx + widthPx, topPx, endPx: Number(y) + 2 }
  })
}

function troubleIn(svg: string, widthPx: number): string[] {
  const extents = extentsOf(svg)
  if (extents.length < 8) return ['the texts were not found']
  const outside = extents.filter(({ fromPx, untilPx }) => fromPx < 0 || untilPx > widthPx)
  const over = extents.flatMap((one, index) =>
    extents
      .slice(index + 1)
      .filter(
        (other) =>
          one.fromPx < other.untilPx &&
          other.fromPx < one.untilPx &&
          one.topPx < other.endPx &&
          other.topPx < one.endPx,
      )
      .map((other) => `${one.text} over ${other.text}`),
  )
  return [...outside.map(({ text }) => `${text} leaves the picture`), ...over]
}

/** Everything at once: the last node lost, every link hit, the address moved. */
function worstCase(topology: Topology): ReportInput {
  const [first, ...rest] = holderDown.record.faults
  if (first === undefined) throw new Error('the fixture has a fault')
  const names = topology.sites.map(({ name }) => name)
  const links = names.flatMap((one, index) =>
    names.slice(index + 1).flatMap((other) => [
      { ...first, kind: 'network.cut-one-way', target: `${other}/${one}` },
      { ...first, kind: 'network.delay', target: `${one}/${other}`, undoneAtMs: null },
    ]),
  )
  const lost = { ...first, target: topology.nodes.at(-1)?.name ?? '' }
  const record = { ...holderDown.record, faults: [lost, ...links, ...rest] }
  if (topology.floatingIp === undefined) record.floatingIp = null
  return { ...holderDown, topology, record }
}

describe.each(topologies.map((topology) => [topology.name, topology] as const))(
  '%s',
  (_, topology) => {
    test.each([wide, narrow])('$name: no text over another, none outside', (frame) => {
      expect(troubleIn(drawn(worstCase(topology), frame), frame.widthPx)).toEqual([])
    })
  },
)

test('names of any length are cut inside their boxes, with the whole name in a title', () => {
  const long = (text: string) => `${text}-${'x'.repeat(60)}`
  const { topology, record } = holderDown
  const input: ReportInput = {
    ...holderDown,
    record: {
      ...record,
      floatingIp: {
        ...(record.floatingIp ?? { address: '', documented: '', tenures: [] }),
        engine: 'word '.repeat(200),
      },
    },
    topology: {
      ...topology,
      sites: topology.sites.map((site) => ({
        ...site,
        zone: long(site.zone),
        region: long(site.region),
      })),
      nodes: topology.nodes.map((node) => ({ ...node, name: long(node.name) })),
    },
  }
  for (const frame of [wide, narrow]) {
    const svg = drawn(input, frame)
    expect(troubleIn(svg, frame.widthPx)).toEqual([])
    expect(textsOf(svg).filter((text) => text.includes('word'))).toHaveLength(4)
    expect(svg).toContain(`<title>${long('worker-a')}: worker`)
    expect(svg).toContain(`zone ${long('north')}</title>`)
  }
})

test('the legend explains the lines where there is a floating IP, and only there', () => {
  expect(topologyLegend(holderDown)?.text).toContain('held it later')
  expect(topologyLegend(workerDown)).toBeNull()
})
