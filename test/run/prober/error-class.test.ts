/** What the runtime says of a failed probe, and the class it is counted under. */
import { expect, test } from 'vitest'
import { errorClass } from '../../../harness/run/prober/error-class.ts'

const error = (code: string | undefined, syscall?: string) =>
  Object.assign(new Error('x'), { code, ...(syscall === undefined ? {} : { syscall }) })

test.each([
  ['ECONNREFUSED', 'connect', 'refused'],
  ['ECONNRESET', 'read', 'reset'],
  ['ECONNRESET', undefined, 'closed'],
  ['EPIPE', 'write', 'closed'],
  ['EHOSTUNREACH', 'connect', 'no-route'],
  ['ENETUNREACH', 'connect', 'no-route'],
  ['ETIMEDOUT', 'connect', 'connect-timeout'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined, 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', undefined, 'tls'],
  ['CERT_HAS_EXPIRED', undefined, 'tls'],
  ['EPROTO', 'write', 'tls'],
  ['EMFILE', 'connect', 'other:EMFILE'],
  [undefined, undefined, 'other:Error'],
])('%s in %s is %s', (code, syscall, expected) => {
  expect(errorClass(error(code, syscall))).toBe(expected)
})
