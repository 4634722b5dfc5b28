/**
 * A few words of Redis's protocol on loopback: SADD, SMEMBERS, SCARD and KEYS, over sets in memory. It can be
 * told to hold its replies back, as a database whose disk is slow, or to say nothing at all.
 */
import type { Socket } from 'node:net'
import { accept } from '../../run/prober/loopback-server.ts'

export interface RedisStandIn extends AsyncDisposable {
  port: number
  sets: Map<string, Set<string>>
  /** Commands are carried out and replies kept back while this is true. */
  silent: boolean
  /** Sends what was kept back. */
  release(): void
}

export async function startRedis(): Promise<RedisStandIn> {
  const kept: (() => void)[] = []
  const server = await accept((socket: Socket) => {
    let received = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      received += text
      for (let words = takeCommand(); words; words = takeCommand()) {
        const reply = answer(words)
        if (state.silent) kept.push(() => socket.write(reply))
        else socket.write(reply)
      }
    })

    /** A whole command off the front of what was received; null while it is torn. */
    function takeCommand(): string[] | null {
      const lines = received.split('\r\n')
      const count = Number(lines[0]?.slice(1))
      const length = 1 + 2 * count
      if (!received.startsWith('*') || lines.length <= length) return null
      received = lines.slice(length).join('\r\n')
      return lines.slice(1, length).filter((_, index) => index % 2 === 1)
    }
  })

  const list = (words: readonly string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

  function answer([command, key = '', member = '']: string[]): string {
    if (command === 'KEYS') {
      const prefix = key.replace(/\*$/, '')
      return list([...state.sets.keys()].filter((name) => name.startsWith(prefix)))
    }
    const set = state.sets.get(key) ?? new Set()
    state.sets.set(key, set)
    if (command === 'SADD') {
      const before = set.size
      return `:${set.add(member).size - before}\r\n`
    }
    if (command === 'SMEMBERS') return list([...set])
    if (command === 'SCARD') return `:${set.size}\r\n`
    return '-ERR unknown command\r\n'
  }

  const state: RedisStandIn = {
    port: server.port,
    sets: new Map(),
    silent: false,
    release: () => {
      state.silent = false
      for (const send of kept.splice(0)) send()
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
  return state
}
