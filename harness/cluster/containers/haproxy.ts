/**
 * HAProxy as the documents configure it, and what it writes to its log. The configuration is made
 * from the topology's load balancer; DOWN and UP lines become events. Pure.
 */
import type { LoadBalancer } from '../../model/topology.ts'

export interface Backend {
  /** Topology name of the control plane; HAProxy calls the server so. */
  name: string
  address: string
}

/** A second statistics socket, read-only and by TCP, through which the harness asks. */
export const statsPort = 9998

/**
 * The document's `log /dev/log` becomes the container's standard output, and `maxconn` is
 * said because containers may have a low limit of descriptors.
 */
export function haproxyConfig(balancer: LoadBalancer, backends: readonly Backend[]): string {
  const tls = balancer.check.kind === 'tls' ? ' check-ssl verify none' : ''
  const { others = [], statsPagePort } = balancer
  const { tunnelMs } = balancer.timeouts
  const ports = [
    { ...balancer, serverPort: 6443 },
    ...others.map((other) => ({ ...other, serverPort: other.port })),
  ]
  const timing = `inter ${balancer.check.intervalMs}ms fall ${balancer.check.fall} rise ${balancer.check.rise}`
  return `global
    log stdout format raw local0
    stats socket /run/haproxy/admin.sock mode 660 level admin
    stats socket ipv4@*:${statsPort} level user
    stats timeout 30s
    maxconn 4000

defaults
    log global
    mode tcp
    option tcplog
    option dontlognull
    retries ${balancer.retries}
    timeout connect ${balancer.timeouts.connectMs}ms
    timeout client ${balancer.timeouts.clientMs}ms
    timeout server ${balancer.timeouts.serverMs}ms${tunnelMs === undefined ? '' : `\n    timeout tunnel ${tunnelMs}ms`}
${ports
  .map(
    ({ frontend, backend, port, serverPort }) => `
frontend ${frontend}
    bind *:${port}
    default_backend ${backend}

backend ${backend}
    balance ${balancer.balance}
    default-server ${timing}
${backends.map(({ name, address }) => `    server ${name} ${address}:${serverPort} check${tls}`).join('\n')}
`,
  )
  .join('')}${
  statsPagePort === undefined
    ? ''
    : `
listen stats
    bind *:${statsPagePort}
    mode http
    option httplog
    stats enable
    stats uri /
`
}`
}

/** HAProxy's answer to `show stat`: server → UP, DOWN, `UP 1/2` … of one backend. */
export function parseStates(csv: string, backend: string): Map<string, string> {
  const states = new Map<string, string>()
  for (const line of csv.split('\n')) {
    const cells = line.split(',')
    const [proxy, server] = cells
    const status = cells[17]
    if (proxy === backend && server && server !== 'BACKEND' && status) states.set(server, status)
  }
  return states
}

export type LogLine =
  | { kind: 'down' | 'up'; backend: string; server: string; reason: string }
  | { kind: 'empty'; backend: string }
  | { kind: 'session'; backend: string; server: string; totalMs: number }

const stateLine = /Server (\S+)\/(\S+) is (DOWN|UP), reason: (.+?)(?:\. \d+ active| *$)/
/** The warning quotes the name, the log line does not. */
const emptyLine = /backend '?([^\s']+)'? has no server available/
/** tcplog: `client [date] frontend backend/server Tw/Tc/Tt bytes …`; Tc -1: reached no server. */
const sessionLine = /\] \S+ (\S+)\/(\S+) (-?\d+)\/(-?\d+)\/\+?(\d+) /

/** Null for a line that says nothing of interest. */
export function parseLogLine(line: string): LogLine | null {
  const state = stateLine.exec(line)
  if (state) {
    const [, backend = '', server = '', to, reason = ''] = state
    return { kind: to === 'DOWN' ? 'down' : 'up', backend, server, reason }
  }
  const empty = emptyLine.exec(line)
  if (empty) return { kind: 'empty', backend: empty[1] ?? '' }
  const session = sessionLine.exec(line)
  if (session && Number(session[4]) >= 0) {
    const [, backend = '', server = '', , , total] = session
    return { kind: 'session', backend, server, totalMs: Number(total) }
  }
  return null
}
