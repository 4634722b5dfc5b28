/** Which address and which program: what the record says of a floating IP. */
import { describe, expect, it } from 'vitest'
import {
  chooseFloatingIp,
  floatingAddress,
} from '../../../harness/cluster/containers/floating-ip-address.ts'
import { timersOf } from '../../../harness/model/timers.ts'
import { cxWorkerHa } from '../../../topologies/cx-worker-ha.ts'
import { cxWorkerHaMetallb } from '../../../topologies/cx-worker-ha-metallb.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

const tools = {
  images: { node: 'n', haproxy: 'h', database: 'd', runtime: 'r', toolbox: 't', kubeVip: null },
  versions: { keepalived: '2.2.7' },
}
const timers = timersOf('brisk')
const chosen = (topology: typeof cxWorkerHa, over = {}) =>
  chooseFloatingIp({ topology, timers: { ...timers, ...over } }, '172.28.0.0/16', tools)

describe('a floating IP', () => {
  it('lies at the end of the subnet, where the engine gives none away', () => {
    expect(floatingAddress('10.201.0.0/16')).toBe('10.201.255.1')
  })

  it('names the program that shares it, with the timers of either generation', () => {
    expect(chosen(cxWorkerHa)).toEqual({
      address: '172.28.255.1',
      documented: 'kube-vip',
      engine: 'Lease agent of ours, lease 5/3/1 s',
    })
    const later = {
      floatingIpLeaseDurationMs: 15_000,
      floatingIpRenewDeadlineMs: 10_000,
      floatingIpRetryPeriodMs: 2_000,
    }
    expect(chosen(cxWorkerHa, later)?.engine).toBe('Lease agent of ours, lease 15/10/2 s')
    expect(chosen(cxWorkerHaMetallb)?.engine).toBe('keepalived 2.2.7, one advertisement a second')
  })

  it('is shared by the documented program itself where its image is there', () => {
    const versions = { 'kube-vip': `kube-vip:v1.0.4@sha256:${'d'.repeat(64)}`, keepalived: '2.2.7' }
    const published = { images: { ...tools.images, kubeVip: 'k' }, versions }
    const engineOf = (topology: typeof cxWorkerHa) =>
      chooseFloatingIp({ topology, timers }, '172.28.0.0/16', published)?.engine
    expect(engineOf(cxWorkerHa)).toBe('kube-vip v1.0.4, lease 5/3/1 s')
    expect(engineOf(cxWorkerHaMetallb)).toBe('keepalived 2.2.7, one advertisement a second')
  })

  it('is none where the document has none, and refused where nothing could share it', () => {
    expect(chosen(kubeadmStacked)).toBeNull()
    const without = { ...tools, images: { ...tools.images, toolbox: null } }
    expect(() =>
      chooseFloatingIp({ topology: cxWorkerHa, timers }, '172.28.0.0/16', without),
    ).toThrow('no image with a program')
    const unwatched = { ...tools, images: { ...tools.images, toolbox: null, kubeVip: 'k' } }
    expect(() =>
      chooseFloatingIp({ topology: cxWorkerHa, timers }, '172.28.0.0/16', unwatched),
    ).toThrow('no image with a program')
  })
})
