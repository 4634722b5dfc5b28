/** What kernels and `ping` say about a link, and what a look concludes from it. */
import { describe, expect, it } from 'vitest'
import {
  type Crossing,
  type Direction,
  echoRequests,
  judgeLink,
  type Link,
  pingsOf,
  probeLink,
  volleyFor,
} from '../../../harness/cluster/containers/link-probe.ts'
import type { FaultKind, FaultPlan } from '../../../harness/model/scenario.ts'

const snmp = (inEchos: number) => `Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 4711
Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps
Icmp: 99 1 2 3 4 5 6 7 ${inEchos} 88
IcmpMsg: InType0 InType8
IcmpMsg: 88 ${inEchos}
`

describe('reading', () => {
  it('finds the echo requests of a kernel by their name', () => {
    expect(echoRequests(snmp(76))).toBe(76)
    expect(() => echoRequests('Icmp: InMsgs InErrors\nIcmp: 3 0\n')).toThrow('InEchos')
    expect(() => echoRequests('')).toThrow('InEchos')
  })

  it('adds up what pings say, of iputils and of busybox', () => {
    const output = `PING 172.19.0.2 (172.19.0.2) 56(84) bytes of data.
PING 172.19.0.3 (172.19.0.3) 56(84) bytes of data.

--- 172.19.0.2 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 404ms


--- 172.19.0.3 ping statistics ---
100 packets transmitted, 76 received, 24% packet loss, time 1585ms
rtt min/avg/max/mdev = 0.015/0.027/0.227/0.024 ms
`
    expect(pingsOf(output)).toEqual({ sent: 103, roundTripsMs: [0.015] })
    const busybox = `--- 172.19.0.3 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 200.061/200.100/200.190 ms
`
    expect(pingsOf(busybox)).toEqual({ sent: 3, roundTripsMs: [200.061] })
    expect(pingsOf('ping: connect: Network is unreachable\n')).toEqual({
      sent: 0,
      roundTripsMs: [],
    })
  })
})

const faultOf = (kind: FaultKind, more: Partial<FaultPlan> = {}): FaultPlan => ({
  id: 'link',
  kind,
  target: 'link:site-a/site-b',
  ...more,
})

it.each<[FaultPlan, number, object]>([
  [faultOf('network.cut'), 9, { streams: 1, count: 3, intervalMs: 200, waitS: 1 }],
  [
    faultOf('network.delay', { delayMs: 750 }),
    1,
    { streams: 1, count: 3, intervalMs: 200, waitS: 3 },
  ],
  [
    faultOf('network.loss', { lossPercent: 30 }),
    1,
    { streams: 1, count: 100, intervalMs: 10, waitS: 1 },
  ],
  [
    faultOf('network.loss', { lossPercent: 30 }),
    9,
    { streams: 1, count: 12, intervalMs: 10, waitS: 1 },
  ],
  [
    faultOf('network.loss', { lossPercent: 99 }),
    1,
    { streams: 5, count: 200, intervalMs: 10, waitS: 1 },
  ],
  [
    faultOf('network.loss', { lossPercent: 1 }),
    2,
    { streams: 3, count: 167, intervalMs: 10, waitS: 1 },
  ],
])('sends as many echoes as %j between %d pairs needs', (fault, pairs, volley) => {
  expect(volleyFor(fault, pairs)).toEqual(volley)
})

const way = (arrived: number, planned = 3, more: Partial<Direction> = {}): Direction => ({
  planned,
  sent: planned,
  arrived,
  roundTripMs: null,
  counted: null,
  ...more,
})

const link = { from: { site: 'site-a' }, to: { site: 'site-b' } }
const look = (fault: FaultPlan, there: Direction, back: Direction) =>
  judgeLink(fault, link, { there, back })

