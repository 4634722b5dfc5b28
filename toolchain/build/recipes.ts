/**
 * Everything that is built on a machine without an image registry, and what each part is made from.
 * This is the whole list: Go commands, two Debian roots, layers, images, and the record that
 * describes the result. How a part is made is in the file that its recipe calls.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import { contentsOf, hashOf } from '../hash.ts'
import { type Recipe, recipeHash } from '../steps.ts'
import type { Images } from '../types.ts'
import { architecture, writeArchive } from './archive.ts'
import { goBuild, moduleSource } from './go.ts'
import {
  componentImages,
  haproxyImage,
  imageName,
  nodeImage,
  preloadedWorkloads,
  workloadNames,
} from './images.ts'
import { packLayer, readLayer } from './layer.ts'
import { layOutNode } from './node-files.ts'
import { nodeRuntime } from './node-runtime.ts'
import { CONTAINER_PACKAGES, NODE_PACKAGES } from './packages.ts'
import { makeRoot, PACKAGE_LIST, packageVersion } from './root.ts'
import { machineRelease } from './sources.ts'
import { makeStore } from './store.ts'
import { moduleDir, pinnedVersions, toolchainDir } from './versions.ts'

const KUBERNETES = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubectl',
  'kubelet',
]
const IN_CONTAINERS = KUBERNETES.slice(0, 4)
const ETCD = { etcd: 'server/v3', etcdctl: 'etcdctl/v3', etcdutl: 'etcdutl/v3' }
const TOOLBOX = ['floating-ip-agent', 'arp-observer']
const VERSION_VARIABLES = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']

/** What the last recipe writes down, beside the images themselves. */
export interface BuildRecord {
  images: Omit<Images, 'kubeVip'>
  versions: Record<string, string>
}
export const RECORD = 'record.json'

export interface Recipes {
  kind: Recipe
  kubernetes: Recipe
  etcd: Recipe
  workloads: Recipe
  node: Recipe
  record: Recipe
}

const componentsName = (layer: Recipe) => imageName('components', 'all', recipeHash(layer))

