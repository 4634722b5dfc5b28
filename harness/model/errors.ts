/**
 * The few kinds of failure a user can meet. Each says what happened, whether anything was
 * changed, and what to do next, and carries the process exit code that goes with it.
 * Anything that is not one of these is a bug, and exits 70.
 */

export interface Explanation {
  /** What happened, one sentence. */
  what: string
  /** Whether anything was changed: 'nothing was changed', or what was and that it was healed. */
  changed: string
  /** What to do next. */
  next: string
}

export class DrillError extends Error {
  readonly exitCode: number
  readonly what: string
  readonly changed: string
  readonly next: string

  constructor(exitCode: number, explanation: Explanation, options?: ErrorOptions) {
    super(`${explanation.what} (${explanation.changed}) ${explanation.next}`, options)
    this.exitCode = exitCode
    this.what = explanation.what
    this.changed = explanation.changed
    this.next = explanation.next
  }
}

/** The command line or a file is wrong: every problem at once, nothing touched. Exit 64. */
export class UsageError extends DrillError {
  override readonly name = 'UsageError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], next = 'See --help.', options?: ErrorOptions) {
    super(64, { what: problems.join('\n'), changed: 'nothing was touched', next }, options)
    this.problems = problems
  }
}

/** The machine cannot do it: no engine, no image, no space, a port taken. Exit 69. */
export class MachineError extends DrillError {
  override readonly name = 'MachineError'
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(69, explanation, options)
  }
}

/** The run cannot be believed: no receipt, timers not in force, the engine gone. Exit 2. */
export class InvalidRunError extends DrillError {
  override readonly name = 'InvalidRunError'
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(2, explanation, options)
  }
}

/** The user interrupted, and what was broken has been healed. Exit 130. */
export class InterruptedError extends DrillError {
  override readonly name = 'InterruptedError'
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(130, explanation, options)
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
