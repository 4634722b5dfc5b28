/**
 * Lays out what the node image adds to its Debian root: our files, the Kubernetes commands, the
 * links that enable and disable units, and what kind reads. Values that are only known now (image
 * names) are put in the places marked with @.
 */
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toolchainDir } from './versions.ts'

/** Units that would manage hardware, logins or updates: a node container has none of these. */
const MASKED = [
  'apt-daily-upgrade.timer',
  'apt-daily.timer',
  'console-getty.service',
  'dev-hugepages.mount',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty.target',
  'systemd-firstboot.service',
  'systemd-logind.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
  'systemd-udev-trigger.service',
  'systemd-udevd-control.socket',
  'systemd-udevd-kernel.socket',
  'systemd-udevd.service',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
]

export interface NodeFiles {
  kubernetesVersion: string
  /** Absolute paths of commands to put into /usr/bin. */
  commands: readonly string[]
  /** Values for the marks: `@pause@`, `@components@`. */
  values: Readonly<Record<string, string>>
}

export async function layOutNode(tree: string, files: NodeFiles): Promise<void> {
  const source = join(toolchainDir, 'node-image')
  await cp(join(source, 'root'), tree, { recursive: true })
  const containerd = join(tree, 'etc/containerd/config.toml')
  await writeFile(containerd, fillIn(await readFile(containerd, 'utf8'), files.values))
  await mkdir(join(tree, 'etc/containerd/certs.d'))

  await mkdir(join(tree, 'kind/manifests'), { recursive: true })
  for (const name of ['default-cni.yaml', 'default-storage.yaml']) {
    const text = await readFile(join(source, 'manifests', name), 'utf8')
    await writeFile(join(tree, 'kind/manifests', name), fillIn(text, files.values))
  }
  await writeFile(join(tree, 'kind/version'), files.kubernetesVersion)

  await mkdir(join(tree, 'usr/bin'), { recursive: true })
  for (const command of files.commands) {
    const target = join(tree, 'usr/bin', command.slice(dirname(command).length + 1))
    await cp(command, target)
    await chmod(target, 0o755)
  }

  const units = join(tree, 'etc/systemd/system')
  for (const unit of MASKED) await symlink('/dev/null', join(units, unit))
  await symlink('/lib/systemd/system/multi-user.target', join(units, 'default.target'))
  await mkdir(join(units, 'multi-user.target.wants'))
  await symlink(
    '/etc/systemd/system/kubelet.service',
    join(units, 'multi-user.target.wants/kubelet.service'),
  )
  await mkdir(join(tree, 'opt/cni'), { recursive: true })
  await symlink('/usr/lib/cni', join(tree, 'opt/cni/bin'))
}

/** Replaces every mark; refuses a mark without a value. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/@([a-z]+)@/g, (mark, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for ${mark}`)
    return value
  })
}
