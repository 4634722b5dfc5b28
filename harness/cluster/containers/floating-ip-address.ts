/**
 * Which address a cluster's floating IP gets, and which program shares it. The address comes from
 * the end of the cluster's own subnet, where the engine gives none away; the program is the stand-in
 * for the documented one, since neither kube-vip nor MetalLB is among the images here.
 */
import { MachineError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import type { Timers } from '../../model/timers.ts'
import type { FloatingIp } from '../../model/topology.ts'
import type { FloatingIpInForce } from '../port.ts'
import type { ContainerTools } from './engine.ts'

/** `172.28.0.0/16` → `172.28.255.1`. */
export function floatingAddress(subnet: string): string {
  const [a, b] = subnet.split('.')
  return `${a}.${b}.255.1`
}

/** Null where the topology has none. Refuses a machine that has nothing to share it with. */
export function chooseFloatingIp(
  plan: Pick<Plan, 'topology' | 'timers'>,
  subnet: string,
  { images, versions }: Pick<ContainerTools, 'images' | 'versions'>,
): FloatingIpInForce | null {
  const { floatingIp } = plan.topology
  if (!floatingIp) return null
  if (images.toolbox === null) {
    throw new MachineError({
      what: `there is no image with a program that could share the floating IP of ${plan.topology.name}`,
      changed: 'nothing was made',
      next: '`pnpm run setup kind --from build` makes one, on Debian Linux and as root.',
    })
  }
  const { documented } = floatingIp
  const engine = standInFor(floatingIp, plan.timers, versions)
  return { address: floatingAddress(subnet), documented, engine }
}

function standInFor(
  { documented }: FloatingIp,
  timers: Timers,
  versions: Record<string, string>,
): string {
  const s = (ms: number) => ms / 1_000
  return documented === 'kube-vip'
    ? `Lease agent of ours, lease ${s(timers.floatingIpLeaseDurationMs)}/${s(timers.floatingIpRenewDeadlineMs)}/${s(timers.floatingIpRetryPeriodMs)} s`
    : `keepalived ${versions.keepalived ?? ''}, one advertisement a second`.replace('  ', ' ')
}
