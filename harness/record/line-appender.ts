/**
 * Appends lines to a file of a run: buffered, on disk within 250 ms, and at once by `flushSync`
 * on the way out of a crash. A disk that is full is told of once and tried again from the byte
 * where it stopped, so that lines stay whole; what is left at the close is an error.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { messageOf } from '../model/errors.ts'
import { diskTrouble } from './disk-trouble.ts'

const flushWithinMs = 200

export class LineAppender {
  readonly #path: string
  readonly #onTrouble: (message: string) => void
  readonly #file: number
  /** Lines that no try to write has seen yet, each with its end. */
  #lines: string[] = []
  /** What the disk did not take when it was last tried. */
  #waiting: Buffer = Buffer.alloc(0)
  #timer: NodeJS.Timeout | null = null
  #failing = false

  /** Creates the file where there is none. Throws a `MachineError` where it cannot. */
  constructor(path: string, onTrouble: (message: string) => void) {
    this.#path = path
    this.#onTrouble = onTrouble
    try {
      this.#file = openSync(path, 'a')
    } catch (error) {
      throw diskTrouble(error, dirname(path), `${basename(path)} cannot be written`)
    }
  }

  append(lines: readonly string[]): void {
    if (lines.length === 0) return
    for (const line of lines) this.#lines.push(`${line}\n`)
    this.#arm()
  }

  /** Writes what waits, as far as the disk takes it. Never throws. */
  flushSync(): void {
    try {
      this.#writeAll()
      this.#failing = false
    } catch (error) {
      if (this.#failing) return
      this.#failing = true
      this.#onTrouble(`${basename(this.#path)} cannot be written: ${messageOf(error)}`)
    }
  }

  /** Throws a `MachineError` when something is left that the disk does not take. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    try {
      this.#writeAll()
    } catch (error) {
      const what = `the last lines of ${basename(this.#path)} cannot be written`
      throw diskTrouble(error, dirname(this.#path), what)
    } finally {
      closeSync(this.#file)
    }
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.flushSync()
      if (this.#waiting.length > 0) this.#arm()
    }, flushWithinMs)
    // A disk that stays full must not keep the process from ending.
    if (this.#failing) this.#timer.unref()
  }

  #writeAll(): void {
    if (this.#lines.length > 0) {
      this.#waiting = Buffer.concat([this.#waiting, Buffer.from(this.#lines.join(''))])
      this.#lines = []
    }
    while (this.#waiting.length > 0) {
      this.#waiting = this.#waiting.subarray(writeSync(this.#file, this.#waiting))
    }
  }
}
