/**
 * A lean run takes samples only where something changes. Its outages are those of a run with every
 * sample: not one by one, for the drill then looks at its goals at other times, but over many seeds.
 */
import { expect, test } from 'vitest'
import { measure } from '../../../harness/measure/measure.ts'
import type { Plan } from '../../../harness/model/plan.ts'
import { compile } from '../../../harness/plan/compile.ts'
import { simulate } from '../../../harness/predict/simulate.ts'
import { scenarios } from '../../../scenarios/index.ts'
import { topologies } from '../../../topologies/index.ts'

const seeds = Array.from({ length: 15 }, (_, index) => index + 1)

function planOf(scenario: string, topology: string, seed: number): Plan {
  const request = { provider: 'sim', pace: 'brisk', set: [], target: null } as const
  const { plan, problems } = compile(
    { ...request, scenario, topology, seed, harnessVersion: '0.1.0' },
    { scenarios, topologies },
  )
  if (!plan) throw new Error(problems.join('\n'))
  return { ...plan, runId: 'simulated' }
}

async function medianOf(scenario: string, topology: string, lean: boolean) {
  let samples = 0
  const outagesMs: number[] = []
  for (const seed of seeds) {
    const plan = planOf(scenario, topology, seed)
    const simulated = await simulate(plan, { lean })
    const { phases, faults, vantages, integrity } = simulated.conduct
    const { recovery } = measure({ ...simulated, plan, phases, faults, vantages, integrity })
    const [lower, upper] = recovery.outageMs ?? [0, 0]
    outagesMs.push((lower + upper) / 2)
    samples += simulated.samples.length
  }
  const [medianMs = 0] = outagesMs.toSorted((a, b) => a - b).slice(Math.floor(seeds.length / 2))
  return { medianMs, samples }
}

test.each([
  ['worker-down', 'cx-worker-ha'],
  ['control-plane-down', 'cx-worker-ha'],
  ['load-balancer-down', 'kubeadm-stacked'],
])(
  '%s on %s',
  async (scenario, topology) => {
    const full = await medianOf(scenario, topology, false)
    const lean = await medianOf(scenario, topology, true)
    expect(Math.abs(lean.medianMs - full.medianMs)).toBeLessThan(0.1 * full.medianMs)
    expect(lean.samples).toBeLessThan(full.samples / 5)
  },
  60_000,
)

test('it waits for the end of what fails by chance, and only after a time-out', async () => {
  const full = await medianOf('site-down', 'cx-worker-ha', false)
  const lean = await medianOf('site-down', 'cx-worker-ha', true)
  expect(Math.abs(lean.medianMs - full.medianMs)).toBeLessThan(0.1 * full.medianMs)
}, 60_000)
