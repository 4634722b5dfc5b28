/**
 * Faults of a link against an engine that answers from a table: what is refused and how, which
 * node gets which rules, and what the undo says of nodes that are down.
 */
import { expect, it } from 'vitest'
import { type LinkSite, linkFault, restoreLink } from '../../../harness/cluster/containers/links.ts'
import { InvalidRunError, MachineError } from '../../../harness/model/errors.ts'
import type { FaultPlan } from '../../../harness/model/scenario.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'

type Inspected = Awaited<ReturnType<LinkSite['engine']['inspect']>>
interface Call {
  args: readonly string[]
  input: string | undefined
}

/** Three nodes of `cx-worker-ha`; `c-1` and so on are their containers. */
const standing = (): Record<string, Inspected> =>
  Object.fromEntries(
    ['c-1', 'c-2', 'c-3'].map((name, index) => [
      name,
      {
        id: `id-${name}`,
        name,
        running: true,
        paused: false,
        pid: 1,
        startedAt: '2026-01-01T00:00:00Z',
        address: `10.0.0.${index + 1}`,
        mac: `02:00:00:00:00:0${index + 1}`,
        mounts: [],
        labels: {},
        image: 'node',
      },
    ]),
  )

/** Answers a command by the first entry of which a part is in it; by nothing otherwise. */
function siteWith(
  answers: readonly (readonly [part: string, answer: string])[] = [],
  containers = standing(),
): LinkSite & { calls: Call[] } {
  const calls: Call[] = []
  return {
    calls,
    engine: {
      inspect: async (name) => containers[name] ?? null,
      docker: async (args, input) => {
        calls.push({ args, input })
        const command = args.join(' ')
        return answers.find(([part]) => command.includes(part))?.[1] ?? ''
      },
    },
    provider: 'kind',
    cluster: 'drill',
    topology: cxWorkerHa,
    nodes: ['control-plane', 'worker-a', 'worker-b'].map((name, index) => ({
      name,
      container: `c-${index + 1}`,
      id: `id-c-${index + 1}`,
      address: `10.0.0.${index + 1}`,
    })),
  }
}

const works = [
  ['command -v', ''],
  ['--check', 'ok\n'],
  ['unshare', 'ok\n'],
] as const

const faultOf = (kind: FaultPlan['kind'], more: Partial<FaultPlan> = {}): FaultPlan => ({
  id: 'link',
  kind,
  target: 'link:site-a/site-b',
  ...more,
})

async function refusalOf(fault: FaultPlan, site: LinkSite): Promise<string> {
  const error = await linkFault(fault, site).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvalidRunError)
  expect(error).toHaveProperty('changed', 'nothing was broken')
  return (error as InvalidRunError).what
}

it('refuses all that is wrong at once', async () => {
  const containers = standing()
  containers['c-2'] = null
  Object.assign(containers['c-1'] ?? {}, { running: false })
  const site = siteWith(works, containers)
  const fault = faultOf('network.loss', { target: 'link:site-a/site-z' })
  expect(await refusalOf(fault, site)).toBe(
    [
      'network.loss needs a lossPercent from 1 to 99, not none',
      "cx-worker-ha has no site 'site-z'; it has site-a, site-b",
      'control-plane does not run',
      'worker-a is gone (container c-2)',
    ].join('\n'),
  )
  expect(site.calls).toEqual([])
})

it.each<[FaultPlan, string]>([
  [
    faultOf('network.cut', { target: 'link:site-a/site-a' }),
    'a link has two ends, and both are named site-a',
  ],
  [
    faultOf('network.cut', { target: 'node:worker-a' }),
    "'node:worker-a' names no link: it is written link:SITE/SITE",
  ],
  [
    faultOf('network.cut', { target: 'link:site-a/site-b/site-c' }),
    "'link:site-a/site-b/site-c' names no link: it is written link:SITE/SITE",
  ],
  [
    faultOf('network.loss', { lossPercent: 100 }),
    'network.loss needs a lossPercent from 1 to 99, not 100',
  ],
  [
    faultOf('network.loss', { lossPercent: 2.5 }),
    'network.loss needs a lossPercent from 1 to 99, not 2.5',
  ],
  [faultOf('network.delay'), 'network.delay needs a delayMs from 1 to 10000, not none'],
  [
    faultOf('network.delay', { delayMs: 0 }),
    'network.delay needs a delayMs from 1 to 10000, not 0',
  ],
  [faultOf('power.kill'), 'power.kill is no fault of a link'],
])('refuses %j', async (fault, what) => {
  expect(await refusalOf(fault, siteWith(works))).toBe(what)
})

