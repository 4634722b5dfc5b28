/**
 * `docker` as far as the harness uses it, with the words and the output formats of the real one
 * (28.2). Refuses every command that it does not know, so that a new one cannot pass unseen.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { create, find, freeze, logLines, remove, start, stop } from './containers.ts'
import { execInNode } from './exec.ts'
import { type Container, change, fail, newId, read, record, type State } from './state.ts'

const words = process.argv.slice(2)
record('docker', words)

const [first = '', second = ''] = words
const command = ['container', 'network', 'volume'].includes(first) ? `${first} ${second}` : first
const rest = words.slice(command === first ? 1 : 2)
const option = (name: string): string | undefined => {
  const at = rest.indexOf(name)
  return at < 0 ? undefined : rest[at + 1]
}
const every = (name: string): string[] =>
  rest.flatMap((word, at) => (rest[at - 1] === name ? [word] : []))
const last = rest.at(-1) ?? ''
const say = (line: string) => process.stdout.write(`${line}\n`)
const noSuch = (name: string) => `Error response from daemon: No such container: ${name}`

function labelled(labels: Record<string, string>): boolean {
  const [key = '', value] = (option('--filter') ?? '').replace(/^label=/, '').split('=')
  return labels[key] !== undefined && (value === undefined || labels[key] === value)
}

/** Changes one container, which must be there. */
function on(name: string, how: (container: Container, state: State) => void): void {
  change((state) => {
    const container = find(state, name)
    if (container) how(container, state)
    return container
  }) ?? fail(noSuch(name))
}

const mounts = () =>
  every('--volume').map((each) => {
    const [source = '', destination = ''] = each.split(':')
    return { source, destination }
  })

