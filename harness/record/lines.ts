/**
 * The lines of a file, one after the other, without holding all of it. A last line without its
 * newline was torn off by a crash or is still being written; the reader is told.
 */
import { createReadStream } from 'node:fs'

export interface Line {
  text: string
  /** From 1. */
  number: number
  /** False for a last line that has no newline. */
  whole: boolean
}

/** Rejects with the file system's error where the file cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = ''
  let number = 0
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const texts = (rest + chunk).split('\n')
    rest = texts.pop() ?? ''
    for (const text of texts) {
      number += 1
      yield { text, number, whole: true }
    }
  }
  if (rest !== '') yield { text: rest, number: number + 1, whole: false }
}
