/**
 * What a node's kube-proxy knows, also of a node by whose rules no request has gone before: it follows
 * the API, and one that is cut off from it goes on with what it knew when it was.
 */
import { describe, expect, test } from 'vitest'
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

describe('a watch that is cut silently', () => {
  const heardAfterMs = (cutMs: number): number => {
    const model = modelOf()
    const { machines, endpoints } = model.cluster
    machines.cut('site-a', 'site-b', true)
    model.pass(10)
    const lost = loseAPage(model)
    model.pass(cutMs - 10)
    machines.cut('site-a', 'site-b', false)
    const healedMs = model.nowMs()
    while (knownTo(model, 'worker-b').includes(lost)) model.pass(100)
    expect(endpoints.at(machines.get('worker-b'), 'page')).not.toHaveLength(2)
    return model.nowMs() - healedMs
  }

  test('comes back with what TCP sends again, and never waits for as long as it was cut', () => {
    // Sent again 25.4 s after the loss.
    expect(heardAfterMs(20_000)).toBeGreaterThan(5_000)
    expect(heardAfterMs(20_000)).toBeLessThan(8_000)
  })

  test('is given up after 45 s, and asked for anew 0, 1, 3, 7 and 15 s later', () => {
    expect(heardAfterMs(46_500)).toBeGreaterThan(1_400)
    expect(heardAfterMs(46_500)).toBeLessThan(4_000)
  })
})
