/**
 * Signs requests to an S3 server with AWS Signature Version 4 (AWS documentation, "Authenticating
 * Requests: Using the Authorization Header"). The secret stays here: what is sent is a signature
 * that is good for one request and, by the clocks of both sides, for some minutes. Pure.
 */
import { createHash, createHmac } from 'node:crypto'

export interface S3Credentials {
  accessKey: string
  secretKey: string
}

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT'
  /** Without a query, or with one that is encoded as it is to be sent. */
  url: string
  /** Hexadecimal SHA-256 of what is sent; of nothing for a GET. */
  payloadSha256: string
  /** Further headers to sign and send, names in lower case. */
  headers?: Readonly<Record<string, string>>
}

export const region = 'us-east-1'
const service = 's3'
const algorithm = 'AWS4-HMAC-SHA256'

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex')

export const emptySha256 = sha256('')

const hmac = (key: string | Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** The headers to send beside `host`, which every client sends by itself and which is signed too. */
export function signedHeaders(
  { method, url, payloadSha256, headers = {} }: S3Request,
  { accessKey, secretKey }: S3Credentials,
  epochMs: number,
): Record<string, string> {
  const { host, pathname, searchParams } = new URL(url)
  const time = new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const sent = { ...headers, 'x-amz-content-sha256': payloadSha256, 'x-amz-date': time }
  const signed = Object.entries({ ...sent, host }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const query = [...searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
  const canonical = [
    method,
    pathname
      .split('/')
      .map((part) => encoded(decodeURIComponent(part)))
      .join('/'),
    query.toSorted().join('&'),
    ...signed.map(([name, value]) => `${name}:${value.trim()}`),
    '',
    names,
    payloadSha256,
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = [algorithm, time, scope, sha256(canonical)].join('\n')
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, day))
  const signature = hmac(key, toSign).toString('hex')
  return {
    ...sent,
    authorization: `${algorithm} Credential=${accessKey}/${scope},SignedHeaders=${names},Signature=${signature}`,
  }
}

/** As RFC 3986 wants it: everything but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
