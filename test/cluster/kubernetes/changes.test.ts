/** What the API shows of an object, before and after, as events. Objects by hand. */
import type { CoreV1Event, V1EndpointSlice, V1Lease, V1Node, V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import {
  endpointChanges,
  kubeletChanges,
  leaseChanges,
  nodeChanges,
  podChanges,
} from '../../../harness/cluster/kubernetes/changes.ts'

const names = { nodeOf: (name: string) => name.replace('drill-', '') }

describe('a node', () => {
  const node = (
    ready: 'True' | 'False' | 'Unknown',
    taints: string[] = [],
    reason = '',
  ): V1Node => ({
    metadata: { name: 'drill-worker-a' },
    spec: { taints: taints.map((key) => ({ key, effect: 'NoExecute' })) },
    status: { conditions: [{ type: 'Ready', status: ready, reason }] },
  })
  const about = { source: 'api', subject: 'worker-a', node: 'worker-a', component: null }

  it('gets NotReady, with the reason', () => {
    expect(nodeChanges(node('True'), node('Unknown', [], 'NodeStatusUnknown'), names)).toEqual([
      { ...about, name: 'node-not-ready', detail: 'Ready=Unknown NodeStatusUnknown' },
    ])
  })

  it('gets Ready', () => {
    expect(nodeChanges(node('False'), node('True', [], 'KubeletReady'), names)).toEqual([
      { ...about, name: 'node-ready', detail: 'Ready=True KubeletReady' },
    ])
  })

  it('stays NotReady from Unknown to False', () => {
    expect(nodeChanges(node('Unknown'), node('False'), names)).toEqual([])
  })

  it('gets and loses taints', () => {
    expect(nodeChanges(node('Unknown', ['old']), node('Unknown', ['unreachable']), names)).toEqual([
      { ...about, name: 'node-tainted', detail: 'unreachable:NoExecute' },
      { ...about, name: 'node-untainted', detail: 'old:NoExecute' },
    ])
  })

  it('that is seen for the first time has not changed', () => {
    expect(nodeChanges(null, node('Unknown', ['unreachable']), names)).toEqual([])
  })
})

describe('a pod', () => {
  interface State {
    node?: string
    running?: boolean
    ready?: boolean
    deleting?: boolean
    disruption?: string
    unschedulable?: string
  }
  const pod = (state: State): V1Pod => ({
    metadata: {
      name: 'page-1',
      labels: { 'clusterdrill.dev/component': 'page' },
      ...(state.deleting ? { deletionTimestamp: new Date(0) } : {}),
    },
    spec: { containers: [], ...(state.node ? { nodeName: state.node } : {}) },
    status: {
      conditions: [
        { type: 'Ready', status: state.ready ? 'True' : 'False' },
        ...(state.disruption
          ? [{ type: 'DisruptionTarget', status: 'True', reason: state.disruption }]
          : []),
        ...(state.unschedulable
          ? [
              {
                ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
                message: state.unschedulable,
              },
            ]
          : []),
      ],
      containerStatuses: [
        {
          ...{ name: 'page', image: '', imageID: '', ready: false, restartCount: 0 },
          state: state.running ? { running: {} } : { waiting: {} },
        },
      ],
    },
  })
  const on = { node: 'drill-worker-a' }
  const here = { source: 'api', subject: 'page-1', node: 'worker-a', component: 'page', detail: '' }
  const changes = (before: State | null, now: State | null) =>
    podChanges(before && pod(before), now && pod(now), names)
  const changed = (before: State | null, now: State | null) =>
    changes(before, now).map(({ name }) => name)

  it('is created, without a node', () => {
    expect(changes(null, {})).toEqual([{ ...here, node: null, name: 'pod-created' }])
  })

  it('fits nowhere, and says why once for each reason', () => {
    const cpu = { unschedulable: '0/3 nodes are available: 3 Insufficient cpu.' }
    const told = { ...here, node: null, name: 'pod-unschedulable', detail: cpu.unschedulable }
    expect(changes({}, cpu)).toEqual([told])
    expect(changed(cpu, cpu)).toEqual([])
    expect(changed(cpu, { unschedulable: 'something else' })).toEqual(['pod-unschedulable'])
    expect(changed(cpu, on)).toEqual(['pod-scheduled'])
  })

  it('is scheduled', () => {
    expect(changes({}, on)).toEqual([{ ...here, name: 'pod-scheduled' }])
  })

  it('is started, once', () => {
    expect(changes(on, { ...on, running: true })).toEqual([{ ...here, name: 'pod-started' }])
    expect(changes({ ...on, running: true }, { ...on, running: true })).toEqual([])
  })

  it('gets Ready and not Ready', () => {
    const [unready, ready] = [
      { ...on, running: true },
      { ...on, running: true, ready: true },
    ]
    expect(changes(unready, ready)).toEqual([{ ...here, name: 'pod-ready' }])
    expect(changes(ready, unready)).toEqual([{ ...here, name: 'pod-not-ready' }])
  })

  it('is evicted when it is to be deleted, and by whom', () => {
    const deleting = { ...on, deleting: true, disruption: 'DeletionByTaintManager' }
    expect(changes(on, deleting)).toEqual([
      { ...here, name: 'pod-evicted', detail: 'DeletionByTaintManager' },
    ])
    expect(changed(deleting, deleting)).toEqual([])
  })

  it('is gone', () => {
    expect(changes(on, null)).toEqual([{ ...here, name: 'pod-deleted' }])
    expect(podChanges(null, null, names)).toEqual([])
  })

  it('that was not seen for a while tells everything it has gone through', () => {
    expect(changed(null, { ...on, running: true, ready: true })).toEqual([
      ...['pod-created', 'pod-scheduled', 'pod-started', 'pod-ready'],
    ])
  })
})

describe('endpoints', () => {
  const slice = (...endpoints: [pod: string, ready: boolean | undefined][]): V1EndpointSlice => ({
    addressType: 'IPv4',
    metadata: { name: 'page-x', labels: { 'kubernetes.io/service-name': 'page' } },
    endpoints: endpoints.map(([pod, ready]) => ({
      addresses: ['10.0.0.1'],
      nodeName: 'drill-worker-a',
      targetRef: { kind: 'Pod', name: pod },
      conditions: ready === undefined ? {} : { ready },
    })),
  })
  const about = { source: 'api', subject: 'page', component: 'page', node: 'worker-a' }

  it('come and go, each told apart', () => {
    expect(endpointChanges(slice(['page-1', true]), slice(['page-2', true]), names)).toEqual([
      { ...about, name: 'endpoint-added', detail: 'page-2' },
      { ...about, name: 'endpoint-removed', detail: 'page-1' },
    ])
  })

  it('that are not ready are none', () => {
    expect(endpointChanges(slice(['page-1', true]), slice(['page-1', false]), names)).toEqual([
      { ...about, name: 'endpoint-removed', detail: 'page-1' },
    ])
    expect(endpointChanges(null, slice(['page-1', false], ['page-2', undefined]), names)).toEqual(
      [],
    )
  })

  it('go with their slice', () => {
    expect(endpointChanges(slice(['page-1', true]), null, names)).toEqual([
      { ...about, name: 'endpoint-removed', detail: 'page-1' },
    ])
    expect(endpointChanges(null, null, names)).toEqual([])
  })
})

describe('a lease', () => {
  const lease = (holderIdentity?: string): V1Lease => ({
    metadata: { name: 'kube-scheduler' },
    spec: holderIdentity === undefined ? {} : { holderIdentity },
  })

  it('that changes hands is a new leader', () => {
    const about = { source: 'api', subject: 'kube-scheduler', node: null, component: null }
    expect(leaseChanges(lease('cp-1_x'), lease('cp-2_y'))).toEqual([
      { ...about, name: 'leader-changed', detail: 'cp-1_x → cp-2_y' },
    ])
    expect(leaseChanges(lease('cp-1_x'), lease(''))).toMatchObject([{ detail: 'cp-1_x → nobody' }])
  })

  it('that is renewed, or seen for the first time, is none', () => {
    expect(leaseChanges(lease('cp-1_x'), lease('cp-1_x'))).toEqual([])
    expect(leaseChanges(null, lease('cp-1_x'))).toEqual([])
  })
})

describe('a kubelet', () => {
  const told = (rest: Partial<CoreV1Event>): CoreV1Event => ({
    metadata: { name: 'e' },
    involvedObject: { name: 'page-1' },
    reason: 'Unhealthy',
    message: 'Readiness probe failed',
    ...rest,
  })
  const expected = {
    ...{ source: 'kubelet', name: 'kubelet', subject: 'page-1', node: 'worker-a' },
    ...{ component: null, detail: 'Unhealthy: Readiness probe failed' },
  }

  it('is heard in both forms of an event', () => {
    const source = { component: 'kubelet', host: 'drill-worker-a' }
    const reporting = { reportingComponent: 'kubelet', reportingInstance: 'drill-worker-a' }
    expect(kubeletChanges(told({ source }), names)).toEqual([expected])
    expect(kubeletChanges(told(reporting), names)).toEqual([expected])
    expect(kubeletChanges(told({ ...reporting, source: {} }), names)).toEqual([expected])
  })

  it('is the only one that is heard', () => {
    expect(kubeletChanges(told({ source: { component: 'default-scheduler' } }), names)).toEqual([])
  })
})
