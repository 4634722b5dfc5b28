/**
 * As much of a cluster as an Indexed Job needs, on loopback: each index is a process that runs what
 * the Job's container names, and its output is the pod's log. Says what it was asked, and can lose
 * pods.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { V1Job, V1Pod } from '@kubernetes/client-node'

const root = resolve(import.meta.dirname, '../..')

export class JobStandIn implements AsyncDisposable {
  /** Method and path, without looks. */
  readonly asked: string[] = []
  /** The first pod of that index is killed. */
  loses: number | null = null
  /** The pod of that index never starts. */
  waits: number | null = null
  /** Changes what the first pod's log says. */
  log: (text: string) => string = (said) => said
  #job: V1Job | null = null
  #pods: V1Pod[] = []
  readonly #logs = new Map<string, string>()
  readonly #server: Server

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://api')
      const { method = '' } = request
      if (method !== 'GET') this.asked.push(`${method} ${pathname}`)
      const body = await text(request)
      if (method === 'POST') this.#make(JSON.parse(body) as V1Job)
      if (method === 'DELETE') this.#job = null
      const [, pod] = /\/pods\/([^/]+)\/log$/.exec(pathname) ?? []
      const items = pathname.endsWith('/pods') ? this.#pods : this.#job ? [this.#job] : []
      response.writeHead(method === 'POST' ? 201 : 200)
      if (pathname === '/version') response.end('{"major":"1","minor":"34"}')
      else response.end(pod ? this.#logs.get(pod) : JSON.stringify({ items }))
    })
  }

  /** Writes a kubeconfig whose context `here` is this; the current one is nobody's. */
  async listen(folder: string): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }
    const nobody = { server: 'http://127.0.0.1:9', 'insecure-skip-tls-verify': true }
    const config = {
      'current-context': 'other',
      contexts: ['here', 'other'].map((name) => ({ name, context: { cluster: name, user: 'u' } })),
      clusters: [
        { name: 'here', cluster },
        { name: 'other', cluster: nobody },
      ],
      users: [{ name: 'u', user: { token: 't' } }],
    }
    writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(config))
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #make(job: V1Job): void {
    this.#job = { ...job, metadata: { ...job.metadata, uid: 'u1' } }
    this.#pods = []
    for (let index = 0; index < (job.spec?.completions ?? 0); index += 1) {
      void this.#play(job, index, index === this.loses)
    }
  }

  async #play(job: V1Job, index: number, lost: boolean): Promise<void> {
    const [container] = job.spec?.template.spec?.containers ?? []
    const [, ...command] = container?.command ?? []
    const name = `pod-${index}-${lost ? 'lost' : 'whole'}`
    const pod: V1Pod = {
      metadata: {
        name,
        labels: { 'batch.kubernetes.io/job-completion-index': `${index}` },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'u1' }],
      },
      status: { phase: index === this.waits ? 'Pending' : 'Running' },
    }
    this.#pods.push(pod)
    if (index === this.waits) return
    const words = (container?.args ?? []).map((word) => word.replaceAll('$$', '$'))
    const child = spawn(process.execPath, [...command, ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, JOB_COMPLETION_INDEX: `${index}` },
    })
    if (lost) child.kill('SIGKILL')
    const [log, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    this.#logs.set(name, index === 0 ? this.log(log) : log)
    pod.status = { phase: code === 0 ? 'Succeeded' : 'Failed' }
    if (lost && this.#job) await this.#play(job, index, false)
  }
}
