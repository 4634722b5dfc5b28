/** Which subnets share an address. */
import { expect, it } from 'vitest'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import { ensureNetwork, overlaps } from '../../../harness/cluster/containers/network.ts'

it.each([
  ['172.28.0.0/16', '172.28.5.0/24'],
  ['172.28.5.0/24', '172.28.0.0/16'],
  ['172.28.0.0/16', '172.16.0.0/12'],
  ['172.28.0.0/16', '172.28.255.255/32'],
  ['172.28.0.0/16', '172.28.9.7/16'],
  ['0.0.0.0/0', '10.0.0.0/8'],
])('%s and %s overlap', (a, b) => {
  expect(overlaps(a, b)).toBe(true)
})

it.each([
  ['172.28.0.0/16', '172.29.0.0/16'],
  ['172.28.0.0/16', '172.27.255.255/32'],
  ['192.168.0.0/25', '192.168.0.128/25'],
  ['172.28.0.0/16', 'fc00::/7'],
  ['172.28.0.0/16', '172.28.0.0'],
])('%s and %s do not', (a, b) => {
  expect(overlaps(a, b)).toBe(false)
})

it('takes the next subnet where another cluster has just taken the first', async () => {
  const created: string[] = []
  const engine = {
    docker: async (words: readonly string[]) => {
      if (words[1] !== 'create') return words[1] === 'ls' ? '' : '[]'
      const subnet = words[words.indexOf('--subnet') + 1] ?? ''
      created.push(subnet)
      if (created.length === 1)
        throw new Error('Pool overlaps with other one on this address space')
      return ''
    },
  } as unknown as Engine
  const subnet = await ensureNetwork(engine, 'drill-x')
  expect(created).toHaveLength(2)
  expect(subnet).toBe(created[1])
  expect(created[0]).not.toBe(created[1])
})
