/** The database's volume: shared by a provisioner of its own, local by the cluster's. */
import { describe, expect, it } from 'vitest'
import { provisionerOf } from '../../../../harness/cluster/kubernetes/workload/storage.ts'
import { inputFor, topologyNamed, workloadOf } from './input.ts'

describe('shared storage', () => {
  const { all, named } = workloadOf(inputFor(topologyNamed('cx-worker-ha-metallb')))

  it('is claimed by name, for every node', () => {
    expect(named('PersistentVolumeClaim', 'database').spec).toEqual({
      storageClassName: 'shared',
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
    })
    expect(named('StorageClass', 'shared')).toMatchObject({
      ...{ provisioner: 'clusterdrill.dev/shared', reclaimPolicy: 'Retain' },
      volumeBindingMode: 'WaitForFirstConsumer',
    })
  })

  it('has a provisioner that knows one folder and no path of a node', () => {
    const { data } = named('ConfigMap', 'local-path-config')
    expect(JSON.parse(data?.['config.json'] ?? '')).toEqual({
      nodePathMap: [],
      sharedFileSystemPath: '/var/shared',
    })
    expect(JSON.parse(data?.['helperPod.yaml'] ?? '').spec.containers[0].image).toBe('helper:1')
    const [container] = named('Deployment', 'shared-storage').spec.template.spec.containers
    expect(container.image).toBe('provisioner:1')
    expect(container.command).toEqual([
      ...['local-path', 'start', '--config=/etc/config/config.json'],
      ...['--provisioner-name=clusterdrill.dev/shared', '--helper-image=helper:1'],
      '--service-account-name=shared-storage',
    ])
  })

  it('may stand on a control plane, and on no node that is for one part alone', () => {
    const { tolerations } = named('Deployment', 'shared-storage').spec.template.spec
    expect(tolerations).toEqual([
      {
        ...{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
        effect: 'NoSchedule',
      },
    ])
  })

  it('gives its provisioner what it needs, in its own namespace', () => {
    const ours = all.filter(({ metadata }) => metadata.name === 'shared-storage')
    expect(ours.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}`)).toEqual([
      ...['ServiceAccount nfs-client', 'ClusterRole -', 'ClusterRoleBinding -'],
      ...['Role nfs-client', 'RoleBinding nfs-client', 'Deployment nfs-client'],
    ])
  })
})

describe('local storage', () => {
  const { all, named } = workloadOf(inputFor(topologyNamed('cx-worker-ha-local')))

  it('is claimed from the default class, for one node', () => {
    expect(named('PersistentVolumeClaim', 'database').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    })
  })

  it('brings no provisioner and no class', () => {
    expect(all.map(({ kind }) => kind)).not.toContain('StorageClass')
    expect(all.map(({ metadata }) => metadata.name)).not.toContain('shared-storage')
  })
})

describe("the cluster's own provisioner", () => {
  const deployment = (command: string[], args: string[] = []) => ({
    spec: {
      selector: {},
      template: {
        spec: { containers: [{ name: 'p', image: 'provisioner:1', command, args }] },
      },
    },
  })
  const k3s = {
    data: {
      'helperPod.yaml': 'spec:\n  containers:\n  - name: helper-pod\n    image: "busybox:1"\n',
    },
  }

  it('tells its helper as an argument, in either form', () => {
    const joined = deployment(['/bin/p', 'start', '--helper-image=helper:1'])
    const apart = deployment(['p', 'start', '--helper-image', 'helper:2', '--config', 'x'])
    expect(provisionerOf(joined, k3s)).toEqual({
      ...{ command: '/bin/p', image: 'provisioner:1', helperImage: 'helper:1' },
    })
    expect(provisionerOf(apart, null)?.helperImage).toBe('helper:2')
    expect(provisionerOf(deployment([], ['--helper-image=helper:3']), null)).toMatchObject({
      ...{ command: 'local-path-provisioner', helperImage: 'helper:3' },
    })
  })

  it('tells it in the pod from which it makes them, or is its own helper', () => {
    const plain = deployment(['p', 'start'])
    expect(provisionerOf(plain, k3s)?.helperImage).toBe('busybox:1')
    expect(provisionerOf(plain, null)?.helperImage).toBe('provisioner:1')
  })
})
