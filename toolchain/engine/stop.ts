/**
 * Ends the private engine, and no other. A process counts as ours only while its command line names
 * our own data or exec folder, so that a pid file left by a reboot cannot point at a stranger. What
 * the engine leaves mounted below its folder is unmounted.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { attempt } from '../command.ts'
import { engineFiles } from '../state.ts'

const END_WITHIN_MS = 40_000

/** True if there was an engine of ours to end. */
export async function stopEngine(): Promise<boolean> {
  const files = engineFiles()
  const daemons = await processesNaming(`--data-root=${files.data}`)
  for (const pid of daemons) signal(pid, 'SIGTERM')
  await untilGone(daemons)
  const rest = [...daemons, ...(await processesNaming(files.exec))]
  for (const pid of rest) signal(pid, 'SIGKILL')
  await untilGone(rest)
  for (const target of mountsBelow(await readFile('/proc/self/mounts', 'utf8'), files.folder)) {
    await attempt('umount', ['--lazy', target])
  }
  await rm(files.pid, { force: true })
  await rm(files.socket, { force: true })
  return daemons.length > 0
}

/** Mount points below a folder, the innermost first. */
export function mountsBelow(mounts: string, folder: string): string[] {
  const plain = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    )
  return mounts
    .split('\n')
    .map((line) => plain(line.split(' ')[1] ?? ''))
    .filter((target) => target.startsWith(`${folder}/`))
    .reverse()
}

async function processesNaming(text: string): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    if (line.split('\0').some((argument) => argument.startsWith(text))) found.push(Number(entry))
  }
  return found
}

async function untilGone(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + END_WITHIN_MS
  while (performance.now() < deadline && pids.some((pid) => signal(pid, 0))) await pause(50)
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
