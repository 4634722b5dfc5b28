/**
 * Does somebody answer at an address? Asked from this machine, by means that the container engine
 * has no part in, so that a receipt rests on more than the engine's word. Nothing is sent and
 * nobody is trusted.
 */
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A machine on the same segment answers within a few milliseconds; a silent one never does. */
const silenceMs = 1_000

export interface Answer {
  answered: boolean
  /** For a receipt: `answers`, `is silent for 1000 ms`, `does not answer (ECONNREFUSED)`. */
  text: string
}

/** Whether somebody speaks TLS there: a process that works, not only a kernel that listens. */
export const handshake = (host: string, port: number): Promise<Answer> =>
  answerOf(
    connectTls({ host, port, rejectUnauthorized: false, timeout: silenceMs }),
    'secureConnect',
  )

/** Whether a TCP connection can be made. */
export const tcpAnswer = (host: string, port: number): Promise<Answer> =>
  answerOf(connect({ host, port, timeout: silenceMs }), 'connect')

interface Connecting {
  once(event: string, listener: (error: NodeJS.ErrnoException) => void): unknown
  destroy(): unknown
}

function answerOf(socket: Connecting, done: 'connect' | 'secureConnect'): Promise<Answer> {
  return new Promise((resolve) => {
    const end = (answered: boolean, text: string) => {
      socket.destroy()
      resolve({ answered, text })
    }
    socket.once(done, () => end(true, 'answers'))
    socket.once('timeout', () => end(false, `is silent for ${silenceMs} ms`))
    socket.once('error', (error) => end(false, `does not answer (${error.code ?? error.message})`))
  })
}
