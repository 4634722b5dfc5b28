/** What becomes in the model of requests that are under way to a server that dies or ends. */
import { expect, test } from 'vitest'
import type { Plan } from '../../../harness/model/plan.ts'
import type { Sample } from '../../../harness/model/vantage.ts'
import { simulate } from '../../../harness/predict/simulate.ts'
import { scenarios } from '../../../scenarios/index.ts'
import { planOf } from '../../support/plan-of.ts'

async function failedIn(
  name: string,
): Promise<{ samples: Sample[]; errorsOf: (id: string) => string[] }> {
  const scenario = scenarios.find((each) => each.name === name)
  if (!scenario) throw new Error(`no scenario ${name}`)
  const { faults, observeUntil, settleUntil } = scenario
  const usual = planOf('kubeadm-stacked', 'brisk')
  const plan: Plan = { ...usual, scenario, faults, observeUntil, settleUntil, provider: 'sim' }
  const samples = (await simulate(plan)).samples.filter(({ ok }) => !ok)
  const errorsOf = (id: string) => [
    ...new Set(samples.flatMap(({ vantage, error }) => (vantage === id && error ? [error] : []))),
  ]
  return { samples, errorsOf }
}

test('behind the load balancer nobody is refused, nor waits for a connection', async () => {
  const { samples, errorsOf } = await failedIn('control-plane-down')
  const through = samples.filter(({ vantage }) => /^api-(read|write)/.test(vantage))
  expect(errorsOf('api-read')).toContain('tls-timeout')
  for (const { error } of through) expect(['tls-timeout', 'closed', 'http-403']).toContain(error)
  expect(samples.some(({ error }) => error === 'connect-timeout')).toBe(true)
})

test('a server that ends holds what is under way, and closes all of it at once', async () => {
  const { samples, errorsOf } = await failedIn('control-plane-reboot')
  expect(errorsOf('api-read')).not.toContain('refused')
  const direct = samples.filter(
    ({ vantage, error }) => /^api-cka-cp-/.test(vantage) && error === 'closed',
  )
  expect(direct.length).toBeGreaterThan(10)
  const closedAtMs = direct.map(({ sentAtMs, latencyMs }) => sentAtMs + latencyMs)
  expect(Math.max(...closedAtMs) - Math.min(...closedAtMs)).toBeLessThan(2)
  expect(Math.max(...direct.map(({ latencyMs }) => latencyMs))).toBeGreaterThan(3_000)
})
