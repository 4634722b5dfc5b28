/**
 * Every claim of every document, by hand. What is not in this array is never judged.
 */
import type { Claim } from '../../harness/model/claim.ts'
import { claims000 } from './000.ts'
import { claims001 } from './001.ts'
import { claims002 } from './002.ts'
import { claims003 } from './003.ts'
import { claims004 } from './004.ts'
import { claimsOfFloatingIps } from './floating-ip.ts'

export const claims: readonly Claim[] = [
  ...claims000,
  ...claimsOfFloatingIps,
  ...claims001,
  ...claims002,
  ...claims003,
  ...claims004,
]
