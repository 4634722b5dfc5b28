/**
 * A real provider against the contract of providers, on a cluster of its own: kind, or the one that
 * CLUSTERDRILL_LIVE_PROVIDER names, with document 000 at brisk pace. It needs what
 * `pnpm run setup kind` brings; k3d needs itself and an image registry besides.
 */

import { lookForTools, type MachineTools } from '../../harness/cli/tools.ts'
import { ownerLabel } from '../../harness/cluster/containers/engine.ts'
import { foldersOf, loadState, saveState } from '../../harness/cluster/containers/ownership.ts'
import { labelOf as labelOfK3d } from '../../harness/cluster/k3d/names.ts'
import { K3dProvider } from '../../harness/cluster/k3d/provider.ts'
import { k3dTools, requireK3d } from '../../harness/cluster/k3d/tools.ts'
import { KindDistribution } from '../../harness/cluster/kind/distribution.ts'
import { KindProvider } from '../../harness/cluster/kind/provider.ts'
import type { Provider } from '../../harness/cluster/port.ts'
import type { Plan } from '../../harness/model/plan.ts'
import { type ContractSubject, providerContract } from '../contract/provider-contract.ts'
import { liveMachine, livePlan } from './support.ts'

const name = process.env.CLUSTERDRILL_LIVE_PROVIDER ?? 'kind'
if (name !== 'kind' && name !== 'k3d') {
  throw new Error(`CLUSTERDRILL_LIVE_PROVIDER=${name}: the contract knows kind and k3d`)
}
/** Of this run alone, so that it stands beside any other of its topology and pace. */
const clusterName = `drill-contract-${process.pid}`

providerContract({
  name,
  open,
  timeouts: { bringUpMs: 300_000, faultMs: 90_000, answerMs: 60_000 },
  // Document 000 has none.
  elsewhere: { loadBalancer: 'test/live/load-balancer.test.ts' },
})

async function open(): Promise<ContractSubject> {
  const found = await lookForTools()
  if ('missing' in found) throw new Error(`${found.missing}: \`pnpm run setup kind\` first`)
  const machine = await liveMachine()
  const { tools } = found
  const { home } = tools
  const { provider, label } =
    name === 'kind'
      ? {
          provider: (): Provider => new KindProvider(tools),
          label: new KindDistribution(tools).labelOf(clusterName),
        }
      : await k3d(tools)

  const listed = async (...words: string[]) =>
    (await machine.docker(...words)).split('\n').filter(Boolean)
  const volumesSeen = new Set<string>()
  const inventory = async () => {
    const labelled = [label, `${ownerLabel}=${clusterName}`]
    const found = await Promise.all(
      labelled.map((each) => listed('ps', '--all', '--quiet', '--filter', `label=${each}`)),
    )
    const containers = [...new Set(found.flat())]
    const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}'
    for (const container of containers) {
      for (const volume of await listed('inspect', '--format', format, container)) {
        volumesSeen.add(volume)
      }
    }
    const networks = await listed('network', 'ls', '--format', '{{.Name}}')
    const volumes = await listed('volume', 'ls', '--quiet')
    return [
      ...containers.map((id) => `container ${id}`),
      ...volumes.filter((volume) => volumesSeen.has(volume)).map((each) => `volume ${each}`),
      ...networks.filter((network) => network === clusterName).map((each) => `network ${each}`),
      ...((await loadState(home, clusterName)) ? [`state of ${clusterName}`] : []),
    ]
  }
  const unfinish = async () => {
    const state = await loadState(home, clusterName)
    if (!state) throw new Error(`no state of ${clusterName}`)
    await saveState(foldersOf(home, clusterName), { ...state, phase: 'creating', nodes: [] })
  }
  return { plan: plan(), provider, inventory, unfinish }
}

async function k3d(shared: MachineTools) {
  const tools = k3dTools(await requireK3d(shared.env), shared, shared.etcdctl)
  return { provider: (): Provider => new K3dProvider(tools), label: labelOfK3d(clusterName) }
}

function plan(): Plan {
  return livePlan({ provider: name === 'kind' ? 'kind' : 'k3d', clusterName, runId: 'contract' })
}
