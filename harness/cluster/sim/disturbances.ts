/**
 * What disturbs a cluster in which nothing is broken: packets that are lost on the way between a node
 * and the API, and machines that pause now and then. Renewals of the Leases are then looked at one by
 * one: a lost packet is sent again by TCP, ever later, a try that gets no answer is given up, and
 * after the second one the kubelet connects anew. Of a node's signs of life only the Lease is there.
 */
import type { Timers } from '../../model/timers.ts'
import { workloadNodes } from '../../model/topology.ts'
import type { Cluster } from './cluster.ts'
import { renewalPeriodMs, renewalTimeoutMs, retryMaxMs, retryMinMs } from './heartbeats.ts'
import type { EventId } from './kernel/event-queue.ts'
import type { Draw } from './kernel/random.ts'
import type { Machine } from './machines.ts'
import { constants } from './profile.ts'

export interface Disturbances {
  /** Of the packets each way between every node that carries pods and the API; 0 to less than 1. */
  lossShare: number
  /** Of every machine that carries pods; null: none. */
  pause: { lengthMs: number; perHour: number } | null
}

const hourMs = 3_600_000

/** From now on, until the session ends. */
export function disturb(cluster: Cluster, { lossShare, pause }: Disturbances): void {
  const { topology, machines } = cluster.scene
  for (const { name, role } of workloadNodes(topology)) {
    const machine = machines.get(name)
    if (pause) pauseNowAndThen(cluster, machine, pause)
    // The kubelet of a control plane asks the API server beside it, without a link.
    if (lossShare > 0 && role === 'worker') losePackets(cluster, machine, lossShare)
  }
}

/** The time from the end of one pause to the next is exponential. */
function pauseNowAndThen(
  cluster: Cluster,
  machine: Machine,
  { lengthMs, perHour }: NonNullable<Disturbances['pause']>,
): void {
  const { queue, chance, machines } = cluster.scene
  const draw = chance(`pauses ${machine.name}`)
  const next = () => {
    queue.after((-Math.log(1 - draw()) / perHour) * hourMs, () => {
      machines.take(machine, 'paused')
      queue.after(lengthMs, () => {
        cluster.thaw(machine)
        next()
      })
    })
  }
  next()
}

function losePackets(cluster: Cluster, machine: Machine, lossShare: number): void {
  const { heartbeats, scene } = cluster
  const { queue, timers } = scene
  const draw = scene.chance(`loss ${machine.name}`)
  let due: EventId | null = null
  const expect = (inMs: number) => {
    due = queue.after(inMs, () => {
      due = null
      const delayMs = renewalDelayMs(draw, lossShare, timers)
      if (delayMs > 0) heartbeats.late(machine, delayMs)
      else expect(renewalPeriodMs(timers))
    })
  }
  heartbeats.onChange((changed, flows) => {
    if (changed !== machine) return
    if (due !== null) queue.cancel(due)
    due = null
    if (flows) expect(renewalPeriodMs(timers))
  })
  expect(heartbeats.lastMs(machine) + renewalPeriodMs(timers) - queue.nowMs)
}

/**
 * Linux waits so long before it sends again what was not acknowledged, then twice that, and so on
 * (include/net/tcp.h: TCP_RTO_MIN, TCP_RTO_MAX; TCP_TIMEOUT_INIT while a connection is begun).
 */
const resendMs = 200
const resendMaxMs = 120_000
const resendFirstMs = 1_000

/** Until a packet is through, or more than `boundMs`. */
function throughMs(draw: Draw, lossShare: number, firstMs: number, boundMs: number): number {
  let waitedMs = 0
  let pauseMs = firstMs
  while (waitedMs <= boundMs && draw() < lossShare) {
    waitedMs += pauseMs
    pauseMs = Math.min(resendMaxMs, pauseMs * 2)
  }
  return waitedMs
}

/**
 * How much later a renewal arrives than without loss; mostly 0. Two tries share the old connection,
 * and the first packet of it that is through renews; then each try has a connection of its own, five
 * tries follow each other at once, and later ones with a growing pause (lease/controller.go).
 */
export function renewalDelayMs(draw: Draw, lossShare: number, timers: Timers): number {
  const timeoutMs = renewalTimeoutMs(timers)
  const onOldMs = throughMs(draw, lossShare, resendMs, 2 * timeoutMs)
  if (onOldMs <= 2 * timeoutMs) return onOldMs
  /** Of a packet and its answer. */
  const bothShare = 1 - (1 - lossShare) ** 2
  let waitedMs = 2 * timeoutMs
  let pauseMs = retryMinMs
  for (let tries = 3; ; tries += 1) {
    const took =
      throughMs(draw, bothShare, resendFirstMs, timeoutMs) +
      throughMs(draw, bothShare, resendMs, timeoutMs) +
      throughMs(draw, lossShare, resendMs, timeoutMs)
    if (took <= timeoutMs) return waitedMs + took
    waitedMs += timeoutMs
    if (tries < constants.heartbeatTries) continue
    waitedMs += pauseMs
    pauseMs = Math.min(retryMaxMs, pauseMs * 2)
  }
}
