/**
 * `k3d` as far as the harness uses it: the steps, the names, the labels and the log of version
 * 5.8 (read in k3d-io/k3d pkg/client/cluster.go and node.go), over the containers of the stand-in
 * engine. Refuses a configuration that the real one would refuse.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { create, remove, start, untilSays } from './containers.ts'
import { type Container, change, fail, folder, read, record, type State } from './state.ts'

const words = process.argv.slice(2)
record('k3d', words)
const [noun = '', verb = '', ...rest] = words
const info = (message: string) => log('info', message)

function log(level: 'info' | 'error' | 'fatal', message: string): void {
  const plain = process.env.LOG_COLORS === 'false'
  const line = plain
    ? `time="${new Date().toISOString()}" level=${level} msg="${message}"`
    : `\u001b[36m${level.toUpperCase().slice(0, 4)}\u001b[0m[0000] ${message}`
  ;(level === 'info' ? process.stdout : process.stderr).write(`${line}\n`)
}

function fatal(message: string): never {
  log('fatal', message)
  process.exit(1)
}

interface Filtered {
  nodeFilters: string[]
}
interface Config {
  apiVersion: string
  kind: string
  metadata: { name: string }
  servers: number
  agents: number
  kubeAPI: { hostIP: string }
  image: string
  network: string
  volumes: ({ volume: string } & Filtered)[]
  options: {
    k3d: { disableLoadbalancer: boolean }
    k3s: {
      extraArgs: ({ arg: string } & Filtered)[]
      nodeLabels: ({ label: string } & Filtered)[]
    }
    kubeconfig: { updateDefaultKubeconfig: boolean }
    runtime: { labels: ({ label: string } & Filtered)[] }
  }
}

const labelsOf = (cluster: string, role: string, network: string) => ({
  app: 'k3d',
  'k3d.cluster': cluster,
  'k3d.cluster.network': network,
  'k3d.cluster.network.external': 'true',
  'k3d.role': role,
  'k3d.version': 'v5.8.3',
})

const ofCluster = (state: State, name: string): Container[] =>
  Object.values(state.containers).filter(({ labels }) => labels['k3d.cluster'] === name)

/** Which of the nodes a setting is for: `server:*`, `agent:1`. */
const chosen = (filters: string[], role: string, index: number) =>
  filters.some((filter) => filter === `${role}:*` || filter === `${role}:${index}`)

/** The real one says its next step to a harness that may be gone, and ends by that. */
process.stdout.on('error', () => process.exit(1))

/** A test may keep it here, to see what becomes of a cluster that is half made. */
async function held(where: 'volume' | 'node'): Promise<void> {
  while (existsSync(join(folder, `hold-${where}`))) await pause(20)
}

async function createCluster(file: string): Promise<void> {
  const config = parse(readFileSync(file, 'utf8')) as Config
  const { name } = config.metadata
  if (config.apiVersion !== 'k3d.io/v1alpha5') fatal(`no schema for ${config.apiVersion}`)
  if (name.length > 32) fatal(`Cluster name must be <= 32 characters, but has ${name.length}`)
  info(`Using config file ${file} (${config.apiVersion}#${config.kind.toLowerCase()})`)
  if (ofCluster(read(), name).length > 0) {
    fatal(`Failed to create cluster '${name}' because a cluster with that name already exists`)
  }
  info('Prep: Network')
  const network = read().networks[config.network]
  if (!network) return fatal(`network ${config.network} not found`)
  info(`Re-using existing network '${config.network}' (${network.id})`)
  const volume = `k3d-${name}-images`
  change((state) => {
    state.volumes[volume] = { labels: { app: 'k3d', 'k3d.cluster': name } }
  })
  await held('volume')
  info(`Created image volume ${volume}`)
  info('Starting new tools node...')
  const tools = `k3d-${name}-tools`
  const { network: onNetwork } = config
  const common = { mounts: [], command: [], publishes: false, network: onNetwork }
  change((state) => {
    const labels = labelsOf(name, 'noRole', config.network)
    const image = 'ghcr.io/k3d-io/k3d-tools:5.8.3'
    start(state, create(state, { ...common, name: tools, image, role: 'noRole', labels }))
  })
  const { disableLoadbalancer } = config.options.k3d
  const node = async (role: 'server' | 'agent', index: number) => {
    const container = `k3d-${name}-${role}-${index}`
    info(`Creating node '${container}'`)
    change((state) => create(state, nodePlan(config, role, index)))
    await held('node')
  }
  for (let index = 0; index < config.servers; index += 1) await node('server', index)
  for (let index = 0; index < config.agents; index += 1) await node('agent', index)
  const balancer = `k3d-${name}-serverlb`
  if (!disableLoadbalancer) {
    info(`Creating LoadBalancer '${balancer}'`)
    const labels = labelsOf(name, 'loadbalancer', config.network)
    const image = 'ghcr.io/k3d-io/k3d-proxy:5.8.3'
    const plan = { ...common, name: balancer, image, role: 'loadbalancer', labels } as const
    change((state) => create(state, { ...plan, publishes: true }))
  }
  info('Using the k3d-tools node to gather environment information')
  change((state) => {
    const helper = state.containers[tools]
    if (helper) remove(state, helper)
  })
  info(`Starting cluster '${name}'`)
  for (const container of ofCluster(read(), name)) {
    info(`Starting node '${container.name}'`)
    change((state) => {
      const found = state.containers[container.name]
      if (found) start(state, found)
    })
    await untilSays(container.name, readyWords[container.role] ?? '')
  }
  change((state) => placeOwnObjects(state, name))
  info(`Cluster '${name}' created successfully!`)
  process.stdout.write('kubectl cluster-info\n')
}

