/**
 * `operator.move-load-balancer`: the API is to be reached at another address. A second load balancer
 * is started there, the certificate errors of the address are written down, the API servers get
 * certificates for it, and every node is aimed at it, as document 003 has it. The endpoint of before
 * is left running, for the drill looks through it all the while. The receipt is a handshake that
 * trusts the cluster's authority alone.
 */
import { InvalidRunError } from '../../../model/errors.ts'
import type { Facts } from '../../../model/record.ts'
import { until } from '../../monotonic-clock.ts'
import type { Evidence, FaultHandle, Moment } from '../../port.ts'
import { type Endpoint, kubectlError, missingName, verifiedHandshake } from './endpoint.ts'
import { needKubeadm } from './kubeadm.ts'
import {
  leasesRenewed,
  type PointedNode,
  pointCluster,
  pointNode,
  refuseUnmoved,
} from './point-nodes.ts'
import {
  changeNodeConfig,
  changeRecord,
  endpointOnRecord,
  hostOf,
  renewServer,
} from './renew-certificates.ts'
import { secondEndpoint, startSecondBalancer } from './second-balancer.ts'
import { nodesOf, type OperatorSite, spend } from './site.ts'

/** HAProxy has a server that answers from its start. */
const answersWithinMs = 20_000

export async function moveLoadBalancer(site: OperatorSite): Promise<FaultHandle> {
  needKubeadm(site)
  const from = await endpointOnRecord(site)
  if (from === null) {
    throw new InvalidRunError({
      what: 'the cluster was made without an endpoint for its control planes',
      changed: 'nothing was broken',
      next: 'Take a topology with several control planes.',
    })
  }
  const { hostname, port } = new URL(site.apiUrl)
  const old = { host: hostname, port: Number(port || 443) }
  const next = secondEndpoint(site)
  const move = new Move(site, { from, old, next })
  return {
    undo: spend(site, `the API of the cluster is reached at ${next.host} now`),
    inject: () => move.carryOut(),
    look: (moment) => move.look(moment),
    facts: async () => move.facts,
  }
}

interface Way {
  /** As the cluster has it: `host:port`, where the host may be a name. */
  from: string
  /** Where the same is reached from this machine. */
  old: Endpoint
  next: Endpoint
}

class Move {
  readonly facts: Facts
  readonly #site: OperatorSite
  readonly #way: Way
  #done = false

  constructor(site: OperatorSite, way: Way) {
    this.#site = site
    this.#way = way
    this.facts = {
      fromEndpoint: way.from,
      fromAddress: way.old.host,
      toAddress: way.next.host,
      servers: nodesOf(site, 'control-plane').length,
      serversRenewed: 0,
      nodes: site.state.nodes.length,
      nodesMoved: 0,
      oldLeftRunning: true,
    }
  }

  async carryOut(): Promise<void> {
    const { clock, report } = this.#site
    const { from, next } = this.#way
    const to = `${next.host}:${next.port}`
    this.facts.beganAtMs = Math.round(clock.nowMs())
    report(`a second load balancer at ${to}`)
    await startSecondBalancer(this.#site, next)
    await this.#noteErrors()
    await this.#renew(from, to)
    await this.#point(from, to)
    this.#done = true
    this.facts.movedMs = Math.round(clock.nowMs() - Number(this.facts.beganAtMs))
  }

  /** What clients are told before the certificates know the address. */
  async #noteErrors(): Promise<void> {
    const { clock, access } = this.#site
    const { next } = this.#way
    const { ca } = access.credentials
    let byNode = ''
    await until(clock, answersWithinMs, 500, async () => {
      const { verified, error } = await verifiedHandshake(next, ca)
      byNode = error
      return verified || missingName(error) !== ''
    })
    const byKubectl = await kubectlError(this.#site, next)
    this.facts.certificateErrorNode = byNode
    this.facts.certificateErrorKubectl = byKubectl
    this.facts.namesMissing = missingName(byKubectl) || missingName(byNode)
  }

  /** One after another, so that most API servers answer all the while. */
  async #renew(from: string, to: string): Promise<void> {
    const { report, state } = this.#site
    await changeRecord(this.#site, from, to)
    for (const node of state.nodes) await changeNodeConfig(this.#site, node, from, to)
    for (const node of nodesOf(this.#site, 'control-plane')) {
      report(`${node.name}: a certificate for ${to}`)
      await renewServer(this.#site, node, this.#way.next)
      this.facts.serversRenewed = Number(this.facts.serversRenewed) + 1
    }
  }

  async #point(from: string, to: string): Promise<void> {
    const pointed: PointedNode[] = []
    await pointCluster(this.#site, from, to)
    for (const node of this.#site.state.nodes) {
      pointed.push(await pointNode(this.#site, node, from, to))
      this.facts.nodesMoved = pointed.filter(({ files }) => files.length > 0).length
    }
    refuseUnmoved(pointed, from)
    // Kubelets of control planes may ask their own API server, whatever the endpoint.
    this.facts.kubeletsMoved = pointed.filter(({ kubelet }) => kubelet).length
    this.facts.leasesRenewed = await leasesRenewed(this.#site, this.#way.next, pointed)
  }

  async look(moment: Moment): Promise<Evidence> {
    const { from, old, next } = this.#way
    const { ca } = this.#site.access.credentials
    const kept = await verifiedHandshake(old, ca, hostOf(from))
    const before = `${from} ${kept.verified ? 'shows a certificate that is good for it' : `fails: ${kept.error}`}`
    if (moment === 'before') {
      const unknown = await verifiedHandshake(old, ca, next.host)
      const name = missingName(unknown.error)
      const text = `${before}, and ${name === next.host ? 'none' : 'perhaps one'} for ${next.host}`
      return { state: kept.verified && name === next.host ? 'well' : 'unclear', text }
    }
    const { verified, error } = await verifiedHandshake(next, ca)
    const text = `${next.host}:${next.port} ${verified ? 'shows a certificate that is good for it' : `fails: ${error}`}; ${before}`
    const moved = this.#done && verified
    if (moment === 'after') return { state: moved ? 'well' : 'unclear', text }
    return { state: moved ? 'broken' : 'unclear', text }
  }
}
