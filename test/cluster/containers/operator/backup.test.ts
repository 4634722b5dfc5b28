/** A backup: sentinels before and after the snapshot, and what lies in the store is what was sent. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { backup } from '../../../../harness/cluster/containers/operator/backup.ts'
import { loadNote } from '../../../../harness/cluster/containers/operator/backup-note.ts'
import { clusterIdIn } from '../../../../harness/cluster/containers/operator/etcd-identity.ts'
import { sha256 } from '../../../../harness/cluster/containers/operator/signed-request.ts'
import { Rebuild } from './rebuild-stand-in.ts'

// Servers on loopback answer it, and the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const etcdctl =
  'exec cx-control-plane etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/server.crt --key /etc/kubernetes/pki/etcd/server.key'
const curl =
  'exec --interactive cx-control-plane curl --silent --show-error --fail --noproxy * --max-time 60 --config -'

describe('a backup', () => {
  it('is taken between two sets of objects, sent, read back and noted', async () => {
    await using rebuild = new Rebuild()
    const site = rebuild.site('operator.backup', 'control-plane')
    const handle = await backup(site)
    expect(handle.undo.kind).toBe('none')
    expect(await handle.look('before')).toEqual({
      state: 'well',
      text: 'etcd on control-plane is healthy',
    })
    expect((await handle.look('during')).state).toBe('unclear')
    rebuild.commands.length = 0

    await handle.inject()
    const server =
      'mkdir -p /data/objects /data/notes && exec /usr/local/bin/versitygw --port :7070 posix --sidecar /data/notes /data/objects'
    const apply =
      'kubectl --kubeconfig kubeconfig --request-timeout 10s apply --server-side --force-conflicts --field-manager clusterdrill -f -'
    const folder = '/var/lib/clusterdrill-backup'
    expect(rebuild.commands).toEqual([
      `run --detach --name cx-object-store --hostname cx-object-store --network cx --label dev.clusterdrill.owner=cx --env-file ${join(rebuild.folder, 'object-store.env')} --volume /cache/versitygw:/usr/local/bin/versitygw:ro --volume /data --entrypoint sh node:1 -c ${server}`,
      `${etcdctl} endpoint status --write-out json`,
      `${etcdctl} member list --write-out simple`,
      apply,
      `exec cx-control-plane rm -rf ${folder}`,
      `exec cx-control-plane mkdir -m 700 ${folder}`,
      `${etcdctl} snapshot save ${folder}/etcd.db`,
      `exec cx-control-plane tar --exclude=kubelet.conf -C /etc/kubernetes -cf ${folder}/kubernetes.tar .`,
      `exec cx-control-plane sha256sum ${folder}/etcd.db`,
      `exec cx-control-plane stat -c %s ${folder}/etcd.db`,
      curl,
      `exec cx-control-plane sha256sum ${folder}/kubernetes.tar`,
      `exec cx-control-plane stat -c %s ${folder}/kubernetes.tar`,
      curl,
      `exec cx-control-plane rm -rf ${folder}`,
      apply,
    ])
    expect(rebuild.manifests.map(({ items }) => items.length)).toEqual([20, 20])
    expect(rebuild.manifests.map(({ items }) => items[0]?.metadata.name)).toEqual([
      'sentinel-before-1',
      'sentinel-after-1',
    ])
    expect([...rebuild.s3.objects.keys()]).toEqual(['etcd.db', 'kubernetes.tar'])
    expect(await handle.look('during')).toMatchObject({ state: 'broken' })
    expect(await handle.look('after')).toMatchObject({ state: 'well' })

    const { store, ...note } = await loadNote(site.folders)
    expect(note).toMatchObject({
      node: 'control-plane',
      member: { name: 'cx-control-plane', peerUrl: 'https://172.28.0.2:2380' },
      snapshot: { key: 'etcd.db', bytes: 12, sha256: sha256('the snapshot') },
    })
    expect(await handle.facts?.()).toEqual({
      snapshotBytes: 12,
      sha256: sha256('the snapshot'),
      filesBytes: 12,
      sentinels: 20,
      later: 20,
      etcdClusterId: BigInt('324952591200643719').toString(16),
      storedAt: `site-neutral S3 store at ${store.url}`,
    })
  })

  it('keeps its secret off command lines and out of what it says, for its owner alone', async () => {
    await using rebuild = new Rebuild()
    const handle = await backup(rebuild.site('operator.backup', 'control-plane'))
    await handle.inject()
    const said = [
      ...rebuild.commands,
      JSON.stringify(await handle.facts?.()),
      (await handle.look('during')).text,
    ].join('\n')
    expect(rebuild.secret.length).toBeGreaterThan(30)
    expect(said).not.toContain(rebuild.secret)
    for (const name of ['object-store.env', 'backup.json']) {
      expect(statSync(join(rebuild.folder, name)).mode & 0o077).toBe(0)
    }
  })

  it('is patient with an API that refuses for a moment, and not for ever', async () => {
    await using rebuild = new Rebuild()
    rebuild.refusals = 3
    const handle = await backup(rebuild.site('operator.backup', 'control-plane'))
    await handle.inject()
    expect(rebuild.manifests).toHaveLength(2)
    await using other = new Rebuild()
    other.refusals = 1_000
    const refused = await backup(other.site('operator.backup', 'control-plane'))
    await expect(refused.inject()).rejects.toMatchObject({
      exitCode: 2,
      what: 'the API took no sentinels within 30 s: the server is busy',
    })
  })

  it('that was changed in the store, or is gone from it, is none', async () => {
    await using rebuild = new Rebuild()
    const handle = await backup(rebuild.site('operator.backup', 'control-plane'))
    await handle.inject()
    rebuild.s3.objects.set('etcd.db', Buffer.from('another'))
    const changed = await handle.look('after')
    expect(changed.state).toBe('unclear')
    expect(changed.text).toContain(sha256('another'))
    rebuild.s3.objects.delete('etcd.db')
    expect((await handle.look('after')).text).toBe('etcd.db: HTTP 404 no such key')
  })

  it("takes the place of an earlier drill's store, and of nobody else's", async () => {
    await using rebuild = new Rebuild()
    rebuild.leaveStore({ 'dev.clusterdrill.owner': 'cx' })
    await (await backup(rebuild.site('operator.backup', 'control-plane'))).inject()
    expect(rebuild.commands).toContain('rm --force --volumes cx-object-store')
    await using other = new Rebuild()
    other.leaveStore({})
    const handle = await backup(other.site('operator.backup', 'control-plane'))
    await expect(handle.inject()).rejects.toMatchObject({
      exitCode: 69,
      what: "there is a container 'cx-object-store' that is not ours",
    })
  })

  it('is refused where nodes, commands or members are not those it is for', async () => {
    await using rebuild = new Rebuild()
    const site = rebuild.site('operator.backup', 'control-plane')
    await expect(backup({ ...site, provider: 'k3d' })).rejects.toMatchObject({
      what: 'operator.backup needs the static pods of kubeadm, which nodes of k3d have not',
    })
    rebuild.members = `${rebuild.members}\n${rebuild.members}`
    await expect((await backup(site)).inject()).rejects.toMatchObject({
      what: 'etcd has 2 members, and only one of a lone control plane can be restored alone',
    })
    rebuild.missing = { 'cx-control-plane': 'etcdctl\n' }
    await expect(backup(site)).rejects.toMatchObject({
      what: 'the node control-plane lacks etcdctl',
    })
  })
})

it('reads the identity of a cluster without rounding it', () => {
  expect(clusterIdIn('{"header":{"cluster_id":14132007066502751237}}')).toBe('c41ef98d6a34e405')
  expect(clusterIdIn('context deadline exceeded')).toBeNull()
})
