/**
 * Installs Debian packages through the machine's own apt, where that is allowed. It adds no source
 * and never runs unless the caller was told that it may; what is installed already costs nothing.
 */
import { MachineError } from '../../harness/model/errors.ts'
import { attempt, run, which } from '../command.ts'

const QUIET = { DEBIAN_FRONTEND: 'noninteractive' }

export async function isInstalled(name: string): Promise<boolean> {
  const state = await attempt('dpkg-query', ['-W', '-f', `\${db:Status-Status}`, name])
  return state === 'installed'
}

export async function ensurePackages(
  names: readonly string[],
  purpose: string,
  allowed: boolean,
): Promise<void> {
  const present = await Promise.all(names.map(isInstalled))
  const missing = names.filter((_, index) => !present[index])
  if (missing.length === 0) return
  const line = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!allowed || process.getuid?.() !== 0 || (await which('apt-get')) === null) {
    throw new MachineError({
      what: `${purpose} needs ${missing.join(', ')}.`,
      changed: 'nothing was changed',
      next: `Run as root: ${line}`,
    })
  }
  try {
    await run('apt-get', ['update'], { env: QUIET })
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env: QUIET })
  } catch (cause) {
    throw new MachineError(
      {
        what: `apt could not install ${missing.join(', ')}.`,
        changed: 'some packages may have been installed',
        next: `Run it by hand and see what it says: ${line}`,
      },
      { cause },
    )
  }
}