it('refuses a site without nodes, and one that cannot name rules', async () => {
  const topology = {
    ...cxWorkerHa,
    sites: [...cxWorkerHa.sites, { name: 'la salle', region: 'cx', zone: 'la-salle' }],
  }
  const fault = faultOf('network.cut', { target: 'link:site-a/la salle' })
  expect(await refusalOf(fault, { ...siteWith(works), topology })).toBe(
    "'la salle' cannot name rules: letters, digits, '.', '_' and '-' can\nsite 'la salle' has no nodes",
  )
})

it('refuses a node that is frozen, of another cluster, or off the network', async () => {
  const containers = standing()
  Object.assign(containers['c-1'] ?? {}, { paused: true })
  Object.assign(containers['c-2'] ?? {}, { id: 'another' })
  Object.assign(containers['c-3'] ?? {}, { mac: null })
  expect(await refusalOf(faultOf('network.cut'), siteWith(works, containers))).toBe(
    [
      'control-plane is frozen',
      'c-2 is another container now, not worker-a',
      "worker-b is not on the drills' network",
    ].join('\n'),
  )
})

it('refuses an image without the commands, and a kernel without the filter', async () => {
  const bare = siteWith([['command -v', 'nft\nping\n']])
  expect(await refusalOf(faultOf('network.cut'), bare)).toBe(
    [
      'the image of control-plane lacks nft and ping',
      'the image of worker-a lacks nft and ping',
      'the image of worker-b lacks nft and ping',
    ].join('\n'),
  )
  const blunt = siteWith([['--check', 'Error: Operation not supported\n'], ...works])
  expect(await refusalOf(faultOf('network.cut-one-way'), blunt)).toBe(
    'worker-b cannot filter frames: Error: Operation not supported',
  )
})

it('says once that a kernel without netem cannot delay', async () => {
  const site = siteWith([['netem', 'Error: Specified qdisc kind is unknown.\n'], ...works])
  expect(await refusalOf(faultOf('network.delay', { delayMs: 100 }), site)).toBe(
    'this kernel cannot delay packets: it has no netem',
  )
  const denied = siteWith([['netem', 'RTNETLINK answers: Operation not permitted'], ...works])
  expect(await refusalOf(faultOf('network.delay', { delayMs: 100 }), denied)).toBe(
    'this kernel cannot delay packets: RTNETLINK answers: Operation not permitted',
  )
  const coarse = siteWith([['flowid', 'Error: TC classifier not found.'], ...works])
  expect(await refusalOf(faultOf('network.delay', { delayMs: 100 }), coarse)).toBe(
    'this kernel cannot delay packets to chosen nodes: Error: TC classifier not found.',
  )
})

/** Container and rule of each ruleset that was put in force. */
const putIn = (calls: readonly Call[]) =>
  calls
    .filter(({ args }) => args.join(' ').endsWith('nft --file -'))
    .map(({ args, input }) => [args[2], (input ?? '').match(/ether .*/g)])

