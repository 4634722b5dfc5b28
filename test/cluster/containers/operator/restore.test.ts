/** A restore on another node: every command, in its order, and what is told of it. */
import { describe, expect, it, vi } from 'vitest'
import { backup } from '../../../../harness/cluster/containers/operator/backup.ts'
import { loadNote } from '../../../../harness/cluster/containers/operator/backup-note.ts'
import { restore } from '../../../../harness/cluster/containers/operator/restore.ts'
import { sha256 } from '../../../../harness/cluster/containers/operator/signed-request.ts'
import { Rebuild, restoredId } from './rebuild-stand-in.ts'

// Servers on loopback answer it, and the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const folder = '/var/lib/clusterdrill-backup'
const worker = 'exec cx-worker2'
const curl = `exec --interactive cx-worker2 curl --silent --show-error --fail --noproxy * --max-time 60 --config -`

/** After the backup: the machine is gone, and the API will answer once the kubelet has restarted. */
async function lost(rebuild: Rebuild) {
  await (await backup(rebuild.site('operator.backup', 'control-plane'))).inject()
  rebuild.controlPlaneRuns = false
  delete rebuild.etcdIds['cx-control-plane']
  const { mark } = await loadNote(rebuild.site('operator.backup', 'control-plane').folders)
  const site = rebuild.site('operator.restore', 'worker-b')
  rebuild.onNode = (node, command) => {
    if (command[0] !== 'systemctl') return
    rebuild.etcdIds[node] = restoredId
    const [before, after] = rebuild.manifests
    // The snapshot holds the first of them alone; one of the later ones is there against the rule.
    rebuild.api.items.configmaps = [...(before?.items ?? []), ...(after?.items.slice(0, 1) ?? [])]
    rebuild.clock.at(rebuild.clock.nowMs() + 14_000, () => {
      site.apiUrl = rebuild.api.url
    })
  }
  await rebuild.api.listen()
  rebuild.commands.length = 0
  return { site, mark }
}

