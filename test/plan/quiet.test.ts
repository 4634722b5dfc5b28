/** From flags to combinations of lost packets, pauses and timers. */
import { expect, test } from 'vitest'
import { planQuiet } from '../../harness/plan/quiet.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

const quietOf = (loss: string | null, pause: string | null, vary: string[] = []) =>
  planQuiet(
    {
      ...{ topology: 'kubeadm-stacked', pace: 'documented', set: [], vary, loss, pause },
      harnessVersion: '0.1.0',
    },
    { scenarios, topologies },
  )

test('each loss with each pause and each timer', () => {
  const { quiet, problems } = quietOf('0%,2.5%', '8s@12/h,1m@1/d', ['nodeMonitorGraceMs=9s,40s'])
  expect(problems).toEqual([])
  expect(quiet?.combinations.filter(({ refused }) => refused !== null)).toHaveLength(4)
  expect(
    quiet?.combinations
      .filter(({ refused }) => refused === null)
      .map(({ lossShare, pause }) => [lossShare, pause?.lengthMs, pause?.perHour]),
  ).toEqual([
    [0, 8_000, 12],
    [0, 60_000, 1 / 24],
    [0.025, 8_000, 12],
    [0.025, 60_000, 1 / 24],
  ])
  expect(quiet?.combinations[1]?.settings).toEqual([
    ...['loss=0%', 'pause=8s@12/h', 'nodeMonitorGraceMs=40s'],
  ])
})

test('one of the two is enough', () => {
  expect(quietOf('5%', null).quiet?.combinations).toMatchObject([{ lossShare: 0.05, pause: null }])
  expect(quietOf(null, '8s@1/h').quiet?.combinations).toMatchObject([{ lossShare: 0 }])
})

test('everything that is wrong is said at once', () => {
  const { problems } = quietOf('5,100%', '8@1/h,0s@1/h,8s@0/h,8s@1/m', ['tolerationSeconds=5'])
  expect(problems).toHaveLength(7)
  expect(quietOf(null, null).problems).toEqual([expect.stringContaining('nothing disturbs')])
})
