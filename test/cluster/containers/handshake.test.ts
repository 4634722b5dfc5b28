/** Who answers: a process that speaks TLS, a kernel that listens, or nobody. */
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { handshake, tcpAnswer } from '../../../harness/cluster/containers/handshake.ts'

/** A port on which a kernel takes connections, and nobody says a word. */
async function mute(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onTestFinished(() => {
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as { port: number }).port
}

it('a listening kernel answers TCP, and no TLS', async () => {
  const port = await mute()
  expect(await tcpAnswer('127.0.0.1', port)).toEqual({ answered: true, text: 'answers' })
  expect(await handshake('127.0.0.1', port)).toEqual({
    answered: false,
    text: 'is silent for 1000 ms',
  })
})

it('where nobody listens nobody answers', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const refused = { answered: false, text: 'does not answer (ECONNREFUSED)' }
  expect(await tcpAnswer('127.0.0.1', port)).toEqual(refused)
  expect(await handshake('127.0.0.1', port)).toEqual(refused)
})
