/** What `--set` makes of its texts: durations, unknown names, and timers that contradict. */
import { describe, expect, it } from 'vitest'
import { timersOf } from '../../harness/model/timers.ts'
import { nearest, parseDurationMs, resolveTimers } from '../../harness/plan/timer-settings.ts'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    [' 90s ', 90_000],
    ['4.1m', 246_000],
  ])('%j is read', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms)
  })

  it.each(['', '20', 's', '-5s', '1h', '1m30s', '5 s', '1e3s', 'NaNs'])('%j is none', (text) => {
    expect(parseDurationMs(text)).toBeNull()
  })
})

describe('the nearest name', () => {
  const names = ['worker-down', 'control-plane-down']

  it.each([
    ['worker-dwon', 'worker-down'],
    ['Worker-Down', 'worker-down'],
    ['controlplane-down', 'control-plane-down'],
  ])('of %j is %j', (name, offered) => {
    expect(nearest(name, names)).toBe(offered)
  })

  it('is none where nothing is near', () => {
    expect(nearest('xyz', names)).toBeNull()
    expect(nearest('', names)).toBeNull()
  })
})

describe('resolved timers', () => {
  it('are named as where they are set, too', () => {
    const { timers, changed, problems } = resolveTimers('documented', [
      'node-monitor-grace-period=30s',
      'nodeStatusUpdateFrequency=5s',
      'tolerationSeconds=60s',
    ])
    expect(problems).toEqual([])
    expect(timers).toMatchObject({ nodeMonitorGraceMs: 30_000, nodeStatusUpdateMs: 5_000 })
    expect(timers).toMatchObject({ notReadyTolerationMs: 60_000, unreachableTolerationMs: 60_000 })
    expect(changed).toHaveLength(4)
  })

  it('are those of the pace where nothing is set', () => {
    const documented = resolveTimers('documented', [])
    expect(documented).toEqual({ timers: timersOf('documented'), changed: [], problems: [] })
    expect(documented.timers.nodeMonitorGraceMs).toBe(50_000)
    expect(resolveTimers('brisk', []).timers).toEqual({
      nodeStatusUpdateMs: 1_000,
      nodeLeaseDurationMs: 4_000,
      nodeMonitorPeriodMs: 500,
      nodeMonitorGraceMs: 5_000,
      notReadyTolerationMs: 30_000,
      unreachableTolerationMs: 30_000,
      leaderLeaseDurationMs: 3_000,
      leaderRenewDeadlineMs: 2_000,
      leaderRetryPeriodMs: 500,
      floatingIpLeaseDurationMs: 5_000,
      floatingIpRenewDeadlineMs: 3_000,
      floatingIpRetryPeriodMs: 1_000,
    })
    expect(resolveTimers('brisk', []).problems).toEqual([])
  })

  it('take the later of two settings and name each timer once', () => {
    const { timers, changed, problems } = resolveTimers('documented', [
      'unreachableTolerationMs=60s',
      'nodeMonitorGraceMs=40s',
      'unreachableTolerationMs=90s',
    ])
    expect(problems).toEqual([])
    expect(timers.unreachableTolerationMs).toBe(90_000)
    expect(timers.nodeMonitorGraceMs).toBe(40_000)
    expect(changed).toEqual(['unreachableTolerationMs', 'nodeMonitorGraceMs'])
  })

  it('take whole seconds that are written as a part of a minute', () => {
    const { timers, problems } = resolveTimers('documented', ['unreachableTolerationMs=4.1m'])
    expect(problems).toEqual([])
    expect(timers.unreachableTolerationMs).toBe(246_000)
  })

  it.each([
    ['nodeMonitorGraceMs', 'a timer is set as name=value, such as nodeMonitorGraceMs=20s'],
    [
      'nodeMonitorGracMs=20s',
      "there is no timer 'nodeMonitorGracMs'; did you mean 'nodeMonitorGraceMs'?",
    ],
    ['nodeMonitorGraceMs=20', 'the value is a duration such as 500ms, 20s or 5m'],
    ['nodeMonitorGraceMs=0s', 'nodeMonitorGraceMs must be longer than nothing'],
    ['nodeLeaseDurationMs=1500ms', 'kubelet nodeLeaseDurationSeconds takes whole seconds only'],
  ])('refuse %j', (setting, problem) => {
    const { problems, changed } = resolveTimers('documented', [setting])
    expect(problems).toEqual([expect.stringContaining(`--set ${setting}: ${problem}`)])
    expect(changed).toEqual([])
  })

  it.each([
    ['nodeMonitorGraceMs=10s', 'nodeMonitorGraceMs (10 s) must be longer than a heartbeat'],
    [
      'nodeMonitorPeriodMs=50s',
      'nodeMonitorPeriodMs (50 s) must be shorter than nodeMonitorGraceMs (50 s)',
    ],
    [
      'leaderLeaseDurationMs=10s',
      'leaderLeaseDurationMs (10 s) must be longer than leaderRenewDeadlineMs (10 s)',
    ],
    [
      'leaderRetryPeriodMs=9s',
      'leaderRenewDeadlineMs (10 s) must be longer than 1.2 × leaderRetryPeriodMs (9 s)',
    ],
    [
      'floatingIpRenewDeadlineMs=5s',
      'floatingIpLeaseDurationMs (5 s) must be longer than floatingIpRenewDeadlineMs (5 s)',
    ],
  ])('refuse %j, which another timer contradicts', (setting, problem) => {
    expect(resolveTimers('documented', [setting]).problems).toEqual([
      expect.stringContaining(problem),
    ])
  })

  it("take kube-vip's later generation whole", () => {
    const { problems, timers } = resolveTimers('brisk', [
      'floatingIpLeaseDurationMs=15s',
      'floatingIpRenewDeadlineMs=10s',
      'floatingIpRetryPeriodMs=2s',
    ])
    expect(problems).toEqual([])
    expect(timers.floatingIpLeaseDurationMs).toBe(15_000)
  })

  it('list every problem at once', () => {
    const { problems } = resolveTimers('documented', [
      'nonsense=1s',
      'nodeMonitorGraceMs=ever',
      'nodeMonitorPeriodMs=1m',
    ])
    expect(problems).toHaveLength(3)
  })
})
