/**
 * The API of the drill's workload, run inside a pod. A save is acknowledged only when Redis has
 * answered, and Redis answers only when the number is on disk. Speaks Redis's protocol over one
 * connection and drops it after a silence, as a well-behaved client does. Node's own modules
 * only: it is mounted as one file.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { lookup } from './names.ts'

const host = process.env.DATABASE_HOST ?? 'database'
const port = Number(process.env.DATABASE_PORT ?? 6379)
const answerTimeoutMs = 1_000

interface Waiting {
  resolve(reply: string | string[] | number): void
  reject(error: Error): void
}

class Database {
  #socket: Socket | null = null
  #waiting: Waiting[] = []
  #received = Buffer.alloc(0)

  command(...words: string[]): Promise<string | string[] | number> {
    const socket = this.#connection()
    const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#drop(socket, new Error('the database is silent')),
        answerTimeoutMs,
      )
      this.#waiting.push({
        resolve: (reply) => {
          clearTimeout(timer)
          resolve(reply)
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      })
      socket.write(`*${words.length}\r\n${text}`)
    })
  }

  #connection(): Socket {
    if (this.#socket) return this.#socket
    const socket = connect({ host, port, noDelay: true, lookup })
    this.#socket = socket
    this.#received = Buffer.alloc(0)
    socket.on('data', (chunk) => this.#take(socket, chunk))
    socket.on('error', (error) => this.#drop(socket, error))
    socket.on('close', () => this.#drop(socket, new Error('the database closed the connection')))
    return socket
  }

  #drop(socket: Socket, error: Error): void {
    if (this.#socket !== socket) return
    this.#socket = null
    socket.destroy()
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }

  #take(socket: Socket, chunk: Buffer): void {
    if (this.#socket !== socket) return
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const parsed = parseReply(this.#received, 0)
      if (!parsed) return
      this.#received = this.#received.subarray(parsed.next)
      const waiting = this.#waiting.shift()
      if (parsed.reply instanceof Error) waiting?.reject(parsed.reply)
      else waiting?.resolve(parsed.reply)
    }
  }
}

type Reply = string | string[] | number | Error

/** Null while the reply is not there whole. */
function parseReply(bytes: Buffer, from: number): { reply: Reply; next: number } | null {
  const end = bytes.indexOf('\r\n', from)
  if (end < 0) return null
  const line = bytes.toString('utf8', from + 1, end)
  const next = end + 2
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { reply: line, next }
    case '-':
      return { reply: new Error(line), next }
    case ':':
      return { reply: Number(line), next }
    case '$': {
      const length = Number(line)
      if (length < 0) return { reply: '', next }
      if (bytes.length < next + length + 2) return null
      return { reply: bytes.toString('utf8', next, next + length), next: next + length + 2 }
    }
    case '*': {
      const items: string[] = []
      let at = next
      for (let index = 0; index < Number(line); index++) {
        const item = parseReply(bytes, at)
        if (!item) return null
        items.push(String(item.reply))
        at = item.next
      }
      return { reply: items, next: at }
    }
    default:
      return { reply: new Error('not a reply'), next: bytes.length }
  }
}

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
