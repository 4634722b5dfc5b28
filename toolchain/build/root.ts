/**
 * Makes a Debian root as an image layer, with mmdebstrap and the machine's own sources. Documents
 * and translations are left out, and so is what mmdebstrap takes over from this machine (its name and
 * its name servers). Notes the version of every package.
 */
import { join } from 'node:path'
import { run } from '../command.ts'
import { noteLayer } from './layer.ts'
import { aptProxies, machineSources } from './sources.ts'

export const PACKAGE_LIST = 'packages.txt'
const LEFT_OUT = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
]

export async function makeRoot(packages: readonly string[], into: string): Promise<void> {
  const { release, sources } = await machineSources()
  const list = join(into, PACKAGE_LIST)
  const args = ['--mode=root', '--variant=minbase', `--include=${packages.join(',')}`]
  for (const path of LEFT_OUT) args.push(`--dpkgopt=path-exclude=${path}`)
  args.push('--aptopt=APT::Install-Recommends "false"')
  for (const proxy of await aptProxies()) args.push(`--aptopt=${proxy}`)
  args.push(
    '--customize-hook=rm -f "$1"/etc/resolv.conf "$1"/etc/hostname && : >"$1"/etc/machine-id',
    `--customize-hook=chroot "$1" dpkg-query -W -f '\${Package} \${Version}\\n' >'${list}'`,
    release.codename,
    join(into, 'layer.tar'),
    ...sources,
  )
  await run('mmdebstrap', args)
  await noteLayer(into)
}

/** The version of a package in a list that `makeRoot` wrote, without epoch and Debian's suffix. */
export function packageVersion(list: string, name: string): string {
  const line = list.split('\n').find((entry) => entry.startsWith(`${name} `)) ?? ''
  const version = line.slice(name.length + 1)
  return version.replace(/^\d+:/, '').replace(/[~+-].*$/, '')
}
