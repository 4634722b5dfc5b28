/**
 * Which address a cluster's floating IP gets, and which program shares it. The address comes from
 * the end of the cluster's own subnet, where the engine gives none away; the program is the
 * documented one where its image is there, else one that stands in for it.
 */
import { MachineError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import type { Timers } from '../../model/timers.ts'
import { type FloatingIpEngine, floatingIpEngineOf } from '../kubernetes/floating-ip.ts'
import type { FloatingIpInForce } from '../port.ts'
import type { ContainerTools } from './engine.ts'

type Tools = Pick<ContainerTools, 'images' | 'versions'>
type Planned = Pick<Plan, 'topology' | 'timers'>

/** `172.28.0.0/16` → `172.28.255.1`. */
export function floatingAddress(subnet: string): string {
  const [a, b] = subnet.split('.')
  return `${a}.${b}.255.1`
}

/** Null where the topology has none. Refuses a machine that cannot share or watch it. */
export function chooseFloatingIp(
  plan: Planned,
  subnet: string,
  tools: Tools,
): FloatingIpInForce | null {
  const { floatingIp } = plan.topology
  if (!floatingIp) return null
  const engine = floatingIpProgram(plan, tools)
  if (engine === null || tools.images.toolbox === null) {
    throw new MachineError({
      what: `there is no image with a program that could share the floating IP of ${plan.topology.name}`,
      changed: 'nothing was made',
      next: '`pnpm run setup kind` makes one.',
    })
  }
  return { address: floatingAddress(subnet), documented: floatingIp.documented, engine }
}

/** What records say of the program: its version or its timers. Null where there is none. */
export function floatingIpProgram(
  { topology, timers }: Planned,
  { images, versions }: Tools,
): string | null {
  const engine = floatingIpEngineOf(topology, images)
  return engine === null ? null : described(engine, timers, versions)
}

function described(
  engine: FloatingIpEngine,
  timers: Timers,
  versions: Record<string, string>,
): string {
  const s = (ms: number) => ms / 1_000
  const lease = `lease ${s(timers.floatingIpLeaseDurationMs)}/${s(timers.floatingIpRenewDeadlineMs)}/${s(timers.floatingIpRetryPeriodMs)} s`
  const [, kubeVip = ''] = /:(v[^@]+)/.exec(versions['kube-vip'] ?? '') ?? []
  return {
    'kube-vip': `kube-vip ${kubeVip}, ${lease}`.replace(' ,', ','),
    'lease-agent': `Lease agent of ours, ${lease}`,
    keepalived: `keepalived ${versions.keepalived ?? ''}, one advertisement a second`.replace(
      ' ,',
      ',',
    ),
  }[engine]
}
