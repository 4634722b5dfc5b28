/**
 * As much of an API server as a watch needs, on loopback with TLS: lists, watch streams and the
 * ping, over objects that the test puts in place. Client and server know each other by one
 * throw-away authority, of this process unless another is given.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ApiAccess } from '../../../harness/cluster/kubernetes/api.ts'
import { makeAuthority } from '../../run/prober/certificates.ts'

const authority = makeAuthority()
const leaf = authority.issue('kubernetes')
export const access: ApiAccess = {
  kubeconfig: 'kubeconfig',
  credentials: { ca: authority.ca, ...authority.issue('client'), serverName: 'kubernetes' },
}

/** What a server shows, and by whom it knows its clients; PEM text. */
export interface ServerMaterial {
  cert: string
  key: string
  ca: string
}

/** Answers a request that is no watch; false leaves it to the lists. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

export interface Item {
  metadata: { name: string; uid: string; resourceVersion: string }
}

export class ApiServerStandIn implements AsyncDisposable {
  /** What is listed, by the last part of the path, or by namespace and it: `nodes`, `front/pods` … */
  items: Record<string, Item[]> = {}
  listVersion = '10'
  /** Answers to lists wait for it, after what they hold was read. */
  hold: Promise<void> = Promise.resolve()
  lists = 0
  readonly paths: string[] = []
  readonly #streams = new Map<string, Set<ServerResponse>>()
  readonly #server: Server

  constructor(
    material: ServerMaterial = { ...leaf, ca: authority.ca },
    answer: Answer = async () => false,
  ) {
    this.#server = createServer({ ...material, requestCert: true }, async (request, response) => {
      const url = new URL(request.url ?? '/', 'https://api')
      const [namespace, kind = ''] = url.pathname.split('/').slice(-2)
      if (kind !== 'ping') this.paths.push(url.pathname)
      const both = `${namespace}/${kind}`
      if (kind === 'ping') response.end('ok')
      else if (url.searchParams.has('watch')) this.#open([kind, both], response)
      else if (!(await answer(request, response))) {
        await this.#list(this.items[both] ?? this.items[kind] ?? [], response)
      }
    })
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async listen(port = 0, address = '127.0.0.1'): Promise<this> {
    this.#server.listen(port, address)
    await once(this.#server, 'listening')
    return this
  }

  watchers(kind: string): number {
    return this.#streams.get(kind)?.size ?? 0
  }

  tell(kind: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Item): void {
    const line = `${JSON.stringify({ type, object })}\n`
    for (const stream of this.#streams.get(kind) ?? []) stream.write(line)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #list(items: readonly Item[], response: ServerResponse): Promise<void> {
    this.lists += 1
    const list = { metadata: { resourceVersion: this.listVersion }, items }
    const text = JSON.stringify(list)
    await this.hold
    response.end(text)
  }

  #open(kinds: readonly string[], response: ServerResponse): void {
    for (const kind of kinds) {
      const streams = this.#streams.get(kind) ?? new Set()
      this.#streams.set(kind, streams.add(response))
      response.on('close', () => streams.delete(response))
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
  }
}
