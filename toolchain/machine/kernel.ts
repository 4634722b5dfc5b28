/**
 * What the kernel offers to drills. Network devices are tried in a network namespace of their own,
 * which takes the trial with it when it ends; without root they are only read from the kernel's list
 * of modules, and an unknown is said to be one.
 */
import { access, readFile } from 'node:fs/promises'
import { attempt, which } from '../command.ts'
import { missingCapabilities } from '../engine/capabilities.ts'
import { INOTIFY_INSTANCES, INOTIFY_INSTANCES_FILE } from '../engine/start.ts'
import type { Check } from '../types.ts'

interface Feature {
  name: string
  /** The command that the trial is made with, and the Debian package that has it. */
  command?: readonly [command: string, debianPackage: string]
  /** A command line that succeeds where the feature is there, run in a network namespace of its own. */
  trial: string
  rulesOut: string
}

const FEATURES: readonly Feature[] = [
  {
    name: 'netem',
    command: ['tc', 'iproute2'],
    trial: 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms',
    rulesOut: 'delay between sites (cuts and losses work without it)',
  },
  {
    name: 'nftables ingress hook',
    command: ['nft', 'nftables'],
    trial:
      'nft add table netdev trial && ' +
      "nft 'add chain netdev trial trial { type filter hook ingress device lo priority 0; }'",
    rulesOut: 'cuts that an nftables filter makes before a packet enters a node',
  },
  { name: 'dummy', trial: 'ip link add trial type dummy', rulesOut: 'dummy network devices' },
  {
    name: 'vxlan',
    trial: 'ip link add trial type vxlan id 1 dstport 4789 local 127.0.0.1',
    rulesOut: 'overlay pod networks by VXLAN',
  },
  {
    name: 'ipvs',
    trial: 'test -e /proc/net/ip_vs',
    rulesOut: "kube-proxy's ipvs mode",
  },
]

export async function kernelChecks(): Promise<Check[]> {
  if (process.platform !== 'linux') {
    return [
      {
        name: 'kernel',
        state: 'degraded',
        detail: `${process.platform}: the nodes' kernel is the engine's own and was not looked at`,
      },
    ]
  }
  const features = await Promise.all(FEATURES.map(featureCheck))
  const text = await readFile('/proc/filesystems', 'utf8').catch(() => '')
  return [
    inotifyCheck(Number(await readFile(INOTIFY_INSTANCES_FILE, 'utf8').catch(() => '0'))),
    await cgroupCheck(),
    capabilitiesCheck(await readFile('/proc/self/status', 'utf8')),
    ...features,
    ...nfsChecks(text),
  ]
}

export function inotifyCheck(instances: number): Check {
  const name = 'inotify instances'
  if (instances >= INOTIFY_INSTANCES) return { name, state: 'ok', detail: String(instances) }
  return {
    name,
    state: 'degraded',
    detail: `${instances}, and each node takes some`,
    rulesOut: 'clusters of more than two or three nodes',
    remedy: `sysctl -w fs.inotify.max_user_instances=${INOTIFY_INSTANCES} (set by itself when run as root)`,
  }
}

async function cgroupCheck(): Promise<Check> {
  const name = 'cgroup version'
  const second = await access('/sys/fs/cgroup/cgroup.controllers').then(
    () => true,
    () => false,
  )
  if (second) return { name, state: 'ok', detail: '2' }
  return {
    name,
    state: 'degraded',
    detail: '1',
    rulesOut: 'Kubernetes 1.35 and later, and nodes with systemd 256 and later',
  }
}

export function capabilitiesCheck(status: string): Check {
  const name = 'capabilities'
  const missing = missingCapabilities(status)
  if (missing.length === 0) return { name, state: 'ok', detail: 'all' }
  return {
    name,
    state: 'degraded',
    detail: `all but ${missing.map((each) => `CAP_${each}`).join(', ')}`,
    rulesOut:
      'privileged containers, but in the private engine, whose runtime shim leaves them out',
  }
}

async function featureCheck(feature: Feature): Promise<Check> {
  const { command, trial } = feature
  if (process.getuid?.() !== 0) return trialCheck(feature, 'only root can try it')
  if (command && (await which(command[0])) === null) return trialCheck(feature, 'no command')
  const result = await attempt('unshare', ['--net', 'sh', '-c', trial], { timeoutMs: 5000 })
  return trialCheck(feature, result === null ? 'failed' : 'worked')
}

/** What a trial tells, or why there was none. */
export function trialCheck(
  { name, command, rulesOut }: Pick<Feature, 'name' | 'command' | 'rulesOut'>,
  outcome: 'worked' | 'failed' | 'only root can try it' | 'no command',
): Check {
  if (outcome === 'worked') return { name, state: 'ok', detail: 'tried: works' }
  if (outcome === 'failed') {
    const remedy = `a kernel with it, or where it is a module: modprobe ${MODULES[name] ?? name}`
    return { name, state: 'degraded', detail: 'this kernel has it not', rulesOut, remedy }
  }
  if (outcome === 'no command' && command) {
    const detail = `unknown: ${command[0]} is needed to try it`
    return { name, state: 'degraded', detail, rulesOut, remedy: `apt-get install ${command[1]}` }
  }
  return { name, state: 'degraded', detail: `unknown: ${outcome}`, rulesOut }
}

const MODULES: Readonly<Record<string, string>> = {
  netem: 'sch_netem',
  ipvs: 'ip_vs',
  'nftables ingress hook': 'nf_tables',
}

/** From the text of `/proc/filesystems`: `nfs4` is the client, `nfsd` the server. */
export function nfsChecks(filesystems: string): Check[] {
  const has = (name: string) => new RegExp(`\\b${name}$`, 'm').test(filesystems)
  const check = (name: string, present: boolean, module: string): Check =>
    present
      ? { name, state: 'ok', detail: 'in the kernel' }
      : {
          name,
          state: 'degraded',
          detail: 'this kernel has it not',
          rulesOut: 'real NFS: shared storage is a folder mounted into every node',
          remedy: `a kernel with it, or where it is a module: modprobe ${module}`,
        }
  return [check('nfs client', has('nfs4'), 'nfs'), check('nfs server', has('nfsd'), 'nfsd')]
}
