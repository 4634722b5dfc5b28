/** A server on loopback that counts connections and answers as the test says. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import type { Leaf } from './certificates.ts'

export interface Seen {
  method: string
  url: string
  contentType: string | undefined
  body: string
  session: boolean
}

export interface LoopbackServer extends AsyncDisposable {
  port: number
  connections: number
  seen: Seen[]
}

type Answer = (response: http.ServerResponse, seen: Seen) => void

export async function serve(
  answer: Answer,
  options: { tls?: { leaf: Leaf; ca: string }; port?: number } = {},
): Promise<LoopbackServer> {
  const listener: http.RequestListener = (request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const socket = request.socket as import('node:tls').TLSSocket
      const seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        contentType: request.headers['content-type'],
        body,
        session: options.tls !== undefined && socket.isSessionReused(),
      }
      state.seen.push(seen)
      answer(response, seen)
    })
  }
  const server =
    options.tls === undefined
      ? http.createServer(listener)
      : https.createServer(
          { ...options.tls.leaf, ca: options.tls.ca, requestCert: true, rejectUnauthorized: true },
          listener,
        )
  const state: LoopbackServer = {
    port: 0,
    connections: 0,
    seen: [],
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  server.on('connection', () => {
    state.connections += 1
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  state.port = (server.address() as AddressInfo).port
  return state
}

/** Accepts connections and does as told with each, below HTTP. */
export async function accept(
  each: (socket: net.Socket) => void,
): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    each(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = await accept(() => {})
  await server[Symbol.asyncDispose]()
  return server.port
}
