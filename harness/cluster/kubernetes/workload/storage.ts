/**
 * The claim of the database, and for shared storage what makes its volume: a second instance of the
 * local-path provisioner that the cluster has anyway, in its mode for a file system that every node
 * mounts. Local volumes come from the cluster's own, as its default class. Pure but for one reading.
 */
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node'
import type { Topology } from '../../../model/topology.ts'
import { type ApiAccess, ask } from '../api.ts'
import { controlPlaneTaint } from '../labels.ts'
import { namespaceOf, storageNamespace } from './namespaces.ts'

export const claimName = 'database'
export const sharedClass = 'shared'

const provisioner = 'shared-storage'
/** Another than the cluster's own, or both would answer for one claim. */
const provisionerName = 'clusterdrill.dev/shared'
/** The name under which the provisioner looks for its settings. */
const provisionerConfig = 'local-path-config'

/** How the cluster runs its own provisioner; the second one is run alike. */
export interface Provisioner {
  command: string
  image: string
  /** Image with a shell, in which a volume's folder is made. */
  helperImage: string
}

/** Where kind and k3s keep theirs. */
const knownPlaces = ['local-path-storage', 'kube-system']

/** Null when the cluster has none, or does not answer. */
export async function readProvisioner(
  access: ApiAccess,
  baseUrl: string,
): Promise<Provisioner | null> {
  const read = async <T>(path: string): Promise<T | null> => {
    const answer = await ask(access, baseUrl, path, { timeoutMs: 3_000 })
    return answer.status === 200 ? (JSON.parse(answer.body) as T) : null
  }
  for (const place of knownPlaces) {
    const found = await read<V1Deployment>(
      `/apis/apps/v1/namespaces/${place}/deployments/local-path-provisioner`,
    )
    if (!found) continue
    const settings = await read<V1ConfigMap>(
      `/api/v1/namespaces/${place}/configmaps/${provisionerConfig}`,
    )
    return provisionerOf(found, settings)
  }
  return null
}

/** The helper's image is an argument of the command (kind) or stands in the pod it is made from (k3s). */
export function provisionerOf(
  deployment: V1Deployment,
  settings: V1ConfigMap | null,
): Provisioner | null {
  const container = deployment.spec?.template.spec?.containers[0]
  if (!container?.image) return null
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const at = words.findIndex((word) => /^--helper-image(=|$)/.test(word))
  const told = at < 0 ? undefined : (words[at]?.split('=')[1] ?? words[at + 1])
  const inPod = /^\s*(?:-\s+)?image:\s*["']?([^\s"']+)/m.exec(
    settings?.data?.['helperPod.yaml'] ?? '',
  )?.[1]
  return {
    command: container.command?.[0] ?? 'local-path-provisioner',
    image: container.image,
    helperImage: told ?? inPod ?? container.image,
  }
}

/** The database's claim: shared by name, local by the class that the cluster has as its default. */
export function claim(topology: Topology): object {
  const shared = topology.storage.kind === 'shared'
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace: namespaceOf(topology.workload, 'database') },
    spec: {
      ...(shared ? { storageClassName: sharedClass } : {}),
      accessModes: [shared ? 'ReadWriteMany' : 'ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    },
  }
}

const setup = '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n'
const teardown = '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n'

/**
 * `sharedFolder` lies at the same place in every node. Volumes are kept when their claim goes. The
 * provisioner stands on a control plane where it may, so that no loss of a worker moves it.
 */
export function sharedStorage(
  topology: Topology,
  { command, image, helperImage }: Provisioner,
  sharedFolder: string,
): object[] {
  const namespace = storageNamespace(topology)
  const labels = { app: provisioner }
  const rbac = 'rbac.authorization.k8s.io'
  const account = { kind: 'ServiceAccount', name: provisioner, namespace }
  const role = (kind: string, metadata: object, rules: object[]) => ({
    ...{ apiVersion: `${rbac}/v1`, kind, metadata, rules },
  })
  const binding = (kind: string, metadata: object, of: string) => ({
    ...{ apiVersion: `${rbac}/v1`, kind, metadata, subjects: [account] },
    roleRef: { apiGroup: rbac, kind: of, name: provisioner },
  })
  const look = ['get', 'list', 'watch']
  const change = [...look, 'create', 'patch', 'update', 'delete']
  const inCluster = { name: provisioner }
  const inNamespace = { name: provisioner, namespace }
  const core = (resources: string[], verbs: string[]) => ({ apiGroups: [''], resources, verbs })
  const helperPod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      priorityClassName: 'system-node-critical',
      containers: [
        { name: 'helper-pod', image: helperImage, imagePullPolicy: 'IfNotPresent' as const },
      ],
    },
  }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inNamespace },
    role('ClusterRole', inCluster, [
      core(['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'], look),
      core(['persistentvolumes'], change),
      core(['events'], ['create', 'patch']),
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: look },
    ]),
    binding('ClusterRoleBinding', inCluster, 'ClusterRole'),
    role('Role', inNamespace, [core(['pods'], change)]),
    binding('RoleBinding', inNamespace, 'Role'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: provisionerConfig, namespace },
      data: {
        'config.json': JSON.stringify({ nodePathMap: [], sharedFileSystemPath: sharedFolder }),
        setup,
        teardown,
        'helperPod.yaml': JSON.stringify(helperPod),
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: sharedClass },
      provisioner: provisionerName,
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inNamespace,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-cluster-critical',
            serviceAccountName: provisioner,
            terminationGracePeriodSeconds: 2,
            tolerations: [{ key: controlPlaneTaint, operator: 'Exists', effect: 'NoSchedule' }],
            affinity: { nodeAffinity: preferring(controlPlaneTaint) },
            containers: [
              {
                name: provisioner,
                image,
                imagePullPolicy: 'IfNotPresent',
                command: [
                  ...[command, 'start', '--config=/etc/config/config.json'],
                  ...[`--provisioner-name=${provisionerName}`, `--helper-image=${helperImage}`],
                  `--service-account-name=${provisioner}`,
                ],
                env: [
                  {
                    name: 'POD_NAMESPACE',
                    valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
                  },
                  { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
                ],
                volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: provisionerConfig } }],
          },
        },
      },
    },
  ]
}

const preferring = (label: string) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [
    { weight: 100, preference: { matchExpressions: [{ key: label, operator: 'Exists' }] } },
  ],
})
