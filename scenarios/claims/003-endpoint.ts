/**
 * What document 003, embedded Kubernetes in high availability mode, says of moving the API to
 * another address: to a first load balancer, and from one to another.
 */
import type { Claim, Measurement } from '../../harness/model/claim.ts'
import type { FaultRecord } from '../../harness/model/record.ts'
import { formatMs } from '../../harness/model/units.ts'
import { flagOf, numberOf, saidOf, textOf } from './facts.ts'
import { faultOfKind } from './reading.ts'

const common = {
  document: '003',
  kubernetes: null,
  scenarios: ['lb-address-change'],
  accepted: [],
} as const

const firstLoadBalancer: Claim = {
  ...common,
  id: '003-first-lb',
  says: 'The API can be moved from a single master to a load balancer.',
  condition:
    'The certificates are made anew and every node joins again. Read as: every server has its new certificate, and every node reports through the new address.',
  topologies: ['embedded-no-lb'],
  judge(measurement) {
    const move = moveIn(measurement)
    if (move === null) return null
    const { fault, moved, nodes, renewed, servers } = move
    const leases = numberOf(fault, 'leasesRenewed')
    const reporting = leases === null ? flagOf(fault, 'leasesRenewed') !== false : leases >= nodes
    const done = moved === nodes && renewed === servers && reporting
    return {
      verdict: done ? 'confirmed' : 'contradicted',
      measured: `${addressesOf(fault)}: ${renewed} of ${servers} servers have a new certificate, ${moved} of ${nodes} nodes go there${leases === null ? '' : `, ${leases} of them report`}${takenText(measurement, fault)}`,
      expected: 'all of them',
      because: done
        ? 'the certificates name the new address, and every node was told of it'
        : 'not every server or node came with it',
    }
  },
}

const secondLoadBalancer: Claim = {
  ...common,
  id: '003-second-lb',
  says: 'Changing from one load balancer to another may bring certificate errors.',
  condition:
    'The API is asked at the new address before the certificates are made anew. Read as: some client refuses the certificate, for the address is not in it.',
  topologies: ['embedded-external-lb'],
  judge(measurement) {
    const move = moveIn(measurement)
    if (move === null) return null
    const { fault } = move
    const errors = [
      ['a TLS client', saidOf(fault, 'certificateErrorNode')],
      ['kubectl', saidOf(fault, 'certificateErrorKubectl')],
    ].flatMap(([who, said]) => (said == null ? [] : [`${who}: ${said}`]))
    const missing = textOf(fault, 'namesMissing')
    const refused = errors.length > 0
    return {
      verdict: refused ? 'confirmed' : 'contradicted',
      measured: `${addressesOf(fault)}: ${errors.join('; ') || 'no certificate was refused'}${missing === null ? '' : `; not in the certificate: ${missing}`}`,
      expected: 'a certificate that does not name the new address is refused',
      because: refused
        ? `a certificate names the addresses it is good for, and the new one is not among them until it is made anew (${move.renewed} of ${move.servers} were)`
        : 'the certificates named the new address already',
    }
  },
}

function moveIn(measurement: Measurement): {
  fault: FaultRecord
  moved: number
  nodes: number
  renewed: number
  servers: number
} | null {
  const fault = faultOfKind(measurement, 'operator.move-load-balancer')
  const [moved, nodes] = [numberOf(fault, 'nodesMoved'), numberOf(fault, 'nodes')]
  const [renewed, servers] = [numberOf(fault, 'serversRenewed'), numberOf(fault, 'servers')]
  if (fault === null || moved === null || nodes === null) return null
  return renewed === null || servers === null ? null : { fault, moved, nodes, renewed, servers }
}

const addressesOf = (fault: FaultRecord): string =>
  `from ${textOf(fault, 'fromAddress') ?? 'the old address'} to ${textOf(fault, 'toAddress') ?? 'the new one'}`

/** How long the API was away meanwhile, by any way at once, at the worst. */
function takenText(measurement: Measurement, { injectedAtMs, tookHoldAtMs }: FaultRecord): string {
  if (tookHoldAtMs === null) return ''
  const api = measurement.vantages.filter(({ kind }) => kind.startsWith('api-'))
  const failed = api.reduce((sum, vantage) => sum + vantage.failed, 0)
  const samples = api.reduce((sum, vantage) => sum + vantage.samples, 0)
  return `; done in ${formatMs(tookHoldAtMs - injectedAtMs)}, ${failed} of ${samples} API requests failed`
}

export const claimsOfEndpoints: readonly Claim[] = [firstLoadBalancer, secondLoadBalancer]
