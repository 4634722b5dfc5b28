/**
 * `pnpm topology up|down|status`: clusters to keep. Scenarios take a healthy one over.
 */

import { scenarios } from '../../scenarios/index.ts'
import { stateDir } from '../../toolchain/index.ts'
import { topologies } from '../../topologies/index.ts'
import type { Standing } from '../cluster/port.ts'
import { MachineError, UsageError } from '../model/errors.ts'
import { differingAddresses } from '../model/topology.ts'
import { formatMs } from '../model/units.ts'
import { byName, compile } from '../plan/compile.ts'
import { listActive, unregisterRun } from '../record/active.ts'
import { onInterrupt } from './interrupt.ts'
import { progressLines } from './progress.ts'
import { providerOf } from './provider-option.ts'
import { providerNamed, providersIfThere } from './tools.ts'
import { version } from './version.ts'

export interface TopologyOptions {
  provider: string
  pace: string
  set: string[]
  yes: boolean
  json: boolean
}

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Returns the exit code: 2 when the cluster stands and is not what the document draws. */
export async function topologyUp(name: string, options: TopologyOptions): Promise<number> {
  const problems: string[] = []
  const topology = byName('topology', name, topologies, problems)
  const provider = providerOf(options.provider, problems)
  if (provider === 'sim') problems.push('--provider sim: a simulated cluster does not stay')
  const scenario =
    scenarios.find((candidate) => candidate.topologies.includes(name)) ?? scenarios[0]
  const compiled = compile(
    {
      scenario: scenario?.name ?? '',
      topology: topology ? name : null,
      provider,
      pace: options.pace,
      set: options.set,
      target: null,
      seed: 0,
      harnessVersion: version,
    },
    { scenarios, topologies },
  )
  problems.push(...compiled.problems)
  if (problems.length > 0 || !compiled.plan) throw new UsageError(problems)
  const opened = await providerNamed(provider, options.yes, progressLines(process.stderr))
  const beganMs = performance.now()
  using interrupt = onInterrupt({
    changed: 'a cluster that was coming up has been removed again',
    next: 'Run it again for a cluster.',
  })
  const plan = { ...compiled.plan, runId: `topology-${name}` }
  await using session = await opened.open(plan, say, interrupt.signal)
  await session.prepare(say)
  say(
    `${plan.clusterName} stands, with its workload, after ${formatMs(performance.now() - beganMs)}`,
  )
  for (const { id, through, url } of session.vantages) say(`  ${id}: ${url} (${through})`)
  if (session.floatingIp) {
    const { address, engine, documented } = session.floatingIp
    say(`floating IP ${address}, shared by ${engine} in the place of ${documented}`)
  }
  const invariants = await session.invariants()
  for (const { id, holds, expected, seen } of invariants) {
    say(holds ? `  ✓ ${id}: ${seen}` : `  ✗ ${id}: ${seen}; expected ${expected}`)
  }
  for (const { node, balanced, listed } of differingAddresses(plan.topology)) {
    say(
      `  ! the document gives ${node} two addresses: ${balanced} behind its load balancer, ${listed} in its list of hosts`,
    )
  }
  return invariants.every(({ holds }) => holds) ? 0 : 2
}

/** Removes the topology's clusters of every pace, or of the one that is named. */
export async function topologyDown(name: string, pace: string | undefined): Promise<void> {
  const problems: string[] = []
  byName('topology', name, topologies, problems)
  if (problems.length > 0) throw new UsageError(problems)
  const mine = (await standingNow()).filter(
    ({ standing }) => standing.topology === name && (pace === undefined || standing.pace === pace),
  )
  const { runs } = await listActive(stateDir())
  const busy = runs.filter(
    (run) => run.alive && mine.some(({ standing }) => standing.cluster === run.cluster),
  )
  if (busy.length > 0) {
    throw new MachineError({
      what: `a drill uses ${busy.map(({ cluster, pid }) => `${cluster} (process ${pid})`).join(', ')}`,
      changed: 'nothing was touched',
      next: 'Wait for it to end, or interrupt it: it heals first.',
    })
  }
  if (mine.length === 0) say(`no cluster of ${name} stands`)
  for (const { provider, standing } of mine) {
    const { cluster } = standing
    await provider.remove(cluster, say)
    // What a killed drill left broken went with its cluster.
    for (const run of runs.filter((each) => each.cluster === cluster)) {
      await unregisterRun(stateDir(), run.runId)
    }
  }
}

export async function topologyStatus(name: string | undefined, json: boolean): Promise<void> {
  const problems: string[] = []
  if (name !== undefined) byName('topology', name, topologies, problems)
  if (problems.length > 0) throw new UsageError(problems)
  const all = (await standingNow()).map(({ standing }) => standing)
  const asked = all.filter(({ topology }) => name === undefined || topology === name)
  if (json) say(JSON.stringify(asked))
  else if (asked.length === 0) say('no drill cluster stands')
  else for (const standing of asked) say(describe(standing))
}

/** Every cluster of ours, with the provider that made it. */
async function standingNow() {
  const providers = await providersIfThere()
  const all = providers.map(async (provider) =>
    (await provider.standing()).map((standing) => ({ provider, standing })),
  )
  return (await Promise.all(all)).flat()
}

function describe(standing: Standing): string {
  const nodes = standing.nodes
    .map(({ name, container, address, state }) => `  ${name}  ${address}  ${state}  (${container})`)
    .join('\n')
  return `${standing.cluster}: ${standing.healthy ? 'standing' : 'not healthy'}, ${standing.topology} at ${standing.pace} pace, ${standing.detail}\n${nodes}`
}
