/**
 * Builds commands from pinned Go modules with the machine's own Go, its module proxy and its build
 * cache. The binaries are static and carry no path of this machine. It counts compiled packages to
 * say how far it is, and refuses modules that go.mod and go.sum do not pin.
 */
import { MachineError } from '../../harness/model/errors.ts'
import { run } from '../command.ts'
import { findGo } from './go-command.ts'

export interface GoBuild {
  /** Folder of the go.mod. */
  module: string
  packages: readonly string[]
  /** A file for one command, a folder (with a trailing slash) for several. */
  output: string
  /** Text variables to set, by their full name. */
  variables?: Readonly<Record<string, string>>
  tell?: (detail: string, fraction?: number) => void
}

const ENVIRONMENT = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' }

export async function goBuild({
  module,
  packages,
  output,
  variables,
  tell,
}: GoBuild): Promise<void> {
  const go = await usableGo()
  const options = { cwd: module, env: ENVIRONMENT }
  tell?.('downloading modules')
  const dependencies = await run(go, ['list', '-mod=readonly', '-deps', ...packages], options)
  const total = new Set(dependencies.split('\n')).size
  const flags = ['-s', '-w']
  for (const [name, value] of Object.entries(variables ?? {})) flags.push('-X', `${name}=${value}`)
  let compiled = 0
  await run(
    go,
    [
      'build',
      '-v',
      '-mod=readonly',
      '-trimpath',
      '-ldflags',
      flags.join(' '),
      '-o',
      output,
      ...packages,
    ],
    {
      ...options,
      onLine: (line) => {
        if (/\s/.test(line)) return
        compiled += 1
        tell?.(`${compiled} of at most ${total} packages`, compiled / total)
      },
    },
  )
}

/** Where Go keeps a module's source; downloads it if need be. */
export async function moduleSource(module: string, path: string): Promise<string> {
  const go = await usableGo()
  const options = { cwd: module, env: ENVIRONMENT }
  await run(go, ['mod', 'download', path], options)
  return (await run(go, ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', path], options)).trim()
}

async function usableGo(): Promise<string> {
  const found = await findGo()
  if (found) return found.command
  throw new MachineError({
    what: 'Go is needed to build for a machine without an image registry, and is not here.',
    changed: 'nothing was built',
    next: '`pnpm run setup kind` gets it as root on Debian; or install Go 1.24 or newer.',
  })
}
