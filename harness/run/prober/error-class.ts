/**
 * The short class under which a failed probe is counted. Pure. What a client met matters here
 * (nobody listened, the line went dead, the answer was a refusal), not the words of the runtime.
 */

/** How far a probe had come. A stage that was not reached cannot have failed. */
export type Stage = 'connect' | 'tls' | 'answer'

/** The class of a probe that had no complete answer in time, by the stage it hung in. */
export const timeoutClass: Record<Stage, string> = {
  connect: 'connect-timeout',
  tls: 'tls-timeout',
  answer: 'answer-timeout',
}

const classByCode: Record<string, string> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  EHOSTDOWN: 'no-route',
  ENETDOWN: 'no-route',
  ETIMEDOUT: 'connect-timeout',
  EPIPE: 'closed',
  ERR_STREAM_PREMATURE_CLOSE: 'closed',
}

const tlsCode =
  /^(EPROTO|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|HOSTNAME_MISMATCH)$/

/**
 * One of `refused`, `reset` (the other side broke the connection), `closed` (it ended it before
 * the answer was complete), `no-route`, `tls`, `connect-timeout` (the kernel gave up),
 * `other:CODE`.
 */
export function errorClass(error: Error): string {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined) return `other:${error.name}`
  // The runtime gives its own "socket hang up" the same code, but no system call.
  if (code === 'ECONNRESET') return syscall === undefined ? 'closed' : 'reset'
  const known = classByCode[code]
  if (known !== undefined) return known
  return tlsCode.test(code) ? 'tls' : `other:${code}`
}