describe('a restore', () => {
  it('does what is needed, in order, and tells what came back', async () => {
    await using rebuild = new Rebuild()
    const { site, mark } = await lost(rebuild)
    const handle = await restore(site)
    expect(handle.undo).toMatchObject({ kind: 'cluster.spend', cluster: 'cx', node: 'worker-b' })
    const before = await handle.look('before')
    expect(before.state).toBe('well')
    expect(before.text).toMatch(
      /^control-plane does not run; .* has the backup; to be restored on worker-b$/,
    )
    expect((await handle.look('during')).state).toBe('unclear')
    rebuild.commands.length = 0

    await handle.inject()
    const name =
      'grep -qxF "$1" /etc/hosts || echo "$1" >>/etc/hosts sh 172.28.0.2 cx-control-plane'
    const proxies = rebuild.commands.filter((line) => line.includes(' ctr '))
    expect(rebuild.commands.filter((line) => !proxies.includes(line))).toEqual([
      `${worker} rm -rf ${folder}`,
      `${worker} mkdir -m 700 ${folder}`,
      curl,
      `${worker} sha256sum ${folder}/etcd.db`,
      `${worker} stat -c %s ${folder}/etcd.db`,
      curl,
      `${worker} sha256sum ${folder}/kubernetes.tar`,
      `${worker} stat -c %s ${folder}/kubernetes.tar`,
      `${worker} etcdutl snapshot restore ${folder}/etcd.db --data-dir /var/lib/etcd --name cx-control-plane --initial-cluster cx-control-plane=https://172.28.0.2:2380 --initial-advertise-peer-urls https://172.28.0.2:2380 --initial-cluster-token clusterdrill-${mark} --bump-revision 1000000000 --mark-compacted`,
      `${worker} tar -C /etc/kubernetes -xf ${folder}/kubernetes.tar --exclude=./manifests`,
      `exec cx-worker sh -c ${name}`,
      `${worker} sh -c ${name}`,
      `${worker} iptables -w -I INPUT -d 172.28.0.2/32 -p tcp --dport 10250 -j DROP`,
      `${worker} ip address add 172.28.0.2/32 dev eth0`,
      `${worker} sh -c arping -q -U -c 2 -I eth0 "$1" || true sh 172.28.0.2`,
      'exec cx-worker ip neighbour flush to 172.28.0.2 dev eth0',
      `${worker} tar -C /etc/kubernetes -xf ${folder}/kubernetes.tar ./manifests`,
      `${worker} rm -rf ${folder}`,
      `${worker} systemctl restart kubelet`,
      expect.stringMatching(/^exec cx-worker2 etcdctl .* endpoint status --write-out json$/),
    ])
    const kill = 'ctr --namespace k8s.io tasks kill --signal SIGKILL proxy-1'
    expect(proxies.filter((line) => line.includes(' kill '))).toEqual([
      `exec cx-worker ${kill}`,
      `${worker} ${kill}`,
    ])
    expect(await handle.look('during')).toMatchObject({ state: 'broken' })
    expect(await handle.facts?.()).toEqual({
      restoredOn: 'worker-b',
      restoredSite: 'site-b',
      lostSite: 'site-a',
      snapshotBytes: 12,
      sentinels: 20,
      later: 20,
      apiBackMs: 14_000,
      sentinelsFound: 20,
      laterLost: 19,
      etcdClusterIdBefore: BigInt('324952591200643719').toString(16),
      etcdClusterIdAfter: BigInt(restoredId).toString(16),
    })
  })

  it('does not begin while the machine runs, the API answers or the store lacks something', async () => {
    await using rebuild = new Rebuild()
    const { site } = await lost(rebuild)
    rebuild.controlPlaneRuns = true
    const running = await (await restore(site)).look('before')
    expect(running).toMatchObject({ state: 'unclear' })
    expect(running.text).toMatch(/^control-plane runs; /)
    rebuild.controlPlaneRuns = false
    const answering = await (await restore({ ...site, apiUrl: rebuild.api.url })).look('before')
    expect(answering).toMatchObject({ state: 'unclear' })
    rebuild.s3.objects.delete('kubernetes.tar')
    const lacking = await (await restore(site)).look('before')
    expect(lacking.state).toBe('unclear')
    expect(lacking.text).toContain('kubernetes.tar: HTTP 404')
  })

  it('refuses a snapshot that is not the one that was sent, before it changes anything', async () => {
    await using rebuild = new Rebuild()
    const { site } = await lost(rebuild)
    rebuild.s3.objects.set('etcd.db', Buffer.from('another'))
    await expect((await restore(site)).inject()).rejects.toMatchObject({
      what: `etcd.db came from the store with SHA-256 ${sha256('another')}, not ${sha256('the snapshot')}`,
    })
    expect(rebuild.commands.filter((line) => /etcdutl snapshot|ip address/.test(line))).toEqual([])
  })

  it('has not taken hold where etcd is the one it was', async () => {
    await using rebuild = new Rebuild()
    const { site } = await lost(rebuild)
    const handle = await restore(site)
    await handle.inject()
    rebuild.etcdIds['cx-worker2'] = '324952591200643719'
    const same = await handle.look('during')
    expect(same.state).toBe('unclear')
    expect(same.text).toMatch(/the one that was lost$/)
  })

  it('gives up an API that does not come back, with the last words of the worker', async () => {
    await using rebuild = new Rebuild()
    const { site } = await lost(rebuild)
    rebuild.onNode = () => undefined
    const handle = await restore(site)
    await expect(handle.inject()).rejects.toMatchObject({
      exitCode: 2,
      changed: 'control-plane is lost and worker-b holds its address',
    })
    expect(rebuild.commands.at(-1)).toContain('journalctl --no-pager --lines 3 --unit kubelet')
  })

  it('needs a backup of this cluster, kubeadm, and its commands in the worker', async () => {
    await using rebuild = new Rebuild()
    const site = rebuild.site('operator.restore', 'worker-b')
    await expect(restore(site)).rejects.toMatchObject({
      what: 'there is no backup of this cluster to restore from',
    })
    await expect(restore({ ...site, provider: 'k3d' })).rejects.toMatchObject({ exitCode: 2 })
    const ready = await lost(rebuild)
    rebuild.missing = { 'cx-worker2': 'etcdutl\ntar\n' }
    await expect(restore(ready.site)).rejects.toMatchObject({
      what: 'the node worker-b lacks etcdutl, tar',
    })
  })
})
