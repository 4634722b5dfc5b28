/** Finding k3d: where it is missing, of another version, and put in the place of kind. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ContainerTools } from '../../../harness/cluster/containers/engine.ts'
import { findK3d, k3dTools, requireK3d } from '../../../harness/cluster/k3d/tools.ts'

// A program is started, and the machine may be busy.
vi.setConfig({ testTimeout: 20_000 })

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An environment whose path has a k3d that says this, or none. */
function withK3d(said: string | null): { PATH: string } {
  const folder = mkdtempSync(join(tmpdir(), 'clusterdrill-find-k3d-'))
  folders.push(folder)
  if (said !== null) {
    writeFileSync(join(folder, 'k3d'), `#!/bin/sh\n[ "$*" = version ] && printf '%s' '${said}'\n`)
    chmodSync(join(folder, 'k3d'), 0o755)
  }
  return { PATH: folder }
}

const shared: ContainerTools = {
  kubectl: '/bin/kubectl',
  env: { DOCKER_HOST: 'unix:///run/engine.sock' },
  images: {
    node: 'clusterdrill/node:1',
    haproxy: 'clusterdrill/haproxy:2.6',
    database: 'clusterdrill/redis:7.0',
    runtime: 'clusterdrill/runtime:24',
    toolbox: 'clusterdrill/toolbox:1',
    kubeVip: null,
  },
  preloaded: true,
  versions: { kubernetes: 'v1.34.4', kind: 'v0.30.0', etcd: 'v3.6.4', haproxy: '2.6.12' },
  objectStore: null,
  home: '/state',
}

describe('k3d', () => {
  it('is found with its version', async () => {
    const env = withK3d('k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)\n')
    expect(await findK3d(env)).toEqual({ path: join(env.PATH, 'k3d'), version: 'v5.8.3' })
    expect((await requireK3d(env)).version).toBe('v5.8.3')
  })

  it('that is missing, or says something else, is not found', async () => {
    expect(await findK3d(withK3d(null))).toBeNull()
    expect(await findK3d(withK3d('usage: k3d'))).toBeNull()
  })

  it('that is missing or of another version is refused with how to get it', async () => {
    await expect(requireK3d(withK3d(null))).rejects.toMatchObject({
      exitCode: 69,
      what: 'k3d is not installed',
      next: 'Install version 5 of k3d (k3d.io says how; it needs an engine and an image registry), then run this again; or give --provider kind.',
    })
    await expect(requireK3d(withK3d('k3d version v4.4.8'))).rejects.toMatchObject({
      exitCode: 69,
      what: 'k3d is v4.4.8 here, and version 5 is needed',
    })
  })

  it('takes the place of kind, and its nodes bring their own Kubernetes', () => {
    const found = { path: '/bin/k3d', version: 'v5.8.3' }
    expect(k3dTools(found, shared, '/bin/etcdctl')).toEqual({
      ...shared,
      k3d: '/bin/k3d',
      etcdctl: '/bin/etcdctl',
      images: { ...shared.images, node: 'rancher/k3s:v1.34.1-k3s1' },
      preloaded: false,
      versions: {
        haproxy: '2.6.12',
        kubernetes: 'v1.34.1',
        k3s: 'v1.34.1-k3s1',
        k3d: 'v5.8.3',
      },
    })
  })
})
