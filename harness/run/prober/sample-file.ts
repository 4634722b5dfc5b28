/**
 * The lines of `samples.jsonl` on their way to the disk, in the prober's own process. Writing
 * never holds up a probe; a disk that is full is told of once, and tried again at each flush from
 * the byte where it stopped, so no line is torn and none that was measured is lost. What waits is
 * bounded: beyond that, new lines are counted as unwritten.
 */

/** About a million samples: more than an hour and a half of nine vantages at 20/s. */
const defaultWaitingBytesMax = 64 * 1024 * 1024

export interface SampleFileOptions {
  /** Writes some of the bytes at the end of the file and says how many. */
  write(bytes: Buffer): Promise<number>
  onTrouble(message: string): void
  waitingBytesMax?: number
}

export class SampleFile {
  readonly #options: SampleFileOptions
  readonly #waitingBytesMax: number
  #lines: Buffer[] = []
  #linesBytes = 0
  /** Taken from the lines, and not all on disk yet. */
  #head: Buffer = Buffer.alloc(0)
  #flushing: Promise<void> | null = null
  #failing = false
  #dropped = 0

  constructor(options: SampleFileOptions) {
    this.#options = options
    this.#waitingBytesMax = options.waitingBytesMax ?? defaultWaitingBytesMax
  }

  /** Lines that are not wholly on disk: waiting, or dropped for want of room. */
  get unwritten(): number {
    return this.#dropped + this.#lines.length + countLines(this.#head)
  }

  add(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    if (this.#linesBytes + this.#head.length + bytes.length > this.#waitingBytesMax) {
      this.#dropped += 1
      if (this.#dropped === 1) {
        this.#options.onTrouble('too many samples wait for the disk: newer ones are not kept there')
      }
      return
    }
    this.#lines.push(bytes)
    this.#linesBytes += bytes.length
  }

  /** Writes what waits. Never rejects: what could not be written goes on waiting. */
  flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#head.length + this.#linesBytes > 0) {
        this.#head = Buffer.concat([this.#head, ...this.#lines])
        this.#lines = []
        this.#linesBytes = 0
        this.#head = this.#head.subarray(await this.#options.write(this.#head))
      }
      if (this.#failing) {
        this.#failing = false
        this.#options.onTrouble('samples can be written again; all that waited are on disk')
      }
    } catch (error) {
      if (this.#failing) return
      this.#failing = true
      this.#options.onTrouble(
        `samples cannot be written, and wait in memory: ${(error as Error).message}`,
      )
    }
  }
}

const newline = 10

function countLines(bytes: Buffer): number {
  let lines = 0
  for (const byte of bytes) if (byte === newline) lines += 1
  return lines
}
