/**
 * The report of the drill's workload, run inside a pod: how many saves the database holds, counted
 * anew for each request, so that it fails with the database and with nothing else. Node's own
 * modules only: it is mounted beside the others.
 */
import { createServer, type ServerResponse } from 'node:http'
import { Database } from './database.ts'

const database = new Database()

async function countSaves(): Promise<number> {
  const runs = (await database.command('KEYS', 'saves:*')) as string[]
  const counts = await Promise.all(runs.map((run) => database.command('SCARD', run)))
  return counts.reduce<number>((sum, count) => sum + Number(count), 0)
}

async function answer(path: string | undefined, outgoing: ServerResponse): Promise<void> {
  if (path !== '/') {
    outgoing.writeHead(path === '/healthz' ? 200 : 404).end()
    return
  }
  const saves = await countSaves()
  outgoing.writeHead(200, { 'content-type': 'application/json' })
  outgoing.end(`${JSON.stringify({ saves })}\n`)
}

const server = createServer((incoming, outgoing) => {
  answer(incoming.url, outgoing).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    if (!outgoing.headersSent) outgoing.writeHead(503, { 'content-type': 'application/json' })
    outgoing.end(`${JSON.stringify({ error: message })}\n`)
  })
})
server.listen(Number(process.env.PORT ?? 8080))
process.on('SIGTERM', () => process.exit(0))
