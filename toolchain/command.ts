/**
 * The one place that starts other programs. A failure becomes an error with a command line that can
 * be pasted and the end of what the program printed. Nothing here decides what is run.
 */
import { execa, type Options } from 'execa'

export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number | undefined
  readonly output: string

  constructor(line: string, exitCode: number | undefined, output: string, cause: unknown) {
    super(`${line}: ${exitCode === undefined ? 'did not finish' : `exit ${exitCode}`}\n${output}`, {
      cause,
    })
    this.exitCode = exitCode
    this.output = output
  }
}

export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
  timeoutMs?: number
  /** Called with each line the program prints on its error stream. */
  onLine?: (line: string) => void
}

/** Runs a program to its end and returns what it printed, without the last line break. */
export async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { onLine } = options
  const settings: Options = {
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(onLine === undefined
      ? {}
      : {
          *stderr(line: unknown) {
            onLine(String(line))
            yield line
          },
        }),
  }
  try {
    const result = await execa(program, args, settings)
    return String(result.stdout ?? '')
  } catch (cause) {
    const failure = cause as { exitCode?: number; stdout?: string; stderr?: string }
    const output = `${failure.stdout ?? ''}\n${failure.stderr ?? ''}`.trim()
    const end = output.split('\n').slice(-25).join('\n')
    throw new CommandError([program, ...args].join(' '), failure.exitCode, end, cause)
  }
}

/** Like `run`, but a program that fails or is not there gives null. */
export async function attempt(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string | null> {
  try {
    return await run(program, args, options)
  } catch {
    return null
  }
}

/** Sends what one program prints to the other's input, as a shell's pipe does. */
export async function pipe(
  from: readonly [string, ...string[]],
  to: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<string> {
  const [source, ...sourceArgs] = from
  const [target, ...targetArgs] = to
  try {
    const result = await execa(source, sourceArgs, {
      stdin: 'ignore',
      buffer: { stdout: false },
    }).pipe(target, targetArgs, { env })
    return String(result.stdout ?? '')
  } catch (cause) {
    const failure = cause as { exitCode?: number; stderr?: string }
    const line = `${from.join(' ')} | ${to.join(' ')}`
    throw new CommandError(line, failure.exitCode, String(failure.stderr ?? ''), cause)
  }
}

/** The absolute path of a program, or null where there is none. */
export async function which(program: string): Promise<string | null> {
  return (await attempt('sh', ['-c', `command -v -- "$1"`, 'sh', program])) || null
}
