/** From flags to combinations of timers: names, values, and what is not played. */
import { expect, test } from 'vitest'
import { planSweep } from '../../harness/plan/sweep.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

const sweepOf = (vary: string[], set: string[] = [], pace = 'documented') =>
  planSweep(
    {
      ...{ scenario: 'worker-down', topology: 'cx-worker-ha', pace, target: null },
      ...{ set, vary, harnessVersion: '0.1.0' },
    },
    { scenarios, topologies },
  )

test('every combination has a plan with its timers, by the names of flags too', () => {
  const { sweep, problems } = sweepOf([
    'node-monitor-grace-period=20s,40s',
    'tolerationSeconds=30s,300s',
  ])
  expect(problems).toEqual([])
  expect(
    sweep?.combinations.map(({ plan }) => [
      plan?.timers.nodeMonitorGraceMs,
      plan?.timers.unreachableTolerationMs,
      plan?.timers.notReadyTolerationMs,
    ]),
  ).toEqual([
    [20_000, 30_000, 30_000],
    [20_000, 300_000, 300_000],
    [40_000, 30_000, 30_000],
    [40_000, 300_000, 300_000],
  ])
  expect(sweep?.combinations[1]?.settings).toEqual([
    'node-monitor-grace-period=20s',
    'tolerationSeconds=300s',
  ])
})

test('nothing varied is one combination', () => {
  expect(sweepOf([]).sweep?.combinations).toMatchObject([{ settings: [], refused: null }])
})

test('a combination in which a healthy node would look dead is kept with the reason', () => {
  const { sweep } = sweepOf(['nodeMonitorGraceMs=10s,40s'])
  expect(sweep?.combinations).toMatchObject([
    { plan: null, refused: expect.stringContaining('must be longer than a heartbeat') },
    { refused: null },
  ])
})

test('what is set may make a combination possible', () => {
  const { sweep } = sweepOf(
    ['nodeMonitorGraceMs=10s'],
    ['nodeStatusUpdateMs=2s', 'nodeLeaseDurationMs=8s'],
  )
  expect(sweep?.combinations).toMatchObject([{ refused: null }])
})

test.each([
  ['all combinations refused', ['nodeMonitorGraceMs=9s'], [], ['must be longer than a heartbeat']],
  ['no values', ['tolerationSeconds'], [], ['timers are varied as name=value,value']],
  [
    'bad values and an unknown name at once',
    ['tolerationSeconds=30,1.5s', 'node-monitor-grace=1s'],
    [],
    [
      '--vary tolerationSeconds=30: the value is a duration',
      '--vary tolerationSeconds=1.5s: ',
      "there is no timer 'node-monitor-grace'; did you mean",
    ],
  ],
  ['a value twice', ['tolerationSeconds=30s,30s'], [], ['30s is there twice']],
  [
    'one timer by two names',
    ['tolerationSeconds=30s', 'unreachableTolerationMs=20s'],
    [],
    ['--vary unreachableTolerationMs: --vary tolerationSeconds sets the same timer'],
  ],
  [
    'a timer both set and varied',
    ['nodeMonitorGraceMs=30s'],
    ['node-monitor-grace-period=20s'],
    ['--set node-monitor-grace-period sets the same timer'],
  ],
])('%s', (_, vary, set, wanted) => {
  const { sweep, problems } = sweepOf(vary, set)
  expect(sweep).toBeNull()
  expect(problems).toHaveLength(wanted.length)
  for (const [index, text] of wanted.entries()) expect(problems[index]).toContain(text)
})