export async function recipes(): Promise<Recipes> {
  const versions = await pinnedVersions()
  const { id, codename } = await machineRelease()
  const machine = { architecture, release: `${id} ${codename}` }
  const runtime = await nodeRuntime()
  const filesOf = async (path: string) => hashOf(await contentsOf(join(toolchainDir, path)))
  const goInputs = async (path: string) => ({ architecture, source: await filesOf(path) })

  const kind: Recipe = {
    name: 'kind',
    title: 'kind',
    needs: [],
    inputs: await goInputs('modules/kind'),
    heavy: true,
    make: ({ into, tell }) =>
      goBuild({
        module: moduleDir('kind'),
        packages: ['sigs.k8s.io/kind'],
        output: `${into}/`,
        tell,
      }),
  }
  const programs: Recipe = {
    name: 'programs',
    title: 'network agent and pause',
    needs: [],
    inputs: { architecture, agent: await filesOf('network-agent'), pause: await filesOf('pause') },
    heavy: true,
    make: ({ into }) =>
      goBuild({
        module: toolchainDir,
        packages: ['./network-agent', './pause'],
        output: `${into}/`,
      }),
  }
  const floatingIp: Recipe = {
    name: 'floating-ip',
    title: 'floating IP agent and ARP observer',
    needs: [],
    inputs: await goInputs('modules/floating-ip'),
    heavy: true,
    make: ({ into, tell }) =>
      goBuild({
        module: moduleDir('floating-ip'),
        packages: TOOLBOX.map((name) => `./${name}`),
        output: `${into}/`,
        tell,
      }),
  }
  const etcd: Recipe = {
    name: 'etcd',
    title: 'etcd',
    needs: [],
    inputs: await goInputs('modules/etcd'),
    heavy: true,
    make: async ({ into, tell }) => {
      for (const [command, path] of Object.entries(ETCD)) {
        const packages = [`go.etcd.io/etcd/${path}`]
        await goBuild({ module: moduleDir('etcd'), packages, output: join(into, command), tell })
      }
    },
  }
  const coredns: Recipe = {
    name: 'coredns',
    title: 'CoreDNS',
    needs: [],
    inputs: await goInputs('modules/coredns'),
    heavy: true,
    make: ({ into, tell }) =>
      goBuild({
        module: moduleDir('coredns'),
        packages: ['.'],
        output: join(into, 'coredns'),
        tell,
      }),
  }
  const kubernetes: Recipe = {
    name: 'kubernetes',
    title: 'Kubernetes',
    needs: [],
    inputs: { ...(await goInputs('modules/kubernetes')), commands: KUBERNETES.join(' ') },
    heavy: true,
    make: async ({ into, tell }) => {
      const module = moduleDir('kubernetes')
      const packages = KUBERNETES.map((name) => `k8s.io/kubernetes/cmd/${name}`)
      const variables = versionVariables(versions.kubernetes)
      await goBuild({ module, packages, output: `${into}/`, variables, tell })
      const provisioner = ['github.com/rancher/local-path-provisioner']
      await goBuild({ module, packages: provisioner, output: `${into}/` })
    },
  }
  const root = (name: string, title: string, packages: readonly string[]): Recipe => ({
    name,
    title,
    needs: [],
    inputs: { ...machine, packages: packages.join(' ') },
    heavy: false,
    make: ({ into }) => makeRoot(packages, into),
  })
  const containerRoot = root('container-root', 'Debian root of the containers', CONTAINER_PACKAGES)
  const nodeRoot = root('node-root', 'Debian root of the nodes', NODE_PACKAGES)

  const componentsLayer: Recipe = {
    name: 'components-layer',
    title: 'layer of the Kubernetes components',
    needs: [kubernetes, etcd, coredns, programs],
    inputs: {},
    heavy: false,
    make: async ({ into, of }) => {
      const commands = [
        ...[...IN_CONTAINERS, 'local-path-provisioner'].map((name) => join(of(kubernetes), name)),
        ...Object.keys(ETCD).map((name) => join(of(etcd), name)),
        ...['network-agent', 'pause'].map((name) => join(of(programs), name)),
        join(of(coredns), 'coredns'),
      ]
      await packCommands(commands, into)
    },
  }
  const runtimeLayer: Recipe = {
    name: 'runtime-layer',
    title: 'layer of the Node runtime',
    needs: [],
    inputs: { architecture, node: runtime.version },
    heavy: false,
    make: ({ into }) => packCommands([runtime.binary], into),
  }
  const toolboxLayer: Recipe = {
    name: 'toolbox-layer',
    title: 'layer of the toolbox',
    needs: [floatingIp],
    inputs: {},
    heavy: false,
    make: ({ into, of }) =>
      packCommands(
        TOOLBOX.map((name) => join(of(floatingIp), name)),
        into,
      ),
  }
  const haproxyLayer: Recipe = {
    name: 'haproxy-layer',
    title: 'layer of the HAProxy configuration',
    needs: [],
    inputs: { files: await filesOf('haproxy-image/root') },
    heavy: false,
    make: async ({ into }) => {
      await packLayer(join(toolchainDir, 'haproxy-image/root'), into)
    },
  }
  const carried = async (of: (recipe: Recipe) => string) =>
    preloadedWorkloads(
      {
        base: await readLayer(of(containerRoot)),
        runtime: await readLayer(of(runtimeLayer)),
        toolbox: await readLayer(of(toolboxLayer)),
      },
      await namesOf(of),
    )
  const namesOf = async (of: (recipe: Recipe) => string) =>
    workloadNames(
      await readFile(join(of(containerRoot), PACKAGE_LIST), 'utf8'),
      runtime.version,
      recipeHash(workloads),
    )
  const workloads: Recipe = {
    name: 'workloads',
    title: 'images of HAProxy, the database, the runtime and the toolbox',
    needs: [containerRoot, runtimeLayer, toolboxLayer, haproxyLayer, kind],
    inputs: {},
    heavy: false,
    make: async ({ into, of }) => {
      await writeArchive(into, [
        haproxyImage(
          [await readLayer(of(containerRoot)), await readLayer(of(haproxyLayer))],
          [(await namesOf(of)).haproxy, await kindLoadBalancerName()],
        ),
        ...(await carried(of)),
      ])
    },
  }
  const store: Recipe = {
    name: 'store-layer',
    title: 'preloaded containerd store',
    needs: [
      nodeRoot,
      containerRoot,
      componentsLayer,
      runtimeLayer,
      toolboxLayer,
      workloads,
      kubernetes,
    ],
    inputs: {
      script: await filesOf('node-image/build-store.sh'),
    },
    heavy: false,
    make: async ({ into, of }) => {
      const layers = [await readLayer(of(containerRoot)), await readLayer(of(componentsLayer))]
      const names = await kubeadmNames(join(of(kubernetes), 'kubeadm'), versions.kubernetes)
      const components = componentImages(layers, names, componentsName(componentsLayer))
      const images = [...components, ...(await carried(of))]
      await makeStore(await readLayer(of(nodeRoot)), images, into)
    },
  }
  const nodeLayer: Recipe = {
    name: 'node-layer',
    title: "layer of the node's own files",
    needs: [kubernetes, etcd, componentsLayer],
    inputs: {
      root: await filesOf('node-image/root'),
      manifests: await filesOf('node-image/manifests'),
      layout: await filesOf('build/node-files.ts'),
    },
    heavy: false,
    make: async ({ into, of }) => {
      const tree = join(into, 'tree')
      await mkdir(tree)
      const names = await kubeadmNames(join(of(kubernetes), 'kubeadm'), versions.kubernetes)
      await layOutNode(tree, {
        kubernetesVersion: versions.kubernetes,
        commands: [
          ...['kubeadm', 'kubectl', 'kubelet'].map((name) => join(of(kubernetes), name)),
          ...['etcdctl', 'etcdutl'].map((name) => join(of(etcd), name)),
        ],
        values: {
          pause: names.find((name) => /\/pause:/.test(name)) ?? '',
          components: componentsName(componentsLayer),
        },
      })
      await packLayer(tree, into)
      await run('rm', ['-r', tree])
    },
  }
  const node: Recipe = {
    name: 'node',
    title: 'node image',
    needs: [nodeRoot, nodeLayer, store],
    inputs: {},
    heavy: false,
    make: async ({ into, of }) => {
      const layers = await Promise.all(
        [nodeRoot, store, nodeLayer].map((each) => readLayer(of(each))),
      )
      await writeArchive(into, [
        nodeImage(layers, imageName('node', versions.kubernetes, recipeHash(node))),
      ])
    },
  }
  const record: Recipe = {
    name: 'toolchain',
    title: 'record of the toolchain',
    needs: [kind, workloads, node],
    inputs: {},
    heavy: false,
    make: async ({ into, of }) => {
      const inContainers = await readFile(join(of(containerRoot), PACKAGE_LIST), 'utf8')
      const inNodes = await readFile(join(of(nodeRoot), PACKAGE_LIST), 'utf8')
      const described: BuildRecord = {
        images: {
          node: imageName('node', versions.kubernetes, recipeHash(node)),
          ...(await namesOf(of)),
        },
        versions: {
          ...versions,
          containerd: packageVersion(inNodes, 'containerd'),
          'docker-registry': packageVersion(inContainers, 'docker-registry'),
          haproxy: packageVersion(inContainers, 'haproxy'),
          keepalived: packageVersion(inContainers, 'keepalived'),
          nginx: packageVersion(inContainers, 'nginx'),
          node: runtime.version,
          redis: packageVersion(inContainers, 'redis-server'),
          runc: packageVersion(inNodes, 'runc'),
          systemd: packageVersion(inNodes, 'systemd'),
        },
      }
      await writeFile(join(into, RECORD), `${JSON.stringify(described, null, 2)}\n`)
    },
  }
  return { kind, kubernetes, etcd, workloads, node, record }
}

