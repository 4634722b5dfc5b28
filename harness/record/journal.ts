/**
 * The write-ahead journal: how each fault is undone is on disk before the fault is done, so that
 * a crash at any instant leaves enough to heal by. Every append is synced before it returns.
 * Reading passes over a torn last line, whose fault was never done, and refuses anything else
 * that is not a journal.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { messageOf, UsageError } from '../model/errors.ts'
import { type UndoAction, undoSchema } from '../model/undo.ts'
import { diskTrouble } from './disk-trouble.ts'

const entrySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('intent'),
    id: z.string(),
    atEpochMs: z.number(),
    action: undoSchema,
  }),
  z.strictObject({ type: z.literal('held'), id: z.string() }),
  z.strictObject({ type: z.literal('undone'), id: z.string() }),
])

export type JournalEntry = z.infer<typeof entrySchema>

export interface PendingUndo {
  id: string
  atEpochMs: number
  action: UndoAction
  /** True when the fault was seen to hold; false when it may not even have been done. */
  held: boolean
}

/** A journal that is being written. Appends throw a `MachineError` when the disk refuses. */
export class Journal {
  readonly #path: string
  readonly #file: number

  /**
   * Creates the file, or goes on with the one there is, less a torn last line. Throws a
   * `UsageError` when that is not a journal.
   */
  constructor(path: string) {
    const { entries, wholeBytes } = readWhole(path)
    this.#path = path
    try {
      this.#file = openSync(path, 'a')
      ftruncateSync(this.#file, wholeBytes)
      if (entries.length === 0) syncDirectory(dirname(path))
    } catch (error) {
      throw diskTrouble(error, dirname(path), `${basename(path)} cannot be written`)
    }
  }

  /** To be called before the fault: from its return on, a crash is healed by `pnpm clean`. */
  intent(id: string, action: UndoAction, atEpochMs: number): void {
    this.#append({ type: 'intent', id, atEpochMs, action })
  }

  /** The fault was seen to hold. */
  held(id: string): void {
    this.#append({ type: 'held', id })
  }

  undone(id: string): void {
    this.#append({ type: 'undone', id })
  }

  close(): void {
    closeSync(this.#file)
  }

  #append(entry: JournalEntry): void {
    const sizeBefore = fstatSync(this.#file).size
    try {
      let rest = Buffer.from(`${JSON.stringify(entry)}\n`)
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#file, rest))
      fsyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, sizeBefore)
      const what = `'${entry.type} ${entry.id}' cannot be written to ${basename(this.#path)}`
      throw diskTrouble(error, dirname(this.#path), what)
    }
  }
}

/**
 * All entries in their order; none for a file that does not exist. Throws a `UsageError` that
 * names every line that is not an entry.
 */
export function readJournal(path: string): JournalEntry[] {
  return readWhole(path).entries
}

/** What was intended and not undone since, newest first: the order in which to undo it. */
export function pending(entries: readonly JournalEntry[]): PendingUndo[] {
  const open = new Map<string, PendingUndo>()
  for (const entry of entries) {
    const known = open.get(entry.id)
    if (entry.type === 'held' && known !== undefined) known.held = true
    if (entry.type !== 'held') open.delete(entry.id)
    if (entry.type === 'intent') {
      const { id, atEpochMs, action } = entry
      open.set(id, { id, atEpochMs, action, held: false })
    }
  }
  return [...open.values()].reverse()
}

function readWhole(path: string): { entries: JournalEntry[]; wholeBytes: number } {
  const text = readText(path)
  const wholeText = text.slice(0, text.lastIndexOf('\n') + 1)
  const entries: JournalEntry[] = []
  const problems: string[] = []
  for (const [position, line] of wholeText.split('\n').slice(0, -1).entries()) {
    const entry = decode(line)
    if (entry === null) problems.push(`${path}: line ${position + 1} is not an entry of a journal`)
    else entries.push(entry)
  }
  const torn = text.slice(wholeText.length)
  // A power cut may leave a tail of zeros where the line was to be.
  if (!/^($|\{|\0)/.test(torn)) {
    problems.push(`${path}: the last line is not an entry of a journal`)
  }
  if (problems.length > 0) {
    throw new UsageError(problems, 'Look at the file; nothing is undone from one like this.')
  }
  return { entries, wholeBytes: Buffer.byteLength(wholeText) }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new UsageError([`${path}: ${messageOf(error)}`])
  }
}

function decode(line: string): JournalEntry | null {
  try {
    return entrySchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Makes the new file's entry in its folder outlive a power cut. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
