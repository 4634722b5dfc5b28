/**
 * The page of the drill's workload, run inside a pod. It answers `GET /` by itself and hands a
 * save to the API behind it, so that a lost database breaks saving but not the page. Node's own
 * modules only: it is mounted beside the others.
 */
import { createServer, request } from 'node:http'
import { lookup } from './names.ts'

const api = new URL(process.env.API_URL ?? 'http://api:8080')
/** Shorter than the prober's time-out for a save, so that the page answers with the cause. */
const apiTimeoutMs = 2_500

/**
 * Connections to the API leave from ports taken in turn: the node keeps an attempt to a dead pod in
 * its table for two minutes, and the next connection from the same port would be sent there again.
 */
const ports = { first: 10_000, last: 59_999 }
let port = ports.first
function nextPort(): number {
  port = port === ports.last ? ports.first : port + 1
  return port
}

const server = createServer((incoming, outgoing) => {
  if (incoming.method === 'GET' && incoming.url === '/') {
    outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    outgoing.end(`<!doctype html><title>Drill</title><p>Served by ${process.env.HOSTNAME}</p>\n`)
    return
  }
  if (incoming.method === 'GET' && incoming.url === '/healthz') {
    outgoing.end('ok\n')
    return
  }
  if (incoming.url === '/save' || incoming.url?.startsWith('/saves?')) {
    const inner = request(
      {
        host: api.hostname,
        port: api.port,
        path: incoming.url,
        method: incoming.method,
        headers: { 'content-type': 'application/json' },
        agent: false,
        localPort: nextPort(),
        lookup,
        signal: AbortSignal.timeout(apiTimeoutMs),
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' })
        answer.pipe(outgoing)
      },
    )
    inner.on('error', (error) => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502).end(`${JSON.stringify({ error: error.message })}\n`)
    })
    incoming.pipe(inner)
    return
  }
  outgoing.writeHead(404).end()
})

server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT ?? 8080))
process.on('SIGTERM', () => process.exit(0))
