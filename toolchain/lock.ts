/**
 * Lets one setup at a time work in the state folder. The lock is a file with the holder's process
 * number and the moment it started, so that a number given to another process does not count; a lock
 * whose holder is gone is taken over. It never waits in silence: the caller is told.
 */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Runs `work` while holding the lock `file`. `waiting` is called once if another holds it. */
export async function withLock<T>(
  file: string,
  waiting: (holder: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const self = `${process.pid} ${await startOf(process.pid)}`
  let told = false
  while (!(await take(file, self))) {
    const [pid = '', start = ''] = (await readFile(file, 'utf8').catch(() => '')).split(' ')
    const holder = Number(pid)
    if (holder > 0 && !(isAlive(holder) && (await startOf(holder)) === start)) {
      await rm(file, { force: true })
      continue
    }
    if (!told) waiting(holder)
    told = true
    await pause(200)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

/** The lock appears with its content: it is written elsewhere and linked. */
async function take(file: string, holder: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`
  await writeFile(draft, holder)
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** When a process started, in the kernel's own count; empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
