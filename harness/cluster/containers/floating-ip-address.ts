/**
 * Which address a cluster's floating IP gets, and which program shares it. Addresses come from the
 * end of the drills' subnet, where the engine gives none away; the program is the stand-in for the
 * documented one, since neither kube-vip nor MetalLB is among the images here.
 */
import { MachineError } from '../../model/errors.ts'
import type { Plan } from '../../model/plan.ts'
import type { Timers } from '../../model/timers.ts'
import type { FloatingIp } from '../../model/topology.ts'
import type { FloatingIpInForce } from '../port.ts'
import type { Engine } from './engine.ts'
import { listStates } from './ownership.ts'

/** `172.28.0.0/16` → `172.28.255.N` for N from 1 to 250. */
export function floatingAddresses(subnet: string): string[] {
  const [a, b] = subnet.split('.')
  return Array.from({ length: 250 }, (_, index) => `${a}.${b}.255.${index + 1}`)
}

/** Null where the topology has none. Refuses a machine that has nothing to share it with. */
export async function chooseFloatingIp(
  engine: Engine,
  plan: Plan,
  subnet: string,
): Promise<FloatingIpInForce | null> {
  const { floatingIp } = plan.topology
  if (!floatingIp) return null
  if (engine.tools.images.toolbox === null) {
    throw new MachineError({
      what: `there is no image with a program that could share the floating IP of ${plan.topology.name}`,
      changed: 'nothing was made',
      next: '`pnpm run setup kind --from build` makes one, on Debian Linux and as root.',
    })
  }
  const states = await listStates(engine.tools.home)
  const taken = new Set(
    states
      .filter(({ name }) => name !== plan.clusterName)
      .map((state) => state.floatingIp?.address),
  )
  const address = floatingAddresses(subnet).find((candidate) => !taken.has(candidate))
  if (address === undefined) {
    throw new MachineError({
      what: 'every floating address of the drill network is taken',
      changed: 'nothing was made',
      next: '`pnpm topology down NAME` frees one.',
    })
  }
  const { documented } = floatingIp
  return { address, documented, engine: standInFor(floatingIp, plan.timers, engine.tools.versions) }
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
