/**
 * The k3d provider against the contract of providers, with commands that stand in for docker, k3d
 * and kubectl: each is a program of its own that answers in the format of the real one, and nodes
 * are processes on loopback. No engine is needed, and none is asked. What was run is held against
 * the lines that are written down in `commands.txt`.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test, vi } from 'vitest'
import {
  foldersOf,
  loadState,
  prepareFolders,
  saveState,
} from '../../../harness/cluster/containers/ownership.ts'
import { K3dProvider } from '../../../harness/cluster/k3d/provider.ts'
import { k3dTools, requireK3d } from '../../../harness/cluster/k3d/tools.ts'
import { providerContract } from '../../contract/provider-contract.ts'
import { newStandIn } from './stand-in/install.ts'
import { twoSites, twoSitesPlan } from './two-sites.ts'

// Every command is a process, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const standIn = newStandIn()
const { home } = standIn.tools
const { clusterName } = twoSitesPlan
const tools = k3dTools(await requireK3d(standIn.env), standIn.tools, null)
afterAll(() => standIn[Symbol.dispose]())

async function inventory(): Promise<string[]> {
  const { containers, networks, volumes } = standIn.state()
  const state = await loadState(home, clusterName)
  return [
    ...Object.keys(containers).map((name) => `container ${name}`),
    ...Object.keys(volumes).map((name) => `volume ${name}`),
    ...Object.keys(networks).map((name) => `network ${name}`),
    ...(state ? [`state of ${state.name}`] : []),
  ]
}

async function unfinish(): Promise<void> {
  const state = await loadState(home, clusterName)
  if (!state) throw new Error(`no state of ${clusterName}`)
  await saveState(foldersOf(home, clusterName), { ...state, phase: 'creating', nodes: [] })
}

// Its nodes speak TLS on addresses of loopback that only Linux has without being asked.
const skip = process.platform === 'linux' ? undefined : 'loopback has one address here'

providerContract({
  name: 'k3d',
  open: async () => ({
    plan: twoSitesPlan,
    provider: () => new K3dProvider(tools),
    inventory,
    unfinish,
  }),
  timeouts: { bringUpMs: 90_000, faultMs: 20_000, answerMs: 20_000 },
  // The stand-in has no floating IP: nobody announces an address of loopback.
  elsewhere: { floatingIp: 'test/live/contract.test.ts' },
  ...(skip === undefined ? {} : { skip }),
})

/** What only looks is asked as often as it takes, so it counts once and in no order. */
const looks =
  /^docker (?:ps|container inspect|network (?:ls|inspect)|port|logs|volume ls|events|exec \S+ (?:date|ctr \S+ \S+ (?:containers|tasks) ls))\b|^k3d version/

function plain(words: string[]): string {
  return words
    .join(' ')
    .replaceAll(standIn.folder, 'FOLDER')
    .replaceAll(/127\.28\.\d+\./g, '127.28.N.')
    .replaceAll(/\b(?:172|10)\.\d+\.0\.0\/(16|17)/g, 'SUBNET/$1')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
}

const name = `k3d-${clusterName}`

describe.skipIf(skip !== undefined)('what was run', () => {
  test('is what is written down, in its order, and what was looked at', () => {
    const lines = standIn.calls().map(plain)
    const [changes, reading] = readFileSync(new URL('./commands.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
      .split('\n\n')
      .map((part) => part.split('\n').filter((line) => line !== ''))
    expect(lines.filter((line) => !looks.test(line))).toEqual(changes)
    expect([...new Set(lines.filter((line) => looks.test(line)))].toSorted()).toEqual(reading)
  })

  test("k3d never had the user's own kubeconfig to write to", () => {
    expect(standIn.kubeconfigWritten()).toBe(foldersOf(home, clusterName).kubeconfig)
  })
})

describe.skipIf(skip !== undefined)('a harness that was killed while k3d was at work', () => {
  /** Kills it once this is there, and gives what there is then. */
  async function killedOnce(made: string): Promise<string[]> {
    const program = new URL('./open-and-wait.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [program, JSON.stringify(tools)], { stdio: 'ignore' })
    await vi.waitUntil(async () => (await inventory()).includes(made), { timeout: 30_000 })
    child.kill('SIGKILL')
    return await inventory()
  }

  test('leaves what k3d made and still makes to the next, and all of it goes', async () => {
    standIn.hold('node')
    const begun = await killedOnce(`container ${name}-server-0`)
    expect(begun).toEqual([
      ...[`container ${name}-tools`, `container ${name}-server-0`, `volume ${name}-images`],
      ...[`network ${clusterName}`, `state of ${clusterName}`],
    ])
    const provider = new K3dProvider(tools)
    expect(await provider.standing()).toMatchObject([{ healthy: false, detail: 'never finished' }])
    const removed = provider.remove(clusterName, () => undefined)
    await vi.waitUntil(() => Object.keys(standIn.state().containers).length === 0, {
      timeout: 30_000,
    })
    standIn.hold(null)
    await vi.waitUntil(() => standIn.state().containers[`${name}-agent-0`], { timeout: 30_000 })
    await removed
    expect(await inventory()).toEqual([])
  })

  test('leaves a volume before there is any node, and that goes too', async () => {
    standIn.hold('volume')
    const begun = await killedOnce(`volume ${name}-images`)
    expect(begun.filter((each) => each.startsWith('container'))).toEqual([])
    await new K3dProvider(tools).remove(clusterName, () => undefined)
    expect(await inventory()).toEqual([])
  })
})

describe('a cluster of the same name that kind made', () => {
  test('is neither taken over, nor removed, nor healed', async () => {
    const folders = foldersOf(home, clusterName)
    await prepareFolders(folders, clusterName)
    await saveState(folders, {
      ...{ schema: 'clusterdrill/cluster/v1', provider: 'kind', name: clusterName },
      ...{ phase: 'standing', topology: twoSites, pace: 'brisk', timers: twoSitesPlan.timers },
      ...{ nodeImage: 'clusterdrill/node:1', nodes: [], loadBalancer: null, floatingIp: null },
      createdAt: '2026-11-20T12:00:00.000Z',
    })
    const provider = new K3dProvider(tools)
    const refusal = { what: `the cluster ${clusterName} was made by kind`, exitCode: 69 }
    const never = new AbortController().signal
    await expect(provider.open(twoSitesPlan, () => undefined, never)).rejects.toMatchObject(refusal)
    await expect(provider.remove(clusterName, () => undefined)).rejects.toMatchObject(refusal)
    const undo = { kind: 'power.unpause', provider: 'kind', node: 'worker-a' } as const
    expect(
      await provider.undo({ ...undo, cluster: clusterName, container: `${clusterName}-worker` }),
    ).toBe(`${clusterName} was made by kind, and was left alone`)
    expect(await provider.standing()).toEqual([])
  })
})
