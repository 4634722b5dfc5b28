/**
 * Envoy in the place of a document's HAProxy, as kind configures it since 0.32, for the model alone.
 * What kind leaves out is as Envoy has it: one connect attempt (docs/envoy, TCP proxy), every host
 * again while fewer than half are healthy (docs/envoy, Panic threshold), and no outlier detection.
 */
import type { Topology } from './topology.ts'

/** The same topology behind Envoy; the same one where it has no load balancer. */
export function behindEnvoy(topology: Topology): Topology {
  const { loadBalancer } = topology
  if (loadBalancer === null) return topology
  return {
    ...topology,
    title: topology.title.replace('HAProxy', 'Envoy'),
    loadBalancer: {
      ...loadBalancer,
      kind: 'envoy',
      balance: 'roundrobin',
      timeouts: { ...loadBalancer.timeouts, connectMs: 250 },
      check: { kind: 'https', intervalMs: 2_000, timeoutMs: 3_000, fall: 2, rise: 1 },
      retries: 0,
      panicShare: 0.5,
    },
    differences: [
      ...topology.differences,
      'Envoy, as kind configures it since 0.32, stands in the place of the HAProxy of the document.',
    ],
  }
}