it('cuts at both ends, one way at the second alone', async () => {
  const both = siteWith(works)
  const cut = await linkFault(faultOf('network.cut'), both)
  expect(cut.undo).toEqual({
    kind: 'link.restore',
    provider: 'kind',
    cluster: 'drill',
    node: 'site-a/site-b',
    containers: ['c-1', 'c-2', 'c-3'],
  })
  expect(putIn(both.calls)).toEqual([])
  await cut.inject()
  expect(putIn(both.calls)).toEqual([
    ['c-3', ['ether saddr { 02:00:00:00:00:01, 02:00:00:00:00:02 } counter drop']],
    ['c-1', ['ether saddr { 02:00:00:00:00:03 } counter drop']],
    ['c-2', ['ether saddr { 02:00:00:00:00:03 } counter drop']],
  ])

  const oneWay = siteWith(works)
  const handle = await linkFault(
    faultOf('network.cut-one-way', { target: 'link:site-b/site-a' }),
    oneWay,
  )
  expect(handle.undo).toMatchObject({ node: 'site-b/site-a', containers: ['c-3', 'c-1', 'c-2'] })
  await handle.inject()
  expect(putIn(oneWay.calls).map(([container]) => container)).toEqual(['c-1', 'c-2'])
})

it('holds back by a queue in each node, after the table that says so', async () => {
  const site = siteWith(works)
  await (await linkFault(faultOf('network.delay', { delayMs: 100 }), site)).inject()
  const done = site.calls.filter(({ args }) => /nft --file|eth0/.test(args.join(' ')))
  const inThird = done.filter(({ args }) => args.includes('c-3'))
  expect(inThird.map(({ args }) => args.slice(0, 5))).toEqual([
    ['exec', '-i', 'c-3', 'nft', '--file'],
    ['exec', 'c-3', 'sh', '-c', expect.stringContaining('netem delay 100ms')],
  ])
})

it('proves nothing by nodes that stopped, and hides no other trouble', async () => {
  const containers = standing()
  const site = siteWith(works, containers)
  const handle = await linkFault(faultOf('network.cut'), site)
  site.engine.docker = async () => {
    throw new Error('container is not running')
  }
  await expect(handle.look('during')).rejects.toThrow('container is not running')
  Object.assign(containers['c-2'] ?? {}, { paused: true })
  containers['c-3'] = null
  expect(await handle.look('during')).toEqual({
    state: 'unclear',
    text: 'not to be told: not running worker-a, worker-b',
  })
})

const undo = {
  kind: 'link.restore',
  provider: 'kind',
  cluster: 'drill',
  node: 'site-a/site-b',
  containers: ['c-1', 'c-2', 'c-3'],
} as const

it('restores the nodes that run and says what is stopped or gone', async () => {
  const action = { ...undo, containers: [...undo.containers] }
  const removed = siteWith([['c-1', 'removed\n'], ...works])
  expect(await restoreLink(removed.engine, action)).toBe(
    'the link site-a/site-b carries everything again, rules removed in c-1',
  )
  expect(removed.calls.map(({ args }) => args.at(-1))).toEqual([
    'clusterdrill-link/site-a/site-b',
    'clusterdrill-link/site-a/site-b',
    'clusterdrill-link/site-a/site-b',
  ])
  const containers = standing()
  Object.assign(containers['c-1'] ?? {}, { running: false })
  containers['c-2'] = null
  expect(await restoreLink(siteWith([['c-3', 'absent']], containers).engine, action)).toBe(
    'no rules of the link site-a/site-b were left; stopped, and its rules with it: c-1; gone, and its rules with it: c-2',
  )
})

it('restores the others before it says that one is frozen', async () => {
  const containers = standing()
  Object.assign(containers['c-1'] ?? {}, { paused: true })
  const site = siteWith([['c-', 'removed']], containers)
  const restoring = restoreLink(site.engine, { ...undo, containers: [...undo.containers] })
  await expect(restoring).rejects.toThrow(MachineError)
  await expect(restoring).rejects.toThrow(
    'the rules of the link site-a/site-b are still in c-1, which is frozen',
  )
  expect(site.calls.map(({ args }) => args[1])).toEqual(['c-2', 'c-3'])
})

it('takes a node that stops under its hands for stopped', async () => {
  const containers = standing()
  const site = siteWith([], containers)
  site.engine.docker = async () => {
    Object.assign(containers['c-1'] ?? {}, { running: false })
    throw new Error('container is not running')
  }
  expect(await restoreLink(site.engine, { ...undo, containers: ['c-1'] })).toBe(
    'no rules of the link site-a/site-b were left; stopped, and its rules with it: c-1',
  )
})