/** The linker's variables that make every command say its version. */
export function versionVariables(version: string): Record<string, string> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  return Object.fromEntries(
    VERSION_VARIABLES.flatMap((path) =>
      Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]),
    ),
  )
}

/** The names under which kubeadm looks for images; asked of kubeadm itself. */
async function kubeadmNames(kubeadm: string, version: string): Promise<string[]> {
  const list = await run(kubeadm, ['config', 'images', 'list', '--kubernetes-version', version])
  return list.split('\n').filter(Boolean)
}

/** The name of the load balancer's image that kind has compiled in; read from its source. */
async function kindLoadBalancerName(): Promise<string> {
  const source = await moduleSource(moduleDir('kind'), 'sigs.k8s.io/kind')
  const text = await readFile(join(source, 'pkg/cluster/internal/loadbalancer/const.go'), 'utf8')
  const found = /const Image = "([^"]+)"/.exec(text)
  if (!found?.[1]) throw new Error('kind names no image of its load balancer where it used to')
  return found[1]
}

async function packCommands(commands: readonly string[], into: string): Promise<void> {
  const tree = join(into, 'tree')
  await mkdir(join(tree, 'usr/local/bin'), { recursive: true })
  await run('install', ['-m', '755', '-t', join(tree, 'usr/local/bin'), ...commands])
  await packLayer(tree, into)
  await run('rm', ['-r', tree])
}
