/**
 * `pnpm bench`: figures side by side in one run. What the model costs, which needs nothing; then on
 * real kind clusters bring-up as a ratio against plain `kind create cluster` with the same nodes and
 * image, turn about, and the prober's lateness and the harness's memory while a real drill runs.
 * Nothing here passes or fails a test.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { $ } from 'zx'
import { lookForTools } from '../../harness/cli/tools.ts'
import { commandsFor } from '../../harness/cluster/containers/documented-nodes.ts'
import { containersOf } from '../../harness/cluster/kind/config.ts'
import { KindProvider } from '../../harness/cluster/kind/provider.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { recordSchema } from '../../harness/model/record.ts'
import { compile } from '../../harness/plan/compile.ts'
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { benchModel } from './model.ts'
import type { Row } from './row.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    topology: { type: 'string', default: 'cx-worker-ha' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(
    'pnpm bench [--rounds 3] [--topology cx-worker-ha|all] [--only model|bring-up] [--json]\nAll but the model needs `pnpm run setup kind` first.\n',
  )
  process.exit(0)
}

$.verbose = false
$.quiet = true
const say = (line: string) => process.stderr.write(`${line}\n`)
const rows: Row[] = values.only === 'bring-up' ? [] : await benchModel(say)
if (values.only === 'model') {
  show(rows)
  process.exit(0)
}
const found = await lookForTools()
if ('missing' in found) {
  show(rows)
  say(`${found.missing}: run \`pnpm run setup kind\` first`)
  process.exit(69)
}
const { tools } = found
const provider = new KindProvider(tools)
const names = values.topology === 'all' ? topologies.map(({ name }) => name) : [values.topology]
const rounds = Number(values.rounds)
for (const name of names) rows.push(await benchBringUp(planOf(name)))
if (values.only !== 'bring-up') rows.push(...(await benchDrill(names[0] ?? '')))
show(rows)

function show(all: readonly Row[]): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify(all)}\n`)
    return
  }
  for (const { name, value, limit, within } of all) {
    process.stdout.write(`${within ? 'within' : 'OVER  '}  ${name}: ${value} (limit ${limit})\n`)
  }
}

function planOf(topology: string): Plan {
  const scenario = scenarios.find((candidate) => candidate.topologies.includes(topology))
  const compiled = compile(
    {
      scenario: scenario?.name ?? 'worker-down',
      topology,
      provider: 'kind',
      // The timers of a plain cluster: quicker heartbeats would make nodes Ready sooner.
      pace: 'documented',
      set: [],
      target: null,
      seed: 1,
      harnessVersion: 'bench',
    },
    { scenarios, topologies },
  )
  if (!compiled.plan) {
    for (const problem of compiled.problems) say(problem)
    process.exit(64)
  }
  return { ...compiled.plan, runId: 'bench' }
}

/**
 * Plain kind, until its nodes are Ready, are what the document makes of them, and CoreDNS is
 * available: what the harness waits for too.
 */
async function plainBringUpMs(plan: Plan): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'clusterdrill-bench-'))
  const [config, kubeconfig] = [join(folder, 'kind.yaml'), join(folder, 'kubeconfig')]
  const name = 'bench-plain-kind'
  const nodes = plan.topology.nodes.map(({ role }) => ({ role, image: tools.images.node }))
  await writeFile(
    config,
    stringify({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes }),
  )
  const run = $({ env: { ...process.env, ...tools.env } })
  const beganMs = performance.now()
  try {
    await run`${tools.kind} create cluster --name ${name} --config ${config} --kubeconfig ${kubeconfig}`
    const kubectl = [tools.kubectl, '--kubeconfig', kubeconfig]
    await run`${kubectl} wait --for=condition=Ready nodes --all --timeout=180s`
    // Taints and drains are the document's own steps, by hand as well.
    for (const { node, container } of containersOf(plan.topology, name)) {
      for (const words of commandsFor(node, container)) await run`${kubectl} ${words}`
    }
    await run`${kubectl} -n kube-system wait --for=condition=Available deployment/coredns --timeout=180s`
    return performance.now() - beganMs
  } finally {
    await run`${tools.kind} delete cluster --name ${name} --kubeconfig ${kubeconfig}`
  }
}

/** Until the cluster is ready, and then until its add-ons and its workload are. */
async function ourBringUpMs(plan: Plan): Promise<{ readyMs: number; addOnsMs: number }> {
  const standing = await provider.standing()
  if (standing.some(({ cluster }) => cluster === plan.clusterName)) {
    await provider.remove(plan.clusterName, say)
  }
  const beganMs = performance.now()
  await using session = await provider.open(plan, () => undefined, new AbortController().signal)
  if (session.reused) throw new Error('a cluster that was removed is still there')
  const readyMs = performance.now() - beganMs
  await session.prepare(() => undefined)
  return { readyMs, addOnsMs: performance.now() - beganMs - readyMs }
}

async function benchBringUp(plan: Plan): Promise<Row> {
  const ratios: number[] = []
  const figures: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const plainMs = await plainBringUpMs(plan)
    const { readyMs, addOnsMs } = await ourBringUpMs(plan)
    ratios.push(readyMs / plainMs)
    figures.push(
      `${seconds(readyMs)} against ${seconds(plainMs)}, add-ons and workload ${seconds(addOnsMs)}`,
    )
    say(`${plan.topology.name}, round ${round}: ${figures.at(-1)}`)
  }
  await provider.remove(plan.clusterName, say)
  const ratio = median(ratios)
  return {
    name: `bring-up of ${plan.topology.name} against plain kind create cluster, median of ${rounds}`,
    value: `${ratio.toFixed(2)}× (${figures.join('; ')})`,
    limit: '1.15×',
    within: ratio <= 1.15,
  }
}

/** A whole brisk drill as `pnpm scenario` starts it, its processes' memory read while it runs. */
async function benchDrill(topology: string): Promise<Row[]> {
  const out = await mkdtemp(join(tmpdir(), 'clusterdrill-bench-'))
  const main = new URL('../../harness/cli/main.ts', import.meta.url).pathname
  const words = ['worker-down', '--topology', topology, '--pace', 'brisk', '--keep', '--json']
  const drill = $({
    nothrow: true,
  })`${process.execPath} --max-semi-space-size=2 ${main} scenario ${words} --out ${out}`
  let peakBytes = 0
  const timer = setInterval(async () => {
    const pid = drill.pid
    if (pid === undefined) return
    peakBytes = Math.max(peakBytes, await residentBytes(pid).catch(() => 0))
  }, 250)
  const result = await drill
  clearInterval(timer)
  const record = recordSchema.parse(JSON.parse(result.stdout))
  const lateness = record.latenessMs
  return [
    {
      name: `prober lateness p99, ${record.vantages.length} vantages while the cluster is drilled`,
      value: lateness
        ? `${lateness.p99.toFixed(2)} ms (p50 ${lateness.p50.toFixed(2)} ms)`
        : 'none',
      limit: '5 ms',
      within: lateness !== null && lateness.p99 <= 5,
    },
    {
      name: 'harness memory, peak resident of all its Node processes',
      value: `${Math.round(peakBytes / 1e6)} MB`,
      limit: '300 MB',
      within: peakBytes > 0 && peakBytes <= 300e6,
    },
  ]
}

/** Resident memory of a process and its Node children; other commands it runs are not its own. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const own = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')
  let sum = own
  for (const child of children.filter(Boolean)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')
    if (command.startsWith(process.execPath)) sum += await residentBytes(Number(child))
  }
  return sum
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
