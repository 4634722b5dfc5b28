/** The cells of the matrix, their order, and the clusters it takes. */
import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../harness/model/scenario.ts'
import { bringUpsOf, cellsOf, matches, orderOf, spends } from '../../harness/plan/matrix.ts'
import { topologies } from '../../topologies/index.ts'

const power = { id: 'power', kind: 'power.kill', target: 'control-plane' } as const
function scenario(name: string, rest: Partial<Scenario> = {}): Scenario {
  const goals = { observeUntil: [], settleUntil: [] }
  const on = ['cx-worker-ha', 'kubeadm-stacked']
  return {
    ...{ name, title: name, whatIf: name, needs: [], topologies: on, faults: [power] },
    ...goals,
    ...rest,
  }
}
const lasting = { faults: [{ ...power, lasting: true }] }
const scenarios = [
  scenario('rebuild', lasting),
  scenario('plain', { targets: { 'cx-worker-ha': ['worker-a', 'site-b'] } }),
  scenario('eject', { on: { 'cx-worker-ha': lasting } }),
  scenario('unjudged'),
]
const scenery = { topologies, scenarios }
const judged = (name: string) => name !== 'unjudged'
const text = ({ topology, scenario: name, target }: ReturnType<typeof cellsOf>[number]) =>
  [topology, name, ...(target === null ? [] : [target])].join('/')

describe('the cells', () => {
  it('are all drills by which a claim is judged, with their further targets', () => {
    expect(cellsOf(scenery, judged).map(text)).toEqual([
      ...['cx-worker-ha/rebuild', 'cx-worker-ha/plain', 'cx-worker-ha/plain/worker-a'],
      ...['cx-worker-ha/plain/site-b', 'cx-worker-ha/eject'],
      ...['kubeadm-stacked/rebuild', 'kubeadm-stacked/plain', 'kubeadm-stacked/eject'],
    ])
  })

  it('are asked for by topology and scenario: one without a claim there is none', () => {
    const asked: string[] = []
    cellsOf(scenery, (name, topology) => {
      asked.push(`${topology}/${name}`)
      return false
    })
    expect(asked).toHaveLength(8)
    expect(asked).toContain('kubeadm-stacked/eject')
  })

  it.each([
    ['kubeadm-stacked', 3],
    ['plain', 4],
    ['worker-a', 1],
    ['cx-worker-ha/plain', 3],
    ['cx-worker-ha/plain/site-b', 1],
    ['nothing', 0],
  ])('that match %s are %i', (only, count) => {
    expect(cellsOf(scenery, judged, [only])).toHaveLength(count)
    expect(cellsOf(scenery, judged).filter((cell) => matches(cell, only))).toHaveLength(count)
  })

  it('may match any of several texts, and are given once', () => {
    expect(cellsOf(scenery, judged, ['plain', 'worker-a', 'eject'])).toHaveLength(6)
  })
})

describe('their order', () => {
  const cells = cellsOf(scenery, judged)

  it('keeps a topology together, and plays last what uses its cluster up', () => {
    expect(orderOf(cells, scenarios).map(text)).toEqual([
      ...['cx-worker-ha/plain', 'cx-worker-ha/plain/worker-a', 'cx-worker-ha/plain/site-b'],
      ...['cx-worker-ha/rebuild', 'cx-worker-ha/eject'],
      ...['kubeadm-stacked/plain', 'kubeadm-stacked/eject', 'kubeadm-stacked/rebuild'],
    ])
  })

  it('needs the fewest clusters', () => {
    expect(bringUpsOf(cells, scenarios)).toBe(4)
    expect(bringUpsOf(orderOf(cells, scenarios), scenarios)).toBe(3)
    expect(bringUpsOf([], scenarios)).toBe(0)
    expect(bringUpsOf(cells.slice(0, 1), scenarios)).toBe(1)
    const torn = [cells[1], cells[6], cells[2]].flatMap((cell) => cell ?? [])
    expect(bringUpsOf(torn, scenarios)).toBe(3)
    expect(bringUpsOf(orderOf(torn, scenarios), scenarios)).toBe(2)
  })

  it('looks at the course of the topology', () => {
    expect(scenarios.map((each) => spends(each, 'kubeadm-stacked'))).toEqual([
      ...[true, false, false, false],
    ])
    expect(scenarios.map((each) => spends(each, 'cx-worker-ha'))).toEqual([
      ...[true, false, true, false],
    ])
  })
})
