/**
 * What a node's kube-proxy knows, also of a node by whose rules no request has gone before: it follows
 * the API, and one that is cut off from it goes on with what it knew when it was.
 */
import { expect, test } from 'vitest'
import { type Model, modelOf } from './model.ts'

const soonMs = 5_000

const knownTo = ({ cluster }: Model, node: string): string[] =>
  cluster.endpoints.at(cluster.machines.get(node), 'page').map(({ pod }) => pod.name)

function loseAPage(model: Model): string {
  const [pod] = model.cluster.pods.all.filter(({ owner }) => owner.component === 'page')
  if (!pod) throw new Error('no page')
  model.cluster.pods.setReady(pod, false)
  return pod.name
}

test('a node that is asked for the first time knows what the API says by then', () => {
  const model = modelOf()
  const lost = loseAPage(model)
  model.pass(10)
  expect(knownTo(model, 'worker-b')).not.toContain(lost)
})

test('a node that was asked before hears of a change a little later', () => {
  const model = modelOf()
  expect(knownTo(model, 'worker-b')).toHaveLength(2)
  const lost = loseAPage(model)
  expect(knownTo(model, 'worker-b')).toContain(lost)
  model.pass(soonMs)
  expect(knownTo(model, 'worker-b')).not.toContain(lost)
})

test('one that is cut off knows what it knew, and what is so once it hears the API again', () => {
  const model = modelOf()
  const { machines } = model.cluster
  machines.cut('site-a', 'site-b', true)
  model.pass(10)
  const gone = loseAPage(model)
  model.pass(soonMs)
  expect(knownTo(model, 'worker-b')).toContain(gone)
  machines.cut('site-a', 'site-b', false)
  model.pass(120_000)
  const ready = model.cluster.pods.all.filter((pod) => pod.owner.component === 'page' && pod.ready)
  expect(knownTo(model, 'worker-b').toSorted()).toEqual(ready.map(({ name }) => name).toSorted())
})

test('one that boots knows nothing before its kube-proxy has heard the API', () => {
  const model = modelOf()
  const { cluster } = model
  const machine = cluster.machines.get('worker-b')
  cluster.powerOff(machine, false)
  model.pass(soonMs)
  cluster.endpoints.booted(machine)
  expect(knownTo(model, 'worker-b')).toEqual([])
})
