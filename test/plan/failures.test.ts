/** From a file of rates to what may fail: machines, repairs, and every mistake with its place. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { capabilities } from '../../harness/cluster/sim/session.ts'
import { planFailures } from '../../harness/plan/failures.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'

const read = (text: string, topology = 'cx-worker-ha', can: typeof capabilities = capabilities) =>
  planFailures(
    {
      ...{ text, topology, file: 'rates.yaml', pace: 'documented', set: [] },
      ...{ harnessVersion: '0.1.0', capabilities: can },
    },
    { scenarios, topologies },
  )

test('each machine and each site has the rate, and the cluster what no machine has', () => {
  const { failures, problems } = read(`
worker-down: { perYear: 0.5, repair: 4h }
control-plane-down: { perYear: 1, repair: { median: 30m, p95: 2d } }
site-down: { perYear: 0.1, repair: 90s }
vip-holder-down: { perYear: 2, repair: 1.5h }
component-down: { perYear: 12 }
`)
  expect(problems).toEqual([])
  expect(failures?.kinds).toEqual([
    {
      ...{ scenario: 'worker-down', perYear: 0.5, targets: ['worker-a', 'worker-b'] },
      repair: { medianMs: 14_400_000, p95Ms: 14_400_000 },
    },
    {
      ...{ scenario: 'control-plane-down', perYear: 1, targets: ['control-plane'] },
      repair: { medianMs: 1_800_000, p95Ms: 172_800_000 },
    },
    {
      ...{ scenario: 'site-down', perYear: 0.1, targets: ['site-a', 'site-b'] },
      repair: { medianMs: 90_000, p95Ms: 90_000 },
    },
    {
      ...{ scenario: 'vip-holder-down', perYear: 2, targets: [null] },
      repair: { medianMs: 5_400_000, p95Ms: 5_400_000 },
    },
    { scenario: 'component-down', perYear: 12, repair: null, targets: [null] },
  ])
  expect(failures?.plans.map((plans) => plans.map(({ target }) => target))).toEqual(
    failures?.kinds.map(({ targets }) => targets),
  )
})

test('the example is a good file', () => {
  const text = readFileSync(resolve('docs/failures.example.yaml'), 'utf8')
  expect(read(text).problems).toEqual([])
})

test('every mistake is named at once, with line and column', () => {
  const { failures, problems } = read(`worker-dwn:
  perYear: 1
  repair: 4h
worker-down:
  perYear: -1
  repair: soon
  perYaer: 1
site-down: 3
quorum-lost: { perYear: 1, repair: 1h }
pod-down: { perYear: 1 }
component-down: { perYear: 1, repair: 1h }
site-cut:
  repair: { median: 4h, p95: 1h, p99: 2h }
control-plane-down: { perYear: 1, repair: { median: 0s } }
`)
  expect(failures).toBeNull()
  const places = problems.map((problem) => /^rates\.yaml:(\d+:\d+): /.exec(problem)?.[1])
  expect(places).toEqual([
    ...['1:1', '7:3', '5:12', '6:11', '8:12', '9:1', '10:1', '11:31'],
    ...['12:1', '13:34', '13:11', '14:53', '14:35'],
  ])
  expect(problems[0]).toContain("did you mean 'worker-down'?")
  expect(problems[1]).toContain("did you mean 'perYear'?")
  expect(problems.find((problem) => problem.includes('11:31'))).toContain('passes by itself')
  expect(problems.find((problem) => problem.includes(':9:1'))).toContain('makes no sense on')
  expect(problems.find((problem) => problem.includes(':10:1'))).toContain('a person does it')
})

test.each([
  ['worker-down: [', 'rates.yaml:1:'],
  [
    'worker-down: {perYear: 1, repair: 4h}\nworker-down: {perYear: 1, repair: 4h}',
    ':2:1: Map keys',
  ],
  ['', 'rates.yaml:1:1: it should name scenarios'],
  ['- worker-down', 'rates.yaml:1:1: it should name scenarios'],
])('%j is no file of rates', (text, problem) => {
  expect(read(text).problems[0]).toContain(problem)
})

test('an unknown topology is one problem', () => {
  expect(read('worker-down: { perYear: 1, repair: 4h }', 'cx-worker').problems).toEqual([
    expect.stringContaining("did you mean 'cx-worker-ha'?"),
  ])
})

test('what the model cannot play has no rate', () => {
  const text = 'storage-quorum-lost: { perYear: 1, repair: 4h }'
  expect(read(text, 'embedded-external-lb', new Set(['power', 'etcd'])).problems).toEqual([
    expect.stringContaining("'storage-quorum-lost' needs storage, which the model has not"),
  ])
  expect(read(text, 'embedded-external-lb').problems).toEqual([])
})
