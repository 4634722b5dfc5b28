/**
 * Finds a Go that can build the pinned modules. From 1.21 on any Go will do, for it fetches the
 * toolchain that a go.mod asks for; an older one, such as Debian 12's own, is used only to fetch
 * that toolchain as the module it is published as. Installs Debian's Go where that is allowed.
 */
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MachineError } from '../../harness/model/errors.ts'
import { attempt, run } from '../command.ts'
import { ensurePackages } from '../engine/packages.ts'
import { cacheDir } from '../state.ts'

/** What an old Go fetches. Go's own checksum database vouches for it. */
const fetchedVersion = 'go1.26.8'
/** The first that fetches by itself what a go.mod asks for. */
const oldestUsable = [1, 21] as const

export interface GoOptions {
  /** Whether Debian packages may be installed. */
  install: boolean
  tell?: (detail: string) => void
}

const fetchedFolder = () => join(cacheDir(), `${fetchedVersion}-toolchain`)
const fetchedGo = () => join(fetchedFolder(), 'bin', 'go')

/** A usable `go` that is here already, or null. */
export async function findGo(): Promise<{ command: string; version: string } | null> {
  for (const command of ['go', fetchedGo()]) {
    const version = await attempt(command, ['env', 'GOVERSION'])
    if (version !== null && isUsable(version)) return { command, version: version.trim() }
  }
  return null
}

/** `go1.26.8` and the like: can it build, or fetch what can? */
export function isUsable(version: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(version.trim())
  if (!match) return false
  const [major, minor] = [Number(match[1]), Number(match[2])]
  return major > oldestUsable[0] || (major === oldestUsable[0] && minor >= oldestUsable[1])
}

/** Rejects with a `MachineError` where there is none and none may be had. */
export async function ensureGo({ install, tell }: GoOptions): Promise<string> {
  const found = await findGo()
  if (found) return found.command
  if ((await attempt('go', ['version'])) === null) {
    tell?.('installing Go')
    await ensurePackages(['golang-go', 'ca-certificates'], 'Building the images', install)
    const installed = await findGo()
    if (installed) return installed.command
  }
  tell?.(`fetching ${fetchedVersion}`)
  await fetchToolchain()
  const fetched = await findGo()
  if (fetched) return fetched.command
  throw new MachineError({
    what: `${fetchedVersion} was fetched and does not run here`,
    changed: 'it lies in the state folder',
    next: 'Install Go 1.24 or newer by hand and run it again.',
  })
}

async function fetchToolchain(): Promise<void> {
  const processor = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const module = `golang.org/toolchain@v0.0.1-${fetchedVersion}.linux-${processor}`
  await mkdir(cacheDir(), { recursive: true })
  const folder = await mkdtemp(`${fetchedFolder()}.`)
  try {
    const answer = await run('go', ['mod', 'download', '-json', module], { cwd: folder })
    const { Dir: source } = JSON.parse(answer) as { Dir: string }
    await cp(source, join(folder, 'go'), { recursive: true })
    await makeRunnable(join(folder, 'go'))
    await rm(fetchedFolder(), { recursive: true, force: true })
    await rename(join(folder, 'go'), fetchedFolder())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The module form of the toolchain carries no permission to run. */
async function makeRunnable(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (/^(bin|pkg\/tool)(\/|$)/.test(dirname(path).slice(root.length + 1))) {
      await chmod(path, 0o755)
    }
  }
}
