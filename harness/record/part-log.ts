/**
 * The part of a sweep as lines of a pod's log, and back. The sweep is packed (gzip, base64) between a
 * line that begins it, with a checksum, and one that ends it; every line says whose it is, so what
 * else is in the log does no harm. What is read is believed only when it is whole and a sweep.
 */
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { UsageError } from '../model/errors.ts'
import type { Sweep } from '../model/sweep.ts'
import { parseSweep, sweepText } from './sweep-folder.ts'

/** A container runtime cuts lines that are longer than 16 KiB. */
const lineMax = 4_000
/** A kubelet begins a new file at 10 MiB (containerLogMaxSize), and the first lines are lost with the old. */
const packedBytesMax = 8 * 1024 * 1024
/** What a log of a part and some progress has at most; no more of it is asked for. */
export const logBytesMax = 10 * 1024 * 1024
/** A million runs are about a hundred megabytes. */
const textBytesMax = 256 * 1024 * 1024

/** Refuses a part that the log of a pod would not hold. */
export function partLog(part: number, sweep: Sweep, packedMax = packedBytesMax): string {
  const text = sweepText(sweep)
  const packed = gzipSync(text).toString('base64')
  if (packed.length > packedMax) {
    throw new UsageError(
      [`part ${part} has ${packed.length} bytes, and the log of a pod holds ${packedMax}`],
      'Take more --parts.',
    )
  }
  const lines = packed.match(new RegExp(`.{1,${lineMax}}`, 'g')) ?? []
  return [`begin ${digestOf(text)}`, ...lines, `end ${lines.length}`]
    .map((line) => `${marked(part)}${line}\n`)
    .join('')
}

/** The sweep, or why the log does not hold it whole. */
export function readPartLog(
  part: number,
  log: string,
  textMax = textBytesMax,
): { sweep: Sweep } | { problem: string } {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith(marked(part)))
    .map((line) => line.slice(marked(part).length).trimEnd())
  const [, digest] = /^begin ([0-9a-f]{64})$/.exec(lines[0] ?? '') ?? []
  if (digest === undefined) return { problem: 'its log holds no result' }
  const packed = lines.slice(1, -1)
  if (lines.length < 3 || lines.at(-1) !== `end ${packed.length}`) {
    return { problem: 'its log is cut off' }
  }
  if (!packed.every((line) => /^[A-Za-z0-9+/]+=*$/.test(line))) {
    return { problem: 'its log is damaged' }
  }
  try {
    const bytes = gunzipSync(Buffer.from(packed.join(''), 'base64'), {
      maxOutputLength: textMax,
    })
    const text = bytes.toString('utf8')
    return digestOf(text) === digest ? parseSweep(text) : { problem: 'its log is damaged' }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return {
      problem: code === 'ERR_BUFFER_TOO_LARGE' ? 'its result is too large' : 'its log is damaged',
    }
  }
}

const marked = (part: number): string => `part ${part}: `

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
