/**
 * The monitoring of the drill's workload, run inside a pod: asks the page, and the report where
 * there is one, once a second, and serves the last answers. Nothing depends on it. Node's own
 * modules only: it is mounted beside the others.
 */
import { createServer, request } from 'node:http'
import { lookup } from './names.ts'

const everyMs = 1_000
const timeoutMs = 2_000

interface Look {
  at: string
  ok: boolean
  /** The status of the answer, or why there was none. */
  answer: string
}

const watched: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ page: process.env.PAGE_URL, report: process.env.REPORT_URL }).filter(
    (entry): entry is [string, string] => Boolean(entry[1]),
  ),
)
const last: Record<string, Look> = {}

function look(what: string, address: string): void {
  const url = new URL(address)
  const seen = (ok: boolean, answer: string) => {
    last[what] = { at: new Date().toISOString(), ok, answer }
  }
  const asking = request(
    {
      ...{ host: url.hostname, port: url.port, path: '/', agent: false, lookup },
      signal: AbortSignal.timeout(timeoutMs),
    },
    (incoming) => {
      seen(incoming.statusCode === 200, `HTTP ${incoming.statusCode}`)
      incoming.on('error', (error) => seen(false, error.message))
      incoming.resume()
    },
  )
  asking.on('error', (error) => seen(false, error.message))
  asking.end()
}

function lookAtAll(): void {
  for (const [what, address] of Object.entries(watched)) look(what, address)
}

const server = createServer((incoming, outgoing) => {
  if (incoming.url === '/healthz') outgoing.end('ok\n')
  else if (incoming.url === '/') {
    outgoing.writeHead(200, { 'content-type': 'application/json' })
    outgoing.end(`${JSON.stringify(last)}\n`)
  } else outgoing.writeHead(404).end()
})
server.listen(Number(process.env.PORT ?? 8080))
lookAtAll()
setInterval(lookAtAll, everyMs)
process.on('SIGTERM', () => process.exit(0))
