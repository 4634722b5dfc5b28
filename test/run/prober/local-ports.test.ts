/** Ports in turn, and a port that somebody holds. */
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import type { Sample } from '../../../harness/model/vantage.ts'
import { LocalPorts } from '../../../harness/run/prober/local-ports.ts'
import { Probe } from '../../../harness/run/prober/probe.ts'

test('no port comes back before all others were used', () => {
  const ports = new LocalPorts(7)
  const first = ports.next()
  const seen = new Set([first])
  for (let port = ports.next(); port !== first; port = ports.next()) seen.add(port)
  expect(seen.size).toBe(50_000)
  expect(Math.min(...seen)).toBe(10_000)
  expect(Math.max(...seen)).toBe(59_999)
})

test('a probe leaves from the port in turn, and from the next one when that is taken', async () => {
  const from: number[] = []
  const server = http.createServer((request, response) => {
    from.push(request.socket.remotePort ?? 0)
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const taken = 21_000 + (process.pid % 5_000)
  const holder = net.createServer().listen(taken, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))

  const sample = await new Promise<Sample>((resolve) => {
    const probe = new Probe({
      vantage: {
        id: 'page',
        kind: 'page',
        through: 'a server of this test',
        throughNode: null,
        connection: 'new',
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        timeoutMs: 2_000,
        intervalMs: 50,
      },
      secureContext: null,
      serverName: null,
      runId: 'run',
      localPorts: new LocalPorts(taken - 10_000),
      nowMs: () => performance.now(),
      onSample: resolve,
    })
    probe.send(0)
  })
  expect(sample.error).toBeNull()
  expect(from).toHaveLength(1)
  expect(from[0]).toBeGreaterThan(taken)
  expect(from[0]).toBeLessThanOrEqual(taken + 20)
  server.close()
  holder.close()
})
