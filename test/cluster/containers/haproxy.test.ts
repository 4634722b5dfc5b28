/** HAProxy's configuration against the document, and its own log lines. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  haproxyConfig,
  parseLogLine,
  parseStates,
} from '../../../harness/cluster/containers/haproxy.ts'
import type { LoadBalancer } from '../../../harness/model/topology.ts'
import { k0sThreeZones } from '../../../topologies/k0s-three-zones.ts'
import { kubeadmStacked } from '../../../topologies/kubeadm-stacked.ts'

const balancer = kubeadmStacked.loadBalancer as LoadBalancer
const backends = [
  { name: 'cka-cp-1', address: '172.28.0.2' },
  { name: 'cka-cp-2', address: '172.28.0.3' },
  { name: 'cka-cp-3', address: '172.28.0.4' },
]

/** The lines of one section, without their indentation. */
function section(config: string, head: string): string[] {
  const lines = config.split('\n')
  const from = lines.indexOf(head) + 1
  const length = lines.slice(from).indexOf('')
  return lines.slice(from, from + length).map((line) => line.trim())
}

describe("the document's configuration", () => {
  const config = haproxyConfig(balancer, backends)

  it('passes connections through, with the documented times', () => {
    expect(section(config, 'defaults')).toEqual([
      'log global',
      'mode tcp',
      'option tcplog',
      'option dontlognull',
      'retries 3',
      'timeout connect 5000ms',
      'timeout client 50000ms',
      'timeout server 50000ms',
    ])
  })

  it('takes turns between the checked control planes', () => {
    expect(section(config, 'frontend k8sVip')).toEqual([
      'bind *:6443',
      'default_backend k8sServers',
    ])
    expect(section(config, 'backend k8sServers')).toEqual([
      'balance roundrobin',
      'default-server inter 2000ms fall 3 rise 2',
      'server cka-cp-1 172.28.0.2:6443 check',
      'server cka-cp-2 172.28.0.3:6443 check',
      'server cka-cp-3 172.28.0.4:6443 check',
    ])
  })

  it('forwards every port of document 002, and shows its statistics', () => {
    const three = haproxyConfig(k0sThreeZones.loadBalancer as LoadBalancer, [
      { name: 'k0s-ch-sion-1', address: '172.28.0.2' },
    ])
    expect(section(three, 'defaults').slice(-4)).toEqual([
      'timeout connect 10000ms',
      'timeout client 86400000ms',
      'timeout server 86400000ms',
      'timeout tunnel 86400000ms',
    ])
    for (const [frontend, port] of [
      ['kubeAPI', 6443],
      ['konnectivity', 8132],
      ['controllerJoinAPI', 9443],
    ]) {
      expect(section(three, `frontend ${frontend}`)).toEqual([
        `bind *:${port}`,
        `default_backend ${frontend}_backend`,
      ])
      expect(section(three, `backend ${frontend}_backend`)).toEqual([
        'balance leastconn',
        'default-server inter 2000ms fall 3 rise 2',
        `server k0s-ch-sion-1 172.28.0.2:${port} check check-ssl verify none`,
      ])
    }
    expect(section(three, 'listen stats')).toEqual([
      'bind *:9000',
      'mode http',
      'option httplog',
      'stats enable',
      'stats uri /',
    ])
  })

  it('checks by a TLS handshake where the document asks for one', () => {
    const tls = haproxyConfig({ ...balancer, check: { ...balancer.check, kind: 'tls' } }, backends)
    expect(tls).toContain('server cka-cp-1 172.28.0.2:6443 check check-ssl verify none\n')
  })

  const installed = spawnSync('haproxy', ['-v']).status === 0
  it.skipIf(!installed)('is accepted by the HAProxy of this machine (skipped without one)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterdrill-haproxy-'))
    try {
      const file = join(folder, 'haproxy.cfg')
      writeFileSync(file, config)
      expect(() => execFileSync('haproxy', ['-c', '-f', file], { stdio: 'pipe' })).not.toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const backend = 'k8sServers'
const left =
  '2 active and 0 backup servers left. 1 sessions active, 0 requeued, 0 remaining in queue.'
const refused = 'Layer4 connection problem, info: "Connection refused", check duration: 0ms'

describe('a log line', () => {
  it.each([
    [
      `Server k8sServers/cka-cp-1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. ${left}`,
      'down',
      'Layer4 timeout, check duration: 2001ms',
    ],
    [`Server k8sServers/cka-cp-1 is DOWN, reason: ${refused}. ${left}`, 'down', refused],
    [
      `[WARNING]  (8) : Server k8sServers/cka-cp-1 is DOWN, reason: ${refused}. ${left}`,
      'down',
      refused,
    ],
    [
      'Server k8sServers/cka-cp-1 is UP, reason: Layer4 check passed, check duration: 0ms. 3 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
      'up',
      'Layer4 check passed, check duration: 0ms',
    ],
    [
      'Server k8sServers/cka-cp-1 is DOWN, reason: Layer6 invalid response, info: "SSL handshake failure", check duration: 3ms',
      'down',
      'Layer6 invalid response, info: "SSL handshake failure", check duration: 3ms',
    ],
  ])('says of a server: %s', (line, kind, reason) => {
    expect(parseLogLine(line)).toEqual({ kind, backend, server: 'cka-cp-1', reason })
  })

  it.each([
    'backend k8sServers has no server available!',
    "[ALERT]    (8) : backend 'k8sServers' has no server available!",
  ])('says that none is left: %s', (line) => {
    expect(parseLogLine(line)).toEqual({ kind: 'empty', backend })
  })

  it.each([
    ['k8sVip k8sServers/cka-cp-2 1/0/5012 21230 -- 14/14/13/4/0 0/0', 'cka-cp-2', 5_012],
    ['k8sVip k8sServers/cka-cp-3 1/3001/+8012 0 sD 14/14/13/4/+1 0/0', 'cka-cp-3', 8_012],
  ])('tells of a session that ended: %s', (rest, server, totalMs) => {
    const line = `172.28.0.5:40312 [06/Aug/2026:12:14:14.655] ${rest}`
    expect(parseLogLine(line)).toEqual({ kind: 'session', backend, server, totalMs })
  })

  it.each([
    '',
    '[NOTICE]   (1) : New worker (8) forked',
    '[NOTICE]   (1) : Loading success.',
    'Proxy k8sVip started.',
    '172.28.0.5:40312 [06/Aug/2026:12:14:14.655] k8sVip k8sServers/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0',
    '172.28.0.5:40312 [06/Aug/2026:12:14:14.655] k8sVip k8sServers/cka-cp-1 1/-1/20003 0 sC 1/1/0/0/3 0/0',
    '172.28.0.5:40312 [06/Aug/2026:12:14:14.655] k8sVip/1: SSL handshake failure',
  ])('may say nothing of interest: %j', (line) => {
    expect(parseLogLine(line)).toBeNull()
  })
})

describe('the answer to `show stat`', () => {
  const row = (backend: string, server: string, status: string) =>
    [backend, server, ...Array<string>(15).fill('0'), status, '1'].join(',')
  const csv = [
    '# pxname,svname,qcur',
    row('k8sVip', 'FRONTEND', 'OPEN'),
    row('k8sServers', 'cka-cp-1', 'UP'),
    row('k8sServers', 'cka-cp-2', 'UP 1/3'),
    row('k8sServers', 'cka-cp-3', 'DOWN'),
    row('k8sServers', 'BACKEND', 'UP'),
    row('other', 'cka-cp-9', 'UP'),
    '',
  ].join('\n')

  it('gives the state of each server of the backend, and of nothing else', () => {
    expect([...parseStates(csv, 'k8sServers')]).toEqual([
      ['cka-cp-1', 'UP'],
      ['cka-cp-2', 'UP 1/3'],
      ['cka-cp-3', 'DOWN'],
    ])
    expect(parseStates('', 'k8sServers').size).toBe(0)
  })
})
