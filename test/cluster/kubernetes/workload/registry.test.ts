/** The image registry on the primary: where it runs, and how images are called there. */
import { describe, expect, it } from 'vitest'
import {
  referenceIn,
  registryManifests,
  repositoryOf,
} from '../../../../harness/cluster/kubernetes/workload/registry.ts'
import type { Manifest } from './input.ts'

describe('the registry', () => {
  const all = registryManifests({
    ...{ node: 'drill-control-plane', port: 5_000, image: 'toolbox:1' },
  }) as Manifest[]
  const pod = all.find(({ kind }) => kind === 'Deployment')?.spec.template.spec

  it('is one pod on the primary, at its address and on its disk, whatever becomes of the node', () => {
    expect(all.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap', 'Deployment'])
    expect(pod).toMatchObject({
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/hostname': 'drill-control-plane' },
      tolerations: [{ operator: 'Exists' }],
      volumes: [
        { configMap: { name: 'registry' } },
        { hostPath: { path: '/var/lib/clusterdrill-registry', type: 'DirectoryOrCreate' } },
      ],
    })
  })

  it('is not pulled from itself, and listens where it is advertised', () => {
    expect(pod?.containers[0]).toMatchObject({
      image: 'toolbox:1',
      imagePullPolicy: 'Never',
      command: ['docker-registry', 'serve', '/config/config.yml'],
      readinessProbe: { httpGet: { path: '/v2/', port: 5_000 } },
    })
    expect(all[1]?.data?.['config.yml']).toContain('addr: :5000\n')
  })
})

it('an image is called by the address of the primary', () => {
  const place = { address: '172.28.0.2', port: 5_000 }
  expect(referenceIn(place, 'clusterdrill/redis:7.0-a')).toBe(
    '172.28.0.2:5000/clusterdrill/redis:7.0-a',
  )
  expect(repositoryOf('clusterdrill/redis:7.0-a')).toBe('clusterdrill/redis')
  expect(repositoryOf('172.28.0.2:5000/clusterdrill/redis')).toBe(
    '172.28.0.2:5000/clusterdrill/redis',
  )
})