const commands: Record<string, () => void | Promise<void>> = {
  ps: () => {
    for (const container of Object.values(read().containers)) {
      if (!labelled(container.labels)) continue
      say(option('--format') === '{{.Names}}' ? container.name : container.id.slice(0, 12))
    }
  },
  'container inspect': () => {
    const container = find(read(), last)
    say(JSON.stringify(container ? [inspected(container)] : []))
    if (!container) fail(noSuch(last))
  },
  'network ls': () => {
    for (const { id } of Object.values(read().networks)) say(id)
  },
  'network inspect': () => {
    const { networks, containers } = read()
    const named = Object.entries(networks).filter(([, { id }]) => rest.includes(id))
    say(
      JSON.stringify(
        named.map(([name, { id, subnet, labels }]) => ({
          ...{ Name: name, Id: id, Labels: labels },
          IPAM: { Driver: 'default', Options: {}, Config: [{ Subnet: subnet }] },
          Containers: Object.fromEntries(
            Object.values(containers)
              .filter((each) => each.running && each.network === name)
              .map((each) => [each.id, { Name: each.name, IPv4Address: `${each.address}/16` }]),
          ),
        })),
      ),
    )
  },
  'network create': () => {
    const labels = Object.fromEntries(every('--label').map((each) => each.split('=')))
    change((state) => {
      state.networks[last] = { id: newId(state), subnet: option('--subnet') ?? '', labels }
    })
    say(read().networks[last]?.id ?? '')
  },
  'network rm': () => {
    const used = Object.values(read().containers).some((each) => each.network === last)
    if (used)
      fail(`Error response from daemon: error while removing network: ${last} has active endpoints`)
    change((state) => delete state.networks[last])
    say(last)
  },
  'network disconnect': () => {
    on(last, (container) => {
      if (container.network !== rest.at(-2)) {
        fail(`Error response from daemon: container ${last} is not connected to the network`)
      }
      container.network = null
      container.address = null
      container.fixed = false
    })
  },
  'network connect': () => {
    on(last, (container, { networks }) => {
      const network = rest.at(-2) ?? ''
      if (!networks[network]) fail(`Error response from daemon: network ${network} not found`)
      container.network = network
      container.address = option('--ip') ?? null
      container.fixed = option('--ip') !== undefined
    })
  },
  port: () => {
    const container = find(read(), rest[0] ?? '')
    if (!container?.published) fail(`Error: No public port '${last}' published for ${rest[0]}`)
    say(container?.published ?? '')
  },
  run: () => {
    const image = rest.findIndex((word, at) => rest[at - 2] === '--entrypoint' && word !== '')
    const container = change((state) => {
      const made = create(state, {
        name: option('--name') ?? '',
        image: rest[image] ?? '',
        role: 'haproxy',
        command: rest.slice(image + 1),
        labels: Object.fromEntries(every('--label').map((each) => each.split('='))),
        mounts: mounts(),
        network: option('--network') ?? '',
        address: option('--ip') ?? '',
        publishes: option('--publish') !== undefined,
        published: (option('--publish') ?? '').replace(/:6443\/tcp$/, ''),
      })
      start(state, made)
      return made
    })
    say(container.id)
  },
  rm: () => {
    const names = rest.filter((word) => !word.startsWith('--'))
    change((state) => {
      for (const name of names) {
        const container = find(state, name)
        if (container) remove(state, container)
      }
    })
    for (const name of names) say(name)
  },
  kill: () => {
    if (find(read(), last)?.running === false) {
      fail(`Error response from daemon: cannot kill container: ${last}: container is not running`)
    }
    on(last, stop)
    say(last)
  },
  stop: () => {
    on(last, stop)
    say(last)
  },
  start: () => {
    on(last, (container, state) => start(state, container))
    say(last)
  },
  pause: () => {
    on(last, (container) => freeze(container, true))
    say(last)
  },
  unpause: () => {
    on(last, (container) => freeze(container, false))
    say(last)
  },
  logs: async () => {
    const container = find(read(), last)
    if (!container) return fail(noSuch(last))
    // What k3s says goes to the one stream, what HAProxy says to the other.
    const stream = container.role === 'haproxy' ? process.stdout : process.stderr
    const stamp = rest.includes('--timestamps')
    const print = ({ at, line }: { at: string; line: string }) =>
      stream.write(`${stamp ? `${at} ` : ''}${line}\n`)
    const lines = logLines(last, option('--since'))
    const tail = option('--tail')
    for (const each of tail === undefined ? lines : lines.slice(lines.length - Number(tail))) {
      print(each)
    }
    for (let told = lines.length; rest.includes('--follow') && find(read(), last)?.running; ) {
      await pause(50)
      const now = logLines(last)
      for (const each of now.slice(told)) print(each)
      told = now.length
    }
  },
  exec: () => {
    const container = find(read(), rest[0] ?? '')
    if (!container) return fail(noSuch(rest[0] ?? ''))
    if (!container.running)
      fail(`Error response from daemon: container ${container.id} is not running`)
    process.exitCode = execInNode(container, rest.slice(1))
  },
  events: async () => {
    await new Promise((resolve) => setTimeout(resolve, 3_600_000))
  },
  'volume ls': () => {
    for (const [name, { labels }] of Object.entries(read().volumes)) {
      if (labelled(labels)) say(name)
    }
  },
  'volume rm': () => {
    change((state) => {
      for (const name of rest) delete state.volumes[name]
    })
    for (const name of rest) say(name)
  },
}

function inspected(container: Container) {
  const { id, name, image, command, labels, running, paused, pid, startedAt, address } = container
  const status = paused ? 'paused' : running ? 'running' : 'exited'
  return {
    ...{ Id: id, Name: `/${name}`, Args: command },
    State: { Status: status, Running: running, Paused: paused, Pid: pid, StartedAt: startedAt },
    Config: { Labels: labels, Image: image },
    Mounts: container.mounts.map(({ source, destination }) => ({
      ...{ Type: 'bind', Source: source, Destination: destination },
    })),
    NetworkSettings: {
      Networks:
        container.network === null
          ? {}
          : {
              [container.network]: {
                IPAddress: running ? address : '',
                MacAddress: running ? '02:42:7f:1c:00:02' : '',
                IPAMConfig: container.fixed ? { IPv4Address: address } : null,
              },
            },
    },
  }
}

const run = commands[command]
if (!run) fail(`docker: '${command}' is not a docker command.`, 125)
await run?.()
