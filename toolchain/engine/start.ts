/**
 * Makes sure that an engine answers. Where none does and we are root, it starts a private one: own
 * socket, data folder, exec folder, pid file and log, no default bridge, so that it touches nothing
 * of an engine that the user may start later. It outlives the command that started it. The runtime
 * shim goes in front of runc only where this host lacks a capability.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { execa } from 'execa'
import { MachineError } from '../../harness/model/errors.ts'
import { ensureGo } from '../build/go-command.ts'
import { which } from '../command.ts'
import { withLock } from '../lock.ts'
import { engineFiles, stateDir } from '../state.ts'
import type { Engine, Progress } from '../types.ts'
import { missingCapabilities } from './capabilities.ts'
import { findEngine, findPrivateEngine } from './find.ts'
import { ensurePackages } from './packages.ts'
import { buildShim } from './shim.ts'

const PACKAGES = ['docker.io', 'containerd', 'runc', 'iptables']
const START_WITHIN_MS = 60_000
/** A socket's path has at most 107 bytes, and the engine adds some 40 of its own. */
const LONGEST_STATE_DIR = 60
/** Each node's systemd, containerd and kubelet watch files; 128 is spent by the third node. */
export const INOTIFY_INSTANCES = 1024
export const INOTIFY_INSTANCES_FILE = '/proc/sys/fs/inotify/max_user_instances'

export async function ensureEngine(options: {
  progress: Progress
  install: boolean
}): Promise<Engine> {
  const engine = (await findEngine()) ?? (await startPrivate(options))
  await raiseInotify()
  return engine
}

async function startPrivate({
  progress,
  install,
}: {
  progress: Progress
  install: boolean
}): Promise<Engine> {
  const step = 'container engine'
  const began = performance.now()
  progress({ step, state: 'start' })
  refuseWhereImpossible()
  const engine = await withLock(
    `${engineFiles().folder}.lock`,
    (holder) => progress({ step, state: 'progress', detail: `process ${holder} is starting it` }),
    async () => {
      const running = await findEngine()
      if (running) return running
      if ((await which('dockerd')) === null || (await which('docker')) === null) {
        progress({ step, state: 'progress', detail: 'installing packages' })
        await ensurePackages(PACKAGES, 'A private container engine', install)
      }
      // Where the packages bring a running service, that is the user's engine from now on.
      return (await findEngine()) ?? (await launch(progress, step, install))
    },
  )
  progress({
    step,
    state: 'done',
    detail: engine.private ? 'private' : "the system's own",
    elapsedMs: Math.round(performance.now() - began),
  })
  return engine
}

function refuseWhereImpossible(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new MachineError({
      what: 'No container engine answers, and a private one can only be started by root on Linux.',
      changed: 'nothing was changed',
      next: 'Start Docker and run this again, or run it as root. `docker info` shows whether an engine answers.',
    })
  }
  if (stateDir().length > LONGEST_STATE_DIR) {
    throw new MachineError({
      what: `The state folder's path has more than ${LONGEST_STATE_DIR} characters: too long for the engine's socket.`,
      changed: 'nothing was changed',
      next: 'Set CLUSTERDRILL_HOME to a folder with a shorter path.',
    })
  }
}

async function launch(progress: Progress, step: string, install: boolean): Promise<Engine> {
  const files = engineFiles()
  await mkdir(files.folder, { recursive: true, mode: 0o711 })
  // An empty file of its own keeps it from reading the system's.
  await writeFile(files.configuration, '{}\n')
  const missing = missingCapabilities(await readFile('/proc/self/status', 'utf8'))
  const args = [
    `--host=unix://${files.socket}`,
    `--data-root=${files.data}`,
    `--exec-root=${files.exec}`,
    `--pidfile=${files.pid}`,
    `--config-file=${files.configuration}`,
    '--bridge=none',
    '--storage-driver=overlay2',
    '--log-level=warn',
  ]
  if (missing.length > 0) {
    progress({ step, state: 'progress', detail: `runtime shim: no ${missing.join(', ')} here` })
    await ensureGo({
      install,
      tell: (detail) => progress({ step, state: 'progress', detail }),
    })
    await buildShim(files.shim)
    args.push(`--add-runtime=clusterdrill=${files.shim}`, '--default-runtime=clusterdrill')
  }
  // The shell gives it a log that does not depend on this process, and becomes it.
  const logged = ['-c', 'exec "$@" >>"$0" 2>&1', files.log, 'dockerd', ...args]
  const daemon = execa('sh', logged, { detached: true, cleanup: false, stdio: 'ignore' })
  let ended = false
  daemon
    .catch(() => undefined)
    .finally(() => {
      ended = true
    })
  daemon.nodeChildProcess.unref()
  return untilItAnswers(() => ended)
}

async function untilItAnswers(hasEnded: () => boolean): Promise<Engine> {
  const deadline = performance.now() + START_WITHIN_MS
  while (performance.now() < deadline && !hasEnded()) {
    const engine = await findPrivateEngine()
    if (engine) return engine
    await pause(100)
  }
  const { log } = engineFiles()
  const lines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-5)
  throw new MachineError({
    what: `The private engine did not come up: ${lines.join(' / ')}`,
    changed: 'its files are in the state folder, nothing else was changed',
    next: `Read ${log}.`,
  })
}

async function raiseInotify(): Promise<void> {
  const now = Number(await readFile(INOTIFY_INSTANCES_FILE, 'utf8').catch(() => INOTIFY_INSTANCES))
  if (now < INOTIFY_INSTANCES && process.getuid?.() === 0) {
    await writeFile(INOTIFY_INSTANCES_FILE, String(INOTIFY_INSTANCES)).catch(() => undefined)
  }
}
