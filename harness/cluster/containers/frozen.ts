/**
 * Processes that cannot die. A container runtime holds its containers' processes frozen for moments;
 * one that is killed in such a moment, inside of a node, leaves them so, and with version 1 of control
 * groups not even SIGKILL ends what is frozen: the engine gives the node up as one that it cannot kill.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where version 1 has them; a machine with version 2 alone has no such folder, and no need of it. */
const freezers = '/sys/fs/cgroup/freezer'

/**
 * Thaws whatever is frozen in containers of these ids; how many groups were. `root`: the folder of all
 * groups. What cannot be read or written counts as not frozen: the engine may be on another machine.
 */
export async function thawBelow(ids: readonly string[], root = freezers): Promise<number> {
  const entries = await readdir(root, { recursive: true }).catch(() => [])
  const states = entries.filter(
    (entry) => entry.endsWith('freezer.state') && ids.some((id) => entry.includes(id)),
  )
  const thawed = await Promise.all(states.map((entry) => thaw(join(root, entry))))
  return thawed.filter(Boolean).length
}

async function thaw(file: string): Promise<boolean> {
  try {
    if ((await readFile(file, 'utf8')).trim() === 'THAWED') return false
    await writeFile(file, 'THAWED')
    return true
  } catch {
    return false
  }
}