/** k3d-io/k3d pkg/types/k3slogs.go. */
const readyWords: Partial<Record<Container['role'], string>> = {
  server: 'k3s is up and running',
  agent: 'Successfully registered node',
  loadbalancer: 'start worker processes',
}

function nodePlan(config: Config, role: 'server' | 'agent', index: number) {
  const { metadata, image, network, volumes, options, kubeAPI } = config
  const { extraArgs, nodeLabels } = options.k3s
  const mine = <T extends Filtered>(all: T[]) =>
    all.filter(({ nodeFilters }) => chosen(nodeFilters, role, index))
  const own = mine(options.runtime.labels).map(({ label }) => label.split('='))
  return {
    name: `k3d-${metadata.name}-${role}-${index}`,
    image,
    role,
    network,
    command: [
      role,
      ...mine(extraArgs).map(({ arg }) => arg),
      ...mine(nodeLabels).flatMap(({ label }) => ['--node-label', label]),
      ...(role === 'server' ? ['--tls-san', kubeAPI.hostIP] : []),
    ],
    labels: { ...labelsOf(metadata.name, role, network), ...Object.fromEntries(own) },
    mounts: mine(volumes).map(({ volume }) => {
      const [source = '', destination = ''] = volume.split(':')
      return { source, destination }
    }),
    publishes: options.k3d.disableLoadbalancer && role === 'server' && index === 0,
  }
}

/** What k3s brings with it: the provisioner of local volumes, and the Lease of its first server. */
function placeOwnObjects(state: State, cluster: string): void {
  const place = '/namespaces/kube-system'
  const lease = 'kube-controller-manager'
  state.objects[`/apis/coordination.k8s.io/v1${place}/leases/${lease}`] = {
    metadata: { name: lease, namespace: 'kube-system' },
    spec: { holderIdentity: `k3d-${cluster}-server-0_3f1c7d52-9f0e-4a0b-8c43-6f1f3ab1d2aa` },
  }
  const named = (name: string) => ({ metadata: { name, namespace: 'kube-system' } })
  state.objects[`/apis/apps/v1${place}/deployments/local-path-provisioner`] = {
    ...named('local-path-provisioner'),
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'local-path-provisioner',
              image: 'rancher/local-path-provisioner:v0.0.32',
              command: ['local-path-provisioner', 'start', '--config', '/etc/config/config.json'],
            },
          ],
        },
      },
    },
  }
  state.objects[`/api/v1${place}/configmaps/local-path-config`] = {
    ...named('local-path-config'),
    data: {
      'helperPod.yaml': 'spec:\n  containers:\n  - image: "rancher/mirrored-library-busybox"\n',
    },
  }
}

function deleteCluster(name: string): void {
  if (ofCluster(read(), name).length === 0) {
    info(`No nodes found for cluster '${name}', nothing to delete.`)
    info('No clusters found')
    return
  }
  info(`Deleting cluster '${name}'`)
  change((state) => {
    for (const container of ofCluster(state, name)) remove(state, container)
    const volumes = Object.entries(state.volumes)
    for (const [volume, { labels }] of volumes) {
      if (labels['k3d.cluster'] === name) delete state.volumes[volume]
    }
    state.objects = {}
  })
  info('Deleting 1 attached volumes...')
  info('Removing cluster details from default kubeconfig...')
  // The real one writes this file anew, whether it names the cluster or not.
  writeFileSync(join(folder, 'kubeconfig-written'), process.env.KUBECONFIG ?? 'the default one')
  info(`Successfully deleted cluster ${name}!`)
}

function getKubeconfig(name: string): void {
  const published =
    ofCluster(read(), name).find((each) => each.published !== null)?.published ??
    fatal('No nodes found for given cluster')
  const base64 = (file: string) => readFileSync(join(folder, file)).toString('base64')
  const called = `k3d-${name}`
  process.stdout.write('---\n')
  process.stdout.write(
    stringify({
      apiVersion: 'v1',
      clusters: [
        {
          cluster: {
            'certificate-authority-data': base64('ca.crt'),
            server: `https://${published}`,
          },
          name: called,
        },
      ],
      contexts: [{ context: { cluster: called, user: `admin@${called}` }, name: called }],
      'current-context': called,
      kind: 'Config',
      preferences: {},
      users: [
        {
          name: `admin@${called}`,
          user: {
            'client-certificate-data': base64('client.crt'),
            'client-key-data': base64('client.key'),
          },
        },
      ],
    }),
  )
}

if (noun === 'version') {
  process.stdout.write('k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)\n')
} else if (noun === 'cluster' && verb === 'create' && rest[0] === '--config') {
  await createCluster(rest[1] ?? '')
} else if (noun === 'cluster' && verb === 'delete') deleteCluster(rest[0] ?? '')
else if (noun === 'kubeconfig' && verb === 'get') getKubeconfig(rest[0] ?? '')
else if (noun === 'image' && verb === 'import' && rest.slice(0, 2).join(' ') === '--mode direct') {
  const images = rest.slice(4)
  info(`Importing image(s) into cluster '${rest[3]}'`)
  info(`Successfully imported ${images.length} image(s) into 1 cluster(s)`)
} else fail(`Error: unknown command "${words.join(' ')}" for "k3d"`)
