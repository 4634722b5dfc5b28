/** Which half of a node's subnet is led astray, what proves it, and how it is put right. */
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ContainerState } from '../../../harness/cluster/containers/engine.ts'
import { astrayRoute, judged, routeFault } from '../../../harness/cluster/containers/routes.ts'

const table = `default via 172.28.0.1 dev eth0
10.244.0.2 dev veth1f2 scope host
10.244.1.0/24 via 172.28.0.4 dev eth0
172.28.0.0/16 dev eth0 proto kernel scope link src 172.28.0.3
`

describe('the route that leads astray', () => {
  it('takes the half of the subnet in which load balancer and gateway lie', () => {
    expect(astrayRoute(table, '172.28.0.3', '172.28.0.9')).toEqual({
      route: 'unreachable 172.28.0.0/17 proto 211',
      shadows: '172.28.0.0/16 dev eth0 proto kernel scope link src 172.28.0.3',
      lost: '172.28.0.9',
    })
  })

  it('is that of document 004 on the addresses of document 004', () => {
    const documented = `default via 192.168.51.1 dev ens18 proto static
172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown
192.168.51.0/24 dev ens18 proto kernel scope link src 192.168.51.81`
    expect(astrayRoute(documented, '192.168.51.81', '192.168.51.80')).toMatchObject({
      route: 'unreachable 192.168.51.0/25 proto 211',
      shadows: '192.168.51.0/24 dev ens18 proto kernel scope link src 192.168.51.81',
    })
  })

  it('leaves the other half alone, whichever the gateway lies in', () => {
    const upper = table.replace('via 172.28.0.1', 'via 172.28.255.254')
    expect(astrayRoute(upper, '172.28.0.3', '172.28.200.9')).toMatchObject({
      route: 'unreachable 172.28.128.0/17 proto 211',
    })
  })

  it('is aimed at this machine where there is no load balancer', () => {
    expect(astrayRoute(table, '172.28.0.3', null)).toMatchObject({ lost: '172.28.0.1' })
  })

  it.each([
    ['two halves', table, '172.28.0.3', '172.28.200.9', 'lie in different halves'],
    ['no client', table.replace(/^default.*\n/, ''), '172.28.0.3', null, 'no default route'],
    ['no subnet of its own', table, '172.29.0.3', null, 'no route of it leads to its own subnet'],
    ['no table', '', '172.28.0.3', null, 'no default route'],
    ['a subnet of two', table.replace('0.0/16', '0.2/31'), '172.28.0.3', null, 'has no halves'],
  ])('cannot be found with %s', (_, routes, address, balancer, problem) => {
    expect(astrayRoute(routes, address, balancer)).toEqual({
      problem: expect.stringContaining(problem),
    })
  })
})

describe('the proof', () => {
  const silent = { answered: false, text: 'is silent for 1000 ms' }
  const answers = { answered: true, text: 'answers' }
  const way = '172.28.0.9 dev eth0 src 172.28.0.3 uid 0 \n    cache \n'
  const none = 'RTNETLINK answers: No route to host\n'
  it.each([
    [way, answers, 'well'],
    [none, silent, 'broken'],
    ['unreachable 172.28.0.9 dev lo proto 211', silent, 'broken'],
    [none, answers, 'unclear'],
    [way, silent, 'unclear'],
    ['', answers, 'well'],
  ])('%j and %j', (said, answer, state) => {
    expect(judged(said, '172.28.0.9', '172.28.0.3:6443', answer).state).toBe(state)
  })

  it('says both', () => {
    expect(judged(none, '172.28.0.9', '172.28.0.3:6443', silent).text).toBe(
      'its way to 172.28.0.9: RTNETLINK answers: No route to host; 172.28.0.3:6443 is silent for 1000 ms',
    )
  })
})

/** A node whose table is read, whose way is asked for, and to which routes are added. */
function nodeWith(routes: string, way: string) {
  const commands: string[] = []
  const engine = {
    inspect: async (): Promise<ContainerState | null> => null,
    docker: async (args: readonly string[]) => {
      const line = args.join(' ')
      commands.push(line)
      return line.includes('route show') ? routes : line.includes('route get') ? way : ''
    },
  }
  const node = { name: 'cp-1', container: 'c-1', id: 'i-1', address: '172.28.0.3' }
  const site = { engine, provider: 'kind', cluster: 'drill', node, port: 6443 } as const
  return { site: { ...site, balancer: '172.28.0.9' }, commands }
}

describe('the fault', () => {
  it('adds what its undo takes away, and tells the route', async () => {
    const { site, commands } = nodeWith(table, '')
    const handle = await routeFault(site)
    expect(handle.undo).toEqual({
      ...{ kind: 'route.restore', provider: 'kind', cluster: 'drill', node: 'cp-1' },
      ...{ container: 'c-1', route: 'unreachable 172.28.0.0/17 proto 211' },
    })
    await handle.inject()
    expect(commands).toEqual([
      'exec c-1 sh -c ip -4 route show',
      'exec c-1 ip route add unreachable 172.28.0.0/17 proto 211',
    ])
    expect(await handle.facts?.()).toEqual({
      route: 'unreachable 172.28.0.0/17',
      shadows: '172.28.0.0/16 dev eth0 proto kernel scope link src 172.28.0.3',
    })
  })

  it('is looked for in the node and from outside it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => {
      server.close()
    })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const local = table.replaceAll('172.28.0.3', '127.0.0.1').replaceAll('172.28.', '127.0.')
    const { site, commands } = nodeWith(local, '127.0.0.9 dev eth0 src 127.0.0.1')
    const node = { ...site.node, address: '127.0.0.1' }
    const handle = await routeFault({ ...site, node, balancer: '127.0.0.9', port })
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: `its way to 127.0.0.9: 127.0.0.9 dev eth0 src 127.0.0.1; 127.0.0.1:${port} answers`,
    })
    expect(commands.at(-1)).toBe('exec c-1 sh -c ip route get 127.0.0.9 2>&1 || true')
  })

  it('is refused where no half can be found', async () => {
    const { site } = nodeWith('', '')
    await expect(routeFault(site)).rejects.toMatchObject({
      what: 'cp-1: it has no default route, so no client is known',
      changed: 'nothing was broken',
      exitCode: 2,
    })
  })
})