describe('a look', () => {
  it('at a whole link', () => {
    expect(look(faultOf('network.cut'), way(3), way(3))).toEqual({
      state: 'well',
      text: 'site-a → site-b: 3 of 3 arrived; site-b → site-a: 3 of 3 arrived',
    })
  })

  it('at a cut, with what the rules have counted', () => {
    expect(
      look(faultOf('network.cut'), way(0, 3, { counted: 12 }), way(0, 3, { counted: 9 })),
    ).toEqual({
      state: 'broken',
      text: 'site-a → site-b: 0 of 3 arrived; site-b → site-a: 0 of 3 arrived; rules in site-b dropped 12 frames; rules in site-a dropped 9 frames',
    })
  })

  it('at a cut of one way', () => {
    expect(look(faultOf('network.cut-one-way'), way(0, 3, { counted: 4 }), way(3))).toEqual({
      state: 'broken',
      text: 'site-a → site-b: 0 of 3 arrived; site-b → site-a: 3 of 3 arrived; rules in site-b dropped 4 frames',
    })
  })

  it.each<[FaultKind, Direction, Direction]>([
    ['network.cut', way(0), way(3)],
    ['network.cut', way(0), way(1)],
    ['network.cut-one-way', way(3), way(0)],
    ['network.cut-one-way', way(0), way(0)],
    ['network.cut-one-way', way(1), way(3)],
    ['network.cut', way(4), way(3)],
    ['network.cut', way(0, 3, { sent: 0 }), way(0, 3, { sent: 0 })],
    ['network.cut', way(-2), way(0)],
  ])('at %s that is neither whole nor as planned: %j %j', (kind, there, back) => {
    expect(look(faultOf(kind), there, back).state).toBe('unclear')
  })

  it('says what was not sent', () => {
    expect(look(faultOf('network.cut'), way(0, 3, { sent: 0 }), way(3)).text).toBe(
      'site-a → site-b: only 0 of 3 sent; site-b → site-a: 3 of 3 arrived',
    )
  })

  const loss = (lossPercent: number) => faultOf('network.loss', { lossPercent })

  it('at a loss, with its share', () => {
    expect(look(loss(30), way(68, 100), way(79, 100))).toEqual({
      state: 'broken',
      text: 'site-a → site-b: 68 of 100 arrived, 32 % lost; site-b → site-a: 79 of 100 arrived, 21 % lost',
    })
    expect(look(loss(30), way(100, 100), way(100, 100)).state).toBe('well')
  })

  // Four deviations of thirty in a hundred are 18.3.
  it.each([
    [30, way(88, 100), 'broken'],
    [30, way(89, 100), 'unclear'],
    [30, way(52, 100), 'broken'],
    [30, way(51, 100), 'unclear'],
    [30, way(100, 100), 'unclear'],
    [1, way(999, 1000), 'broken'],
    [1, way(1000, 1000), 'unclear'],
    [99, way(1, 1000), 'broken'],
    [99, way(0, 1000), 'unclear'],
  ])('at %d %% loss, where one way is %j', (percent, one, state) => {
    const { planned } = one
    const other = way(planned - (planned * percent) / 100, planned)
    expect(look(loss(percent), one, other).state).toBe(state)
    expect(look(loss(percent), other, one).state).toBe(state)
  })

  it('at a delay, by the shortest round trip', () => {
    const delay = faultOf('network.delay', { delayMs: 100 })
    const trip = (roundTripMs: number | null) => way(3, 3, { roundTripMs })
    expect(look(delay, trip(200.3), way(3, 3, { roundTripMs: 201, counted: 5 }))).toEqual({
      state: 'broken',
      text: 'site-a → site-b: 3 of 3 arrived, round trip 200.3 ms; site-b → site-a: 3 of 3 arrived, round trip 201 ms; rules in site-a counted 5 frames',
    })
    expect(look(delay, trip(0.1), trip(0.1)).state).toBe('well')
    expect(look(delay, trip(null), trip(0.1))).toEqual({
      state: 'unclear',
      text: 'site-a → site-b: 3 of 3 arrived, none answered; site-b → site-a: 3 of 3 arrived, round trip 0.1 ms',
    })
    expect(look(delay, trip(100.2), trip(100.2)).state).toBe('unclear')
    expect(look(delay, trip(260), trip(200)).state).toBe('unclear')
  })
})

it('counts arrivals at each end by the kernels there, one read before all and one after', async () => {
  const node = (name: string) => ({
    name,
    container: name,
    address: `10.0.0.${name.length}`,
    mac: '',
  })
  const between: Link = {
    name: 'site-a/site-b',
    from: { site: 'site-a', nodes: [node('a'), node('aa')] },
    to: { site: 'site-b', nodes: [node('bbb')] },
  }
  const order: string[] = []
  const echoes: Record<string, number> = { a: 10, aa: 20, bbb: 30 }
  const docker = async (args: readonly string[]) => {
    const [, container = '', , , script = ''] = args
    const sends = script.includes('ping')
    order.push(`${sends ? 'send' : 'read'} ${container}`)
    if (!sends) {
      const rules = container === 'bbb' ? 'counter packets 6 bytes 504 drop' : ''
      return `${snmp(echoes[container] ?? 0)}${rules}`
    }
    expect(args.slice(6, 10)).toEqual(['7', '3', '0.2', '1'])
    if (container !== 'bbb') return '3 packets transmitted, 0 received, 100% packet loss\n'
    expect(args.slice(10)).toEqual(['10.0.0.1', '10.0.0.2'])
    echoes.a = 13
    echoes.aa = 23
    return '3 packets transmitted, 0 received\n3 packets transmitted, 0 received\n'
  }
  const seen = await probeLink({ docker }, between, volleyFor(faultOf('network.cut-one-way'), 2))
  expect(seen).toEqual<Crossing>({
    there: { planned: 6, sent: 6, arrived: 0, roundTripMs: null, counted: 6 },
    back: { planned: 6, sent: 6, arrived: 6, roundTripMs: null, counted: null },
  })
  expect(order.map((what) => what.split(' ')[0])).toEqual(
    'read read read send send send read read read'.split(' '),
  )
})
