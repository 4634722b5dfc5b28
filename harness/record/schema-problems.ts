/**
 * What is wrong with a value read from a file, a line each, in words for whoever made the file.
 * Pure. A file that names a newer schema is told apart from one that was never ours.
 */
import type { z } from 'zod'

/** Null when `value` names exactly the schema `wanted`, such as `clusterdrill/run/v1`. */
export function schemaNameProblem(value: unknown, wanted: string): string | null {
  const named = typeof value === 'object' && value !== null && 'schema' in value && value.schema
  if (named === wanted) return null
  if (typeof named !== 'string') return `it names no schema, and should name ${wanted}`
  const [family, version] = splitVersion(named)
  const [wantedFamily, wantedVersion] = splitVersion(wanted)
  if (family !== wantedFamily) return `its schema is ${named}, not ${wanted}`
  return version > wantedVersion
    ? `it was written by a newer Clusterdrill: ${named}, and this one reads ${wanted}`
    : `its schema is ${named}, which this Clusterdrill no longer reads`
}

/** `timers.nodeMonitorGraceMs: Invalid input: expected number, received undefined`, and so on. */
export function issueProblems(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
}

function splitVersion(name: string): [family: string, version: number] {
  const [, family = name, version = ''] = /^(.*)\/v(\d+)$/.exec(name) ?? []
  return [family, Number(version)]
}
