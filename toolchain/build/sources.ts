/**
 * Reads, from the machine's own apt, where it gets this Debian release from, so that images are made
 * from the same source and no address stands in this project. Pure but for `machineSources`, which
 * asks apt. Sources of other vendors and of other releases are left out.
 */
import { readFile } from 'node:fs/promises'
import { MachineError } from '../../harness/model/errors.ts'
import { attempt, run } from '../command.ts'

export interface Release {
  /** 'debian' and the like. */
  id: string
  /** 'bookworm' and the like. */
  codename: string
}

/** The fields asked of apt for each index it knows, in this order, between bars. */
export const INDEX_FORMAT =
  '$(ORIGIN)|$(CODENAME)|$(SUITE)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)'

/** One-line sources (`deb [signed-by=…] address suite component`), without repetition, in apt's order. */
export function parseIndexTargets(text: string, release: Release): string[] {
  const lines = new Set<string>()
  for (const line of text.split('\n')) {
    const [origin, codename, suite, address, name, component, signedBy] = line.split('|')
    if (!origin || !codename || !address || !name || !component) continue
    if (origin.toLowerCase() !== release.id) continue
    if (codename !== release.codename && !codename.startsWith(`${release.codename}-`)) continue
    if (/backports|proposed/.test(`${codename} ${suite ?? ''}`)) continue
    const options = signedBy?.startsWith('/') ? `[signed-by=${signedBy}] ` : ''
    lines.add(`deb ${options}${address} ${name} ${component}`)
  }
  return [...lines]
}

export function parseRelease(text: string): Release {
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  return { id: field('ID'), codename: field('VERSION_CODENAME') }
}

export async function machineRelease(): Promise<Release> {
  return parseRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''))
}

export async function machineSources(): Promise<{ release: Release; sources: string[] }> {
  const release = await machineRelease()
  const list = async () =>
    parseIndexTargets(
      (await attempt('apt-get', [
        'indextargets',
        '--format',
        INDEX_FORMAT,
        'Created-By: Packages',
      ])) ?? '',
      release,
    )
  let sources = await list()
  if (sources.length === 0) {
    await attempt('apt-get', ['update'])
    sources = await list()
  }
  if (sources.length === 0) {
    throw new MachineError({
      what: `apt knows no source for ${release.id || 'this system'} ${release.codename}, from which the images are made.`,
      changed: 'nothing was built',
      next: 'Run `apt-get update` and see whether it fails; the images can be built on Debian 12.',
    })
  }
  return { release, sources }
}

/** The machine's own proxies, in the form mmdebstrap takes. */
export async function aptProxies(): Promise<string[]> {
  const text = await run('apt-config', ['dump', '--format', '%f "%v";%n', 'Acquire']).catch(
    () => '',
  )
  return text.split('\n').filter((line) => /^Acquire::https?::Proxy /i.test(line))
}
