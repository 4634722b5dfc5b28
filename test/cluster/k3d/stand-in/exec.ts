/**
 * Commands inside a node: its clock, and containerd's client over the containers of the pods that
 * stand there.
 * A container that was killed is started again under another id a moment later, as a kubelet does.
 */
import { type ApiObject, type Container, change, read } from './state.ts'

/** As long as a kubelet takes to notice. */
const restartsAfterMs = 500

export interface PodContainer {
  name: string
  id: string
  startsAtMs: number
}

export const containersOf = (pod: ApiObject): PodContainer[] =>
  (pod.standIn as { containers: PodContainer[] } | undefined)?.containers ?? []

const podsOn = (objects: Record<string, ApiObject>, node: string) =>
  Object.values(objects).filter(
    (object) =>
      object.kind === 'Pod' &&
      (object.spec as { nodeName?: string } | undefined)?.nodeName === node,
  )

/** Gives the exit code. */
export function execInNode(node: Container, words: readonly string[]): number {
  const [file, ...args] = words
  if (file === 'date' && args.join(' ') === '+%s %N') {
    const now = Date.now()
    const nanoseconds = String((now % 1_000) * 1e6).padStart(9, '0')
    process.stdout.write(`${Math.floor(now / 1_000)} ${nanoseconds}\n`)
    return 0
  }
  if (file !== 'ctr') {
    process.stderr.write(`exec: "${file}": executable file not found in $PATH\n`)
    return 127
  }
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const now = Date.now()
  const standing = () =>
    podsOn(read().objects, node.name)
      .flatMap(containersOf)
      .filter(({ startsAtMs }) => startsAtMs <= now)
  const asked = args.slice(2).join(' ')
  if (asked.startsWith('containers ls -q ')) {
    const name = /container\.name"==(\S+)/.exec(asked)?.[1]
    for (const each of standing().filter((container) => container.name === name)) say(each.id)
    return 0
  }
  if (asked === 'tasks ls') {
    say('TASK                                                                PID      STATUS')
    for (const { id } of standing()) say(`${id}    4711     RUNNING`)
    return 0
  }
  if (asked.startsWith('tasks kill --signal SIGKILL ')) {
    change(({ objects, given }) => {
      for (const container of podsOn(objects, node.name).flatMap(containersOf)) {
        if (container.id !== args.at(-1)) continue
        container.id = `${given}`.padStart(8, '0') + container.id.slice(8)
        container.startsAtMs = now + restartsAfterMs
      }
    })
    return 0
  }
  process.stderr.write(`ctr: ${asked} is not known here\n`)
  return 1
}
