/**
 * Where the toolchain keeps what it makes: one folder of the user's, outside any checkout.
 * Everything in it can be deleted and is made again.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** `$CLUSTERDRILL_HOME`, or `.clusterdrill` in the home folder; always absolute. */
export function stateDir(): string {
  const chosen = process.env.CLUSTERDRILL_HOME
  return chosen ? resolve(chosen) : join(homedir(), '.clusterdrill')
}

export const cacheDir = () => join(stateDir(), 'cache')
export const binDir = () => join(stateDir(), 'bin')

/** The private engine's own files. */
export function engineFiles(root = stateDir()) {
  const folder = join(root, 'engine')
  return {
    folder,
    socket: join(folder, 'docker.sock'),
    data: join(folder, 'data'),
    exec: join(folder, 'exec'),
    pid: join(folder, 'docker.pid'),
    configuration: join(folder, 'daemon.json'),
    log: join(folder, 'docker.log'),
    shim: join(folder, 'runtime-shim'),
  }
}
