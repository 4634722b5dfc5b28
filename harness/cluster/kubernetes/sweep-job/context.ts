/**
 * The API of a cluster that somebody else runs, by one context of a kubeconfig. Only the context
 * that is named is ever used, never the current one; whatever way of signing in it has is the
 * client library's affair. A request ends soon, and gives an answer in any case.
 */
import { request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestTls } from 'node:https'
import { dirname } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { messageOf } from '../../../model/errors.ts'
import type { ApiAnswer } from '../api.ts'

export interface ContextApi {
  /** Its name. */
  readonly context: string
  /** Its own, where it has one. */
  readonly namespace: string | null
  /** Never rejects. `body` is sent as JSON; an answer of more than `bytesMax` is none. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, asked?: Asked): Promise<ApiAnswer>
}

export interface Asked {
  body?: object
  timeoutMs?: number
  bytesMax?: number
}

const answerWithinMs = 15_000
const answerBytesMax = 32 * 1024 * 1024

/** `file` is where the text was read, for its relative paths and for messages. */
export function readContext(
  text: string,
  file: string,
  context: string,
): { api: ContextApi } | { problem: string } {
  const config = new KubeConfig()
  try {
    config.loadFromString(text)
  } catch (error) {
    return { problem: `${file}: it is no kubeconfig: ${messageOf(error)}` }
  }
  const found = config.getContexts().find(({ name }) => name === context)
  if (!found) {
    const names = config.getContexts().map(({ name }) => name)
    return { problem: `--context ${context}: ${file} has ${names.join(', ') || 'none'}` }
  }
  config.setCurrentContext(context)
  config.makePathsAbsolute(dirname(file))
  const cluster = config.getCurrentCluster()
  if (!cluster || !URL.canParse(cluster.server) || !config.getCurrentUser()) {
    return { problem: `--context ${context}: it lacks its cluster, its address or its user` }
  }
  const server = cluster.server.replace(/\/+$/, '')
  return {
    api: {
      context,
      namespace: found.namespace ?? null,
      ask: async (method, path, asked = {}) => {
        try {
          return await answerOf(config, new URL(`${server}${path}`), method, asked)
        } catch (error) {
          return { status: null, body: '', error: messageOf(error) }
        }
      },
    },
  }
}

async function answerOf(
  config: KubeConfig,
  url: URL,
  method: string,
  { body, timeoutMs = answerWithinMs, bytesMax = answerBytesMax }: Asked,
): Promise<ApiAnswer> {
  const text = body && JSON.stringify(body)
  const options: RequestOptions = {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      accept: '*/*',
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
  }
  await config.applyToHTTPSOptions(options)
  const request = url.protocol === 'http:' ? requestPlain : requestTls
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = []
      let bytes = 0
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > bytesMax) incoming.destroy(new Error(`more than ${bytesMax} bytes`))
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        const status = incoming.statusCode ?? null
        resolve({ status, body: Buffer.concat(chunks).toString('utf8'), error: null })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}
