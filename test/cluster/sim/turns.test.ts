/** Whose turn it is behind HAProxy: other clients take turns too, most of all those that were turned away. */
import { expect, test } from 'vitest'
import { modelOf } from './model.ts'

const connections = 3_000

/** Of so many connections, how many did not go to the server after the one before. */
function outOfTurn(lose: 'stopped' | 'silent' | null): number {
  const { cluster, pass } = modelOf({ topology: 'kubeadm-stacked' })
  const { api, balancer, machines } = cluster
  const [first] = machines.controlPlanes
  if (!balancer || !first) throw new Error('a load balancer and its servers are asked for')
  if (lose === 'stopped') api.stop(first)
  if (lose === 'silent') cluster.powerOff(first, false)
  pass(100)
  const { choices } = balancer
  let shifts = 0
  let before: number | null = null
  for (let index = 0; index < connections; index += 1) {
    const next = balancer.next()
    const place = next ? choices.indexOf(next) : -1
    if (before !== null && place !== (before + 1) % choices.length) shifts += 1
    before = place
  }
  return shifts / connections
}

test('somebody else comes between two of ours now and then, also while a server is silent', () => {
  for (const lose of [null, 'silent'] as const) {
    expect(outOfTurn(lose)).toBeGreaterThan(0.003)
    expect(outOfTurn(lose)).toBeLessThan(0.015)
  }
})

test('and far more often while a server that is up turns its clients away at once', () => {
  expect(outOfTurn('stopped')).toBeGreaterThan(0.08)
  expect(outOfTurn('stopped')).toBeLessThan(0.12)
})
