/**
 * Connections to API servers: the kubeconfig's credentials, aimed at the load balancer or at one
 * server by its address, with requests that give up soon. The rest of the harness sees plain
 * functions; a lost API is an answer here, never a hang.
 */

import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { ApiCredentials } from '../../model/vantage.ts'

/** A name that every kubeadm API server certificate carries, whatever its address. */
const certificateName = 'kubernetes'

export interface ApiAccess {
  credentials: ApiCredentials
  /** kubectl and the client library share this file. */
  kubeconfig: string
}

export async function readAccess(kubeconfig: string): Promise<ApiAccess> {
  const config = new KubeConfig()
  config.loadFromString(await readFile(kubeconfig, 'utf8'))
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  const pem = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8')
  return {
    kubeconfig,
    credentials: {
      ca: pem(cluster?.caData),
      cert: pem(user?.certData),
      key: pem(user?.keyData),
      serverName: certificateName,
    },
  }
}

/** A client configuration for one address, with the same credentials. */
export function configFor(access: ApiAccess, baseUrl: string): KubeConfig {
  const { credentials } = access
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [
      {
        name: 'drill',
        server: baseUrl,
        caData: base64(credentials.ca),
        tlsServerName: credentials.serverName,
      },
    ],
    users: [
      { name: 'drill', certData: base64(credentials.cert), keyData: base64(credentials.key) },
    ],
    contexts: [{ name: 'drill', cluster: 'drill', user: 'drill' }],
    currentContext: 'drill',
  })
  return config
}

export interface ApiAnswer {
  /** Null when nothing answered. */
  status: number | null
  body: string
  error: string | null
}

/** One request that ends within `timeoutMs`, whatever becomes of the server. */
export function ask(
  access: ApiAccess,
  baseUrl: string,
  path: string,
  options: { timeoutMs: number; method?: string; body?: string; contentType?: string } = {
    timeoutMs: 2_000,
  },
): Promise<ApiAnswer> {
  const { credentials } = access
  const url = new URL(path, baseUrl)
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        method: options.method ?? 'GET',
        ca: credentials.ca,
        cert: credentials.cert,
        key: credentials.key,
        servername: credentials.serverName,
        agent: false,
        signal: AbortSignal.timeout(options.timeoutMs),
        headers: {
          accept: 'application/json',
          ...(options.body === undefined
            ? {}
            : {
                'content-type': options.contentType ?? 'application/json',
                'content-length': Buffer.byteLength(options.body),
              }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', (error) => resolve({ status: null, body: '', error: error.message }))
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? null,
            body: Buffer.concat(chunks).toString('utf8'),
            error: null,
          }),
        )
      },
    )
    outgoing.on('error', (error) => resolve({ status: null, body: '', error: error.message }))
    outgoing.end(options.body)
  })
}
