/**
 * The image registry of an air-gapped document: one pod on the primary, at the primary's own
 * address and on its own disk, so that it lives and dies with that machine. Pure; how the images
 * get into it is a matter of the container engine.
 */
import { registryNamespace } from './namespaces.ts'

export interface RegistryPlace {
  /** The primary's address, which is advertised. */
  address: string
  port: number
}

/** `clusterdrill/redis:7.0` → `172.28.0.2:5000/clusterdrill/redis:7.0`. */
export const referenceIn = ({ address, port }: RegistryPlace, image: string): string =>
  `${address}:${port}/${image}`

/** `clusterdrill/redis:7.0` → `clusterdrill/redis`. */
export const repositoryOf = (image: string): string => image.replace(/:[^:/]*$/, '')

const name = 'registry'
const storage = '/var/lib/clusterdrill-registry'

export interface RegistryInput {
  /** Kubernetes name of the primary. */
  node: string
  port: number
  /** An image with `docker-registry` that the node has already. */
  image: string
}

export function registryManifests({ node, port, image }: RegistryInput): object[] {
  const labels = { app: name }
  const metadata = { name, namespace: registryNamespace }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: registryNamespace } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yml': settings(port) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels },
          spec: {
            hostNetwork: true,
            nodeSelector: { 'kubernetes.io/hostname': node },
            tolerations: [{ operator: 'Exists' }],
            terminationGracePeriodSeconds: 2,
            enableServiceLinks: false,
            automountServiceAccountToken: false,
            containers: [
              {
                name,
                image,
                imagePullPolicy: 'Never',
                command: ['docker-registry', 'serve', '/config/config.yml'],
                ports: [{ containerPort: port }],
                volumeMounts: [
                  { name: 'config', mountPath: '/config', readOnly: true },
                  { name: 'images', mountPath: '/images' },
                ],
                readinessProbe: { httpGet: { path: '/v2/', port }, periodSeconds: 1 },
                resources: { requests: { cpu: '10m', memory: '32Mi' } },
              },
            ],
            volumes: [
              { name: 'config', configMap: { name } },
              { name: 'images', hostPath: { path: storage, type: 'DirectoryOrCreate' } },
            ],
          },
        },
      },
    },
  ]
}

const settings = (port: number): string => `version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: /images
http:
  addr: :${port}
`
