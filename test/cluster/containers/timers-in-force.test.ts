/** The timers that run, against those that were planned. */
import { describe, expect, it } from 'vitest'
import { timerDifferences } from '../../../harness/cluster/containers/timers-in-force.ts'
import { timersOf } from '../../../harness/model/timers.ts'

const apiServer =
  'kube-apiserver --advertise-address=172.28.0.2 --default-not-ready-toleration-seconds=30 --default-unreachable-toleration-seconds=30'
const election =
  '--leader-elect-lease-duration=3s --leader-elect-renew-deadline=2s --leader-elect-retry-period=500ms'
const controllerManager = `kube-controller-manager --node-monitor-grace-period=5s --node-monitor-period=500ms ${election}`
const scheduler = `/usr/local/bin/kube-scheduler --leader-elect=true ${election}`
const others = ['/sbin/init', 'grep kube-apiserver', '']
const kubelet = { nodeStatusUpdateFrequency: '1s', nodeLeaseDurationSeconds: 4 }

const reading = (processes: string[], seen: typeof kubelet | null = kubelet) =>
  timerDifferences(timersOf('brisk'), 'cp-1', [...others, ...processes], seen)
const differences = (...words: Parameters<typeof reading>) => reading(...words).other

describe('timers in force', () => {
  it('are the planned ones', () => {
    expect(reading([apiServer, controllerManager, scheduler])).toEqual({ unread: [], other: [] })
  })

  it('are the planned ones in the other form of a flag, too', () => {
    const spaced = (line: string) => line.replaceAll('=', ' ')
    expect(differences([apiServer, controllerManager, scheduler].map(spaced))).toEqual([])
  })

  it('are the defaults where no flag says otherwise', () => {
    const bare = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
    const defaults = { nodeStatusUpdateFrequency: '10s', nodeLeaseDurationSeconds: 40 }
    expect(timerDifferences(timersOf('documented'), 'cp-1', bare, defaults).other).toEqual([])
  })

  it('are not where a patch was dropped', () => {
    expect(differences([apiServer, 'kube-controller-manager', scheduler])).toEqual([
      'nodeMonitorPeriodMs is 5 s in kube-controller-manager on cp-1, planned 500 ms',
      'nodeMonitorGraceMs is 50 s in kube-controller-manager on cp-1, planned 5 s',
      'leaderLeaseDurationMs is 15 s in kube-controller-manager on cp-1, planned 3 s',
      'leaderRenewDeadlineMs is 10 s in kube-controller-manager on cp-1, planned 2 s',
      'leaderRetryPeriodMs is 2 s in kube-controller-manager on cp-1, planned 500 ms',
    ])
  })

  it('are not where the default of the plan was overridden in the other form', () => {
    const bare = ['kube-apiserver', 'kube-scheduler']
    const other = 'kube-controller-manager --node-monitor-grace-period 40s'
    expect(timerDifferences(timersOf('documented'), 'cp-1', [...bare, other], null).other).toEqual([
      'nodeMonitorGraceMs is 40 s in kube-controller-manager on cp-1, planned 50 s',
    ])
  })

  it('cannot be read where a process is missing', () => {
    expect(reading([controllerManager, scheduler]).unread).toEqual([
      'kube-apiserver does not run on cp-1, so notReadyTolerationMs cannot be read back',
      'kube-apiserver does not run on cp-1, so unreachableTolerationMs cannot be read back',
    ])
  })

  it('cannot be read where a value is no duration', () => {
    const odd = controllerManager.replace('grace-period=5s', 'grace-period=soon')
    expect(differences([apiServer, odd, scheduler])).toEqual([
      'nodeMonitorGraceMs cannot be read in kube-controller-manager on cp-1, planned 5 s',
    ])
  })

  it('are those of the kubelet, too', () => {
    const slow = { nodeStatusUpdateFrequency: '10s', nodeLeaseDurationSeconds: 40 }
    expect(differences([apiServer, controllerManager, scheduler], slow)).toEqual([
      'nodeStatusUpdateMs is 10 s in kubelet on cp-1, planned 1 s',
      'nodeLeaseDurationMs is 40 s in kubelet on cp-1, planned 4 s',
    ])
  })
})
