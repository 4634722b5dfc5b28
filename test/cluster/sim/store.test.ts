/** A store with three copies, of which two must be left, bears the loss of one node and not of two. */
import { expect, test } from 'vitest'
import { Machines } from '../../../harness/cluster/sim/machines.ts'
import { ReplicatedStore } from '../../../harness/cluster/sim/store.ts'
import { embeddedExternalLb } from '../../../topologies/embedded-external-lb.ts'

function storeOf() {
  const machines = new Machines(embeddedExternalLb)
  const store = new ReplicatedStore(machines, { count: 3, least: 2 })
  return { machines, store, reader: machines.get('worker-1') }
}

test('one node lost is borne, two are not, and it is used again when one is back', () => {
  const { machines, store, reader } = storeOf()
  machines.take(machines.get('worker-2'), 'off')
  expect(store.serves(reader)).toBe(true)
  const master = machines.get('master-1')
  machines.take(master, 'off')
  expect(store.serves(reader)).toBe(false)
  machines.give(master)
  // It boots, and its copies are not served yet.
  expect(store.serves(reader)).toBe(false)
  master.booting = false
  expect(store.serves(reader)).toBe(true)
})

test('a node that is frozen is as good as lost', () => {
  const { machines, store, reader } = storeOf()
  machines.take(machines.get('master-2'), 'paused')
  machines.take(machines.get('master-3'), 'paused')
  expect(store.serves(reader)).toBe(false)
})
