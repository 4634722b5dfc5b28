/**
 * Puts this process before others on a busy machine, where it may: the probes must leave on time
 * while a cluster starts on the same processors. Without the right to do so, or without the
 * program for it, nothing changes, and the measured lateness tells.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

const niceness = -15
/** The lowest: before all ordinary processes, after whatever the machine runs in real time. */
const realTimePriority = '1'

/** Takes some milliseconds; to be called before the first probe. */
export function raisePriority(): void {
  try {
    setPriority(niceness)
    // Linux weighs sessions first, and processes only within their session.
    writeFileSync('/proc/self/autogroup', String(niceness))
  } catch {
    // Not privileged, or no such file.
  }
  // From util-linux; Node has no call for it. Helper threads made later stay ordinary.
  const order = ['--reset-on-fork', '--fifo', '--pid', realTimePriority, String(process.pid)]
  spawnSync('chrt', order, { stdio: 'ignore', timeout: 2_000 })
}
