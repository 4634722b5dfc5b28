/**
 * The API of the drill's workload, run inside a pod. A save is acknowledged only when Redis has
 * answered, and Redis answers only when the number is on disk. Node's own modules only: it is
 * mounted beside the others.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Database } from './database.ts'

const database = new Database()

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://api')
  if (incoming.method === 'POST' && url.pathname === '/save') {
    const save = JSON.parse(await bodyOf(incoming)) as {
      run: string
      vantage: string
      number: number
    }
    await database.command('SADD', `saves:${save.run}`, `${save.vantage}:${save.number}`)
    outgoing.writeHead(201, { 'content-type': 'application/json' })
    outgoing.end(`${JSON.stringify({ saved: save.number })}\n`)
    return
  }
  if (incoming.method === 'GET' && url.pathname === '/saves') {
    const saves = await database.command('SMEMBERS', `saves:${url.searchParams.get('run') ?? ''}`)
    outgoing.writeHead(200, { 'content-type': 'application/json' })
    outgoing.end(`${JSON.stringify({ saves })}\n`)
    return
  }
  outgoing.writeHead(url.pathname === '/healthz' ? 200 : 404).end()
}

createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    if (!outgoing.headersSent) outgoing.writeHead(503, { 'content-type': 'application/json' })
    outgoing.end(`${JSON.stringify({ error: message })}\n`)
  })
}).listen(Number(process.env.PORT ?? 8080))
process.on('SIGTERM', () => process.exit(0))
