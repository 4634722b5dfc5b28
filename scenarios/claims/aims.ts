/**
 * What the faults of a plan are aimed at, before any target is found: for claims that are about the
 * loss of one kind of machine alone.
 */
import type { Plan } from '../../harness/model/plan.ts'

/** Is a control plane among the targets: by its role, its name or its site? */
export function aimsAtControlPlane({ faults, topology }: Pick<Plan, 'faults' | 'topology'>) {
  const controlPlanes = topology.nodes.filter(({ role }) => role === 'control-plane')
  return faults.some(
    ({ target }) =>
      target.startsWith('control-plane') ||
      controlPlanes.some(
        ({ name, site }) => target === `node:${name}` || target === `site:${site}`,
      ),
  )
}
