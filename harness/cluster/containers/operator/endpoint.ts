/**
 * Is an API server's certificate good for an address? Asked as a client would: a TLS handshake that
 * trusts the cluster's authority alone, and kubectl. Both name the address that is missing.
 */
import { isIP } from 'node:net'
import { checkServerIdentity, connect } from 'node:tls'
import { DrillError, messageOf } from '../../../model/errors.ts'
import { kubectl, type OperatorSite } from './site.ts'

export interface Endpoint {
  host: string
  port: number
}

export interface VerifiedHandshake {
  verified: boolean
  /** Empty where it was verified. */
  error: string
}

const silenceMs = 3_000

/** `name`: the host name or address that the certificate must be good for, if not the host's. */
export function verifiedHandshake(
  { host, port }: Endpoint,
  ca: string,
  name = host,
): Promise<VerifiedHandshake> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port, ca, timeout: silenceMs },
      // An address is never sent as the name of a server.
      ...(isIP(name) ? {} : { servername: name }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    })
    const end = (verified: boolean, error: string) => {
      socket.destroy()
      resolve({ verified, error })
    }
    socket.once('secureConnect', () => end(true, ''))
    socket.once('timeout', () => end(false, `silent for ${silenceMs} ms`))
    socket.once('error', (error) => end(false, error.message))
  })
}

/** What kubectl says when it is sent to that address; empty when it is content. */
export async function kubectlError(site: OperatorSite, { host, port }: Endpoint): Promise<string> {
  const server = ['--server', `https://${host}:${port}`, '--request-timeout', '10s']
  try {
    await kubectl(site, [...server, 'get', '--raw', '/readyz'])
    return ''
  } catch (error) {
    return certificateWords(error instanceof DrillError ? error.what : messageOf(error))
  }
}

/** The part of an error that speaks of the certificate; all of it where none does. */
export function certificateWords(text: string): string {
  return /x509: .*/.exec(text)?.[0].trim() ?? text.trim()
}

/** The name or address that a certificate lacks, by the words of Node or of Go; else empty. */
export function missingName(error: string): string {
  const byNode = /(?:IP: |Host: )(\S+?)\.? is not /.exec(error)?.[1]
  const byGo = /certificate is (?:not )?valid for .*, not (\S+)/.exec(error)?.[1]
  return byNode ?? byGo ?? ''
}
