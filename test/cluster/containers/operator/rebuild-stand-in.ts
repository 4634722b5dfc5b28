/**
 * A cluster that a control plane can be backed up from and restored in: an engine that notes each
 * command and plays those that matter (files, etcd, curl), the S3 stand-in as its container, and
 * the API's stand-in with the objects that were written to it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../../../harness/cluster/containers/engine.ts'
import { sha256 } from '../../../../harness/cluster/containers/operator/signed-request.ts'
import type { OperatorSite } from '../../../../harness/cluster/containers/operator/site.ts'
import { KindDistribution } from '../../../../harness/cluster/kind/distribution.ts'
import type { FaultKind } from '../../../../harness/model/scenario.ts'
import { cxWorkerHa } from '../../../../topologies/cx-worker-ha.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { ApiServerStandIn, access, type Item } from '../../kubernetes/api-server-stand-in.ts'
import { S3StandIn } from './s3-stand-in.ts'

/** Where nobody listens. */
const nowhere = 'https://127.0.0.1:1'
const lostId = '324952591200643719'
export const restoredId = '14132007066502751237'

let places = 0

export class Rebuild implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'clusterdrill-rebuild-'))
  readonly clock = new FakeClock(-Date.UTC(2026, 0, 1))
  readonly commands: string[] = []
  /** By container and path. */
  readonly files = new Map<string, string>()
  readonly api = new ApiServerStandIn()
  /** What kubectl was given, and whether the API refuses it. */
  readonly manifests: { items: Item[] }[] = []
  refusals = 0
  /** etcd's cluster id, by container. */
  etcdIds: Record<string, string> = { 'cx-control-plane': lostId }
  members = '2e1259d415f2a040, started, cx-control-plane, https://172.28.0.2:2380, , false'
  missing: Record<string, string> = {}
  controlPlaneRuns = true
  /** Called with each command in a node, in order. */
  onNode: (node: string, command: readonly string[]) => void = () => undefined
  readonly s3 = new S3StandIn(() => this.#credentials())
  readonly #address: string
  #storeLabels: Record<string, string> | null = null

  constructor() {
    places += 1
    this.#address = `127.70.${process.pid % 250}.${places}`
  }

  get secret(): string {
    return this.#credentials().secretKey
  }

  /** A store container that was there before. */
  leaveStore(labels: Record<string, string>): void {
    this.#storeLabels = labels
  }

  site(kind: FaultKind, target: string, change: Partial<OperatorSite> = {}): OperatorSite {
    const names = ['control-plane', 'worker-a', 'worker-b']
    const containers = ['cx-control-plane', 'cx-worker', 'cx-worker2']
    const nodes = names.map((name, index) => ({
      ...{ name, container: containers[index] ?? '', id: name },
      address: `172.28.0.${index + 2}`,
    }))
    const engine = this.#engine()
    return {
      engine,
      distribution: new KindDistribution({ ...engine.tools, kind: '/bin/kind' }),
      provider: 'kind',
      fault: { id: kind, kind, target: `node:${target}` },
      target: { name: target, node: target, why: 'named in the plan' },
      topology: cxWorkerHa,
      state: { name: 'cx', nodes } as unknown as OperatorSite['state'],
      folders: { root: this.folder } as OperatorSite['folders'],
      access,
      apiUrl: nowhere,
      clock: this.clock,
      hit: [],
      report: () => undefined,
      ...change,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]()
    await this.api[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #credentials() {
    const [accessKey = '', secretKey = ''] = readFileSync(
      join(this.folder, 'object-store.env'),
      'utf8',
    )
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('=') + 1))
    return { accessKey, secretKey }
  }

  #engine(): Engine {
    return {
      tools: { objectStore: async () => '/cache/versitygw', images: { node: 'node:1' } },
      docker: (args: readonly string[], input?: string) => this.#docker(args, input),
      kubectl: async (args: readonly string[], input = '') => {
        this.commands.push(`kubectl ${args.join(' ')}`)
        if (this.refusals-- > 0) throw new Error('the server is busy')
        this.manifests.push(JSON.parse(input) as { items: Item[] })
        return ''
      },
      inspect: async (container: string) => {
        if (container === 'cx-control-plane') return { running: this.controlPlaneRuns }
        if (container !== 'cx-object-store' || !this.#storeLabels) return null
        return { running: true, address: this.#address, labels: this.#storeLabels }
      },
    } as unknown as Engine
  }

  async #docker(args: readonly string[], input?: string): Promise<string> {
    const [verb, ...rest] = args
    this.commands.push(args.join(' '))
    if (verb === 'rm') this.#storeLabels = null
    if (verb === 'run') {
      this.#storeLabels = { 'dev.clusterdrill.owner': 'cx' }
      await this.s3.listen(this.#address)
    }
    if (verb !== 'exec') return ''
    const [node = '', ...command] = rest[0] === '--interactive' ? rest.slice(1) : rest
    this.onNode(node, command)
    return await this.#inNode(node, command, input)
  }

  async #inNode(node: string, command: readonly string[], input = ''): Promise<string> {
    const [program, ...words] = command
    const last = words.at(-1) ?? ''
    const file = (path: string) => this.files.get(`${node}:${path}`) ?? ''
    const write = (path: string, text: string) => this.files.set(`${node}:${path}`, text)
    if (program === 'curl') await this.#curl(node, input)
    if (program === 'sha256sum') return `${sha256(file(last))}  ${last}\n`
    if (program === 'stat') return `${file(last).length}\n`
    if (program === 'tar' && words.includes('-cf'))
      write(words[words.indexOf('-cf') + 1] ?? '', 'certificates')
    if (program === 'sh') return words.includes('etcdctl') ? (this.missing[node] ?? '') : ''
    if (program === 'ctr' && words.includes('-q')) return 'proxy-0\nproxy-1\n'
    if (program === 'ctr') return 'TASK PID STATUS\nproxy-0 7 STOPPED\nproxy-1 9 RUNNING\n'
    if (program !== 'etcdctl') return ''
    if (words.includes('save')) write(last, 'the snapshot')
    if (words.includes('list')) return this.members
    if (!words.includes('status')) return ''
    const id = this.etcdIds[node]
    if (id === undefined) throw new Error('context deadline exceeded')
    return `[{"Endpoint":"e","Status":{"header":{"cluster_id":${id},"member_id":1}}}]`
  }

  /** As curl does with what it is told on standard input. */
  async #curl(node: string, config: string): Promise<void> {
    const said = [...config.matchAll(/^([\w-]+) = "(.*)"$/gm)].map(([, name, value]) => ({
      ...{ name, value: value ?? '' },
    }))
    const of = (name: string) => said.find((line) => line.name === name)?.value
    const [sent, received] = [of('upload-file'), of('output')]
    const headers = said
      .filter(({ name, value }) => name === 'header' && !value.endsWith(':'))
      .map(({ value }) => value.split(': ') as [string, string])
    const answer = await fetch(of('url') ?? '', {
      method: sent ? 'PUT' : 'GET',
      headers,
      ...(sent ? { body: this.files.get(`${node}:${sent}`) ?? '' } : {}),
    })
    if (!answer.ok) throw new Error(`curl: (22) The requested URL returned error: ${answer.status}`)
    const text = await answer.text()
    if (received) this.files.set(`${node}:${received}`, text)
  }
}
