/** Power that is back is noticed at once by whoever asks the machine, before it has booted. */
import { expect, test } from 'vitest'
import { modelOf } from './model.ts'

test('a machine that has power again refuses before its boot is over, and clients are told', () => {
  for (const topology of ['cx-worker-ha', 'kubeadm-stacked']) {
    const { cluster, session, pass } = modelOf({ topology })
    const [machine] = cluster.machines.controlPlanes
    if (!machine) throw new Error('no control plane')
    cluster.powerOff(machine, false)
    pass(60_000)
    expect(cluster.paths.server(machine).error).toBe('connect-timeout')
    const seen: string[] = []
    session.onTouch(() => seen.push(cluster.paths.server(machine).error))
    cluster.powerOn(machine)
    expect(machine.booting).toBe(true)
    expect(seen).toContain('refused')
  }
})
