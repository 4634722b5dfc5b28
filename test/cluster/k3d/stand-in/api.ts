/**
 * What the stand-in's API server answers: the objects that were applied, nodes as their containers
 * stand and as the arguments of k3s say, and each kubelet's own account of its settings.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'
import { type ApiObject, type Container, change, read, type State } from './state.ts'

export async function answerFrom(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'https://api')
  const { pathname } = url
  const body = request.method === 'GET' ? null : await text(request)
  const give = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    return true
  }
  const configz = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/configz$/.exec(pathname)?.[1]
  if (configz !== undefined) return give(200, kubeletOf(read().containers[configz]))
  if (request.method === 'PATCH') {
    const found = change(({ objects }) => {
      const object = objects[pathname]
      return object ? merge(object, JSON.parse(body ?? '{}')) : null
    })
    return found ? give(200, found) : give(404, { kind: 'Status', code: 404 })
  }
  const state = read()
  const { place, kind, name } = partsOf(pathname)
  if (name !== null) {
    const object = objectsOf(state)[pathname]
    return object ? give(200, object) : give(404, { kind: 'Status', code: 404 })
  }
  const [label = '', value] = (url.searchParams.get('labelSelector') ?? '').split('=')
  const items = Object.entries(objectsOf(state))
    .filter(([path]) => {
      const of = partsOf(path)
      return of.kind === kind && (place === null || of.place === place)
    })
    .map(([, object]) => object)
    .filter(({ metadata }) => label === '' || metadata.labels?.[label] === value)
  return give(200, { metadata: { resourceVersion: '10' }, items })
}

/** `/apis/apps/v1/namespaces/front/deployments/page` → front, deployments, page. */
export function partsOf(path: string): { place: string | null; kind: string; name: string | null } {
  const [, , ...rest] = path
    .replace(/^\/apis\/[^/]+/, '/api')
    .split('/')
    .filter(Boolean)
  const [first = '', second, third = '', fourth] = rest
  return first === 'namespaces' && third !== ''
    ? { place: second ?? null, kind: third, name: fourth ?? null }
    : { place: null, kind: first, name: second ?? null }
}

function objectsOf(state: State): Record<string, ApiObject> {
  const nodes = Object.values(state.containers).filter(
    ({ role }) => role === 'server' || role === 'agent',
  )
  return {
    ...state.objects,
    ...Object.fromEntries(nodes.map((node) => [`/api/v1/nodes/${node.name}`, nodeOf(node)])),
  }
}

/** Values of a flag of k3s, as `--flag value` or `--flag=value`. */
const valuesOf = ({ command }: Container, flag: string): string[] =>
  command.flatMap((word, at) => {
    if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1)
    return command[at - 1] === flag ? word : []
  })

function nodeOf(container: Container): ApiObject {
  const { name, role, running, paused } = container
  const labels = Object.fromEntries(valuesOf(container, '--node-label').map(pairOf))
  const taints = valuesOf(container, '--node-taint').map((taint) => {
    const [key = '', effect] = taint.split(':')
    return { key, effect }
  })
  const ready = running && !paused ? 'True' : 'Unknown'
  return {
    metadata: {
      name,
      labels: {
        ...labels,
        ...(role === 'server' ? { 'node-role.kubernetes.io/control-plane': 'true' } : {}),
      },
    },
    spec: { taints },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

const pairOf = (label: string): [string, string] => {
  const at = label.indexOf('=')
  return [label.slice(0, at), label.slice(at + 1)]
}

/** From the file that the arguments of k3s name, over the defaults of a kubelet. */
function kubeletOf(container: Container | undefined): object {
  const defaults = { nodeStatusUpdateFrequency: '10s', nodeLeaseDurationSeconds: 40 }
  if (!container) return { kubeletconfig: defaults }
  const [argument = ''] = valuesOf(container, '--kubelet-arg')
  const inside = argument.replace(/^config=/, '')
  const mount = container.mounts.find(({ destination }) => inside.startsWith(`${destination}/`))
  if (!mount) return { kubeletconfig: defaults }
  const file = join(mount.source, inside.slice(mount.destination.length))
  return { kubeletconfig: { ...defaults, ...parse(readFileSync(file, 'utf8')) } }
}

/** JSON merge patch, RFC 7396, in place. */
function merge(into: Record<string, unknown>, patch: Record<string, unknown>): object {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete into[key]
    else if (typeof value === 'object' && !Array.isArray(value)) {
      const below = into[key]
      const base = typeof below === 'object' && below !== null ? below : {}
      into[key] = merge(base as Record<string, unknown>, value as Record<string, unknown>)
    } else into[key] = value
  }
  return into
}
