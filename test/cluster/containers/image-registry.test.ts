/** What nodes are told of the image registry, and under which names images come and go. */
import { expect, it } from 'vitest'
import {
  bundleName,
  hostsToml,
  manifestUrl,
} from '../../../harness/cluster/containers/image-registry.ts'

const place = { address: '172.28.0.2', port: 5_000 }

it('nodes are told to speak plain HTTP, to pull and no more', () => {
  expect(hostsToml(place)).toBe(`server = "http://172.28.0.2:5000"

[host."http://172.28.0.2:5000"]
  capabilities = ["pull", "resolve"]
`)
})

it('an image is asked for by repository and tag', () => {
  expect(manifestUrl(place, 'clusterdrill/redis:7.0-a')).toBe(
    'http://172.28.0.2:5000/v2/clusterdrill/redis/manifests/7.0-a',
  )
  expect(manifestUrl(place, 'clusterdrill/redis')).toBe(
    'http://172.28.0.2:5000/v2/clusterdrill/redis/manifests/latest',
  )
})

it('a bundle has the name that containerd gives it', () => {
  expect(bundleName('clusterdrill/redis:7.0-a')).toBe('docker.io/clusterdrill/redis:7.0-a')
})
