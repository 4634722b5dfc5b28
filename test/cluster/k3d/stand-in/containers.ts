/** Life and death of the stand-in's containers: each is a process, and its power is that process. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type Container,
  freeAddress,
  logOf,
  newId,
  next,
  type Role,
  read,
  type State,
} from './state.ts'

export interface ContainerPlan {
  name: string
  image: string
  role: Role
  command: string[]
  labels: Record<string, string>
  mounts: { source: string; destination: string }[]
  network: string
  address?: string
  publishes: boolean
  published?: string
}

export function create(state: State, plan: ContainerPlan): Container {
  const { name, image, role, command, labels, mounts, network, publishes } = plan
  const published = publishes ? (plan.published ?? `127.0.0.1:${40_000 + next(state)}`) : null
  const container: Container = {
    ...{ id: newId(state), name, image, role, command, labels, mounts, network, published },
    ...{ running: false, paused: false, startedAt: '0001-01-01T00:00:00Z', pid: 0 },
    address: plan.address ?? null,
    fixed: plan.address !== undefined,
  }
  state.containers[name] = container
  return container
}

/** Gives it an address, another than before unless one was kept for it. */
export function start(state: State, container: Container): void {
  if (container.running) return
  if (!container.fixed || container.address === null) container.address = freeAddress(state)
  container.running = true
  container.startedAt = new Date().toISOString()
  const program = fileURLToPath(new URL(`./${programOf(container.role)}`, import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, CONTAINER: container.name, ADDRESS: container.address },
  })
  child.unref()
  container.pid = child.pid ?? 0
}

const programOf = (role: Role): string =>
  role === 'server' || role === 'agent' ? 'node.ts' : 'balancer.ts'

export function stop(container: Container): void {
  if (container.running) signal(container, 'SIGKILL')
  container.running = false
  container.paused = false
  container.pid = 0
  if (!container.fixed) container.address = null
}

export function freeze(container: Container, frozen: boolean): void {
  container.paused = frozen
  signal(container, frozen ? 'SIGSTOP' : 'SIGCONT')
}

export function remove(state: State, container: Container): void {
  stop(container)
  delete state.containers[container.name]
}

function signal({ pid }: Container, name: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, name)
  } catch {
    // It has ended already.
  }
}

export const find = (state: State, nameOrId: string): Container | undefined =>
  state.containers[nameOrId] ??
  Object.values(state.containers).find(({ id }) => nameOrId !== '' && id.startsWith(nameOrId))

/** Waits until the container has said so since its last start. */
export async function untilSays(name: string, text: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const since = read().containers[name]?.startedAt ?? ''
    if (logLines(name, since).some(({ line }) => line.includes(text))) return
    await pause(25)
  }
  throw new Error(`${name} never said '${text}'`)
}

export function logLines(name: string, since = ''): { at: string; line: string }[] {
  let text = ''
  try {
    text = readFileSync(logOf(name), 'utf8')
  } catch {
    // It has said nothing yet.
  }
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => ({
      at: each.slice(0, each.indexOf(' ')),
      line: each.slice(each.indexOf(' ') + 1),
    }))
    .filter(({ at }) => at >= since)
}
