/**
 * The database of the drill's workload as its programs use it: Redis's protocol over one connection,
 * which is dropped after a silence, as a well-behaved client does. Mounted beside the programs;
 * Node's own modules only.
 */
import { connect, type Socket } from 'node:net'
import { lookup } from './names.ts'

const host = process.env.DATABASE_HOST ?? 'database'
const port = Number(process.env.DATABASE_PORT ?? 6379)
const answerTimeoutMs = 1_000

interface Waiting {
  resolve(reply: Answer): void
  reject(error: Error): void
}

/** Rejects where the database is silent for a second, or refuses. */
export class Database {
  #socket: Socket | null = null
  #waiting: Waiting[] = []
  #received = Buffer.alloc(0)

  command(...words: string[]): Promise<Answer> {
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

type Answer = string | string[] | number
type Reply = Answer | Error

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
