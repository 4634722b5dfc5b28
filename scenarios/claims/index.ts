/**
 * Every claim of every document, by hand. What is not in this array is never judged.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { claimsOfBoth } from './000-both.ts'
import { claimsOfControlPlanes } from './000-control-plane.ts'
import { claimsOfPods } from './000-pods.ts'
import { claimsOfRebuilding } from './000-rebuild.ts'
import { claimsOfWorkers } from './000-workers.ts'
import { claims001 } from './001.ts'
import { claimsOfTerminating } from './001-terminating.ts'
import { claims002 } from './002.ts'
import { claimsOfZones } from './002-zones.ts'
import { claims003 } from './003.ts'
import { claimsOfEndpoints } from './003-endpoint.ts'
import { claimsOfKnownIssues } from './003-registry.ts'
import { claims004 } from './004.ts'
import { claimsOfNodes } from './004-nodes.ts'
import { claimsOfFloatingIps } from './floating-ip.ts'

export const claims: readonly Claim[] = [
  ...claimsOfPods,
  ...claimsOfWorkers,
  ...claimsOfControlPlanes,
  ...claimsOfBoth,
  ...claimsOfRebuilding,
  ...claimsOfFloatingIps,
  ...claims001,
  ...claimsOfTerminating,
  ...claims002,
  ...claimsOfZones,
  ...claims003,
  ...claimsOfEndpoints,
  ...claimsOfKnownIssues,
  ...claims004,
  ...claimsOfNodes,
]
