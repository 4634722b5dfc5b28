/**
 * The load balancer's container: k3d's own, which says that it works and does nothing else, or
 * HAProxy, which reads the configuration that is mounted, forwards, logs its sessions and shows its
 * statistics.
 */
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { read, say } from './state.ts'

const name = process.env.CONTAINER ?? ''
const address = process.env.ADDRESS ?? ''
const container = read().containers[name]

interface Server {
  name: string
  host: string
  port: number
}

if (container?.role === 'haproxy') balance(container.mounts[0]?.source ?? '')
else {
  say(name, '2026/11/20 12:00:00 [notice] 12#12: start worker processes')
  setInterval(() => undefined, 60_000)
}

function balance(folder: string): void {
  const config = readFileSync(join(folder, 'haproxy.cfg'), 'utf8')
  const backends = new Map<string, Server[]>()
  for (const [, backend = '', body = ''] of config.matchAll(/^backend (\S+)\n((?: .*\n)*)/gm)) {
    const servers = [...body.matchAll(/^ +server (\S+) ([\d.]+):(\d+)/gm)].map(
      ([, server = '', host = '', port]) => ({ name: server, host, port: Number(port) }),
    )
    backends.set(backend, servers)
  }
  for (const [, frontend = '', body = ''] of config.matchAll(/^frontend (\S+)\n((?: .*\n)*)/gm)) {
    const port = Number(/bind \*:(\d+)/.exec(body)?.[1])
    const backend = /default_backend (\S+)/.exec(body)?.[1] ?? ''
    forward(port, frontend, backend, backends.get(backend) ?? [])
  }
  const statsPort = Number(/stats socket ipv4@\*:(\d+)/.exec(config)?.[1])
  createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(statistics(backends)))
  }).listen(statsPort, address)
}

function forward(port: number, frontend: string, backend: string, servers: Server[]): void {
  let turn = 0
  createServer((client) => {
    const server = servers[turn % servers.length]
    turn += 1
    if (!server) {
      client.destroy()
      return
    }
    const began = performance.now()
    const behind = connect({ host: server.host, port: server.port })
    client.on('error', () => behind.destroy())
    behind.on('error', () => client.destroy())
    behind.once('close', () => {
      const tookMs = Math.round(performance.now() - began)
      const place = `${frontend} ${backend}/${server.name}`
      say(name, `127.0.0.1:1 [20/Nov/2026:12:00:00.000] ${place} 1/0/${tookMs} 99 -- 1/1/0/0/0 0/0`)
    })
    client.pipe(behind).pipe(client)
  }).listen(port, address)
}

/** `show stat`: the proxy, its server, and the state in the eighteenth column. */
function statistics(backends: ReadonlyMap<string, Server[]>): string {
  const rows = [...backends].flatMap(([backend, servers]) =>
    [...servers.map((server) => server.name), 'BACKEND'].map((server) =>
      [backend, server, ...Array(15).fill('0'), 'UP'].join(','),
    ),
  )
  return `# pxname,svname,qcur\n${rows.join('\n')}\n`
}
