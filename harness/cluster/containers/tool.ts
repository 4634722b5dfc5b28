/**
 * Runs the tool that makes a cluster, kind or k3d, line by line, and says how it failed in its own
 * last words.
 */
import { execa } from 'execa'
import { MachineError } from '../../model/errors.ts'

export interface ToolRun {
  /** As a person would type it: `kind create cluster`. */
  called: string
  /** Absolute path. */
  file: string
  words: readonly string[]
  /** Added to the environment of this process. */
  env: Record<string, string>
  input?: string
  signal: AbortSignal
  /** Of standard output and standard error, as they come. */
  onLine(line: string): void
  /** What to do when it fails for another reason than a full disk. */
  next: string
}

/** Rejects with the signal's reason, or with a `MachineError` when the tool fails. */
export async function runTool(run: ToolRun): Promise<void> {
  const child = execa(run.file, run.words, {
    env: run.env,
    ...(run.input === undefined ? { stdin: 'ignore' as const } : { input: run.input }),
    all: true,
    reject: false,
    cancelSignal: run.signal,
  })
  for await (const line of child.iterable({ from: 'all' })) run.onLine(line)
  const result = await child
  run.signal.throwIfAborted()
  if (!result.failed) return
  const lastWords = (result.all ?? '').trim().split('\n').slice(-8).join('\n')
  throw new MachineError({
    what: /no space left/i.test(lastWords)
      ? `the disk is full: ${lastWords}`
      : `${run.called} failed:\n${lastWords}`,
    changed: 'what was made has been removed again',
    next: run.next,
  })
}
