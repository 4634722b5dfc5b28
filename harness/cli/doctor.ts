/**
 * `pnpm run doctor`: what this machine can and cannot do, and what to install.
 */
import chalk from 'chalk'
import { type Check, inspectMachine } from '../../toolchain/index.ts'

const marks: Record<Check['state'], string> = {
  ok: chalk.green('ok      '),
  degraded: chalk.yellow('degraded'),
  missing: chalk.red('missing '),
}

/** 0 when drills can run here; 69 when something they need is missing. */
export async function doctor(json: boolean): Promise<number> {
  const checks = await inspectMachine()
  if (json) process.stdout.write(`${JSON.stringify(checks)}\n`)
  else for (const check of checks) process.stdout.write(`${describe(check)}\n`)
  return checks.some(({ state }) => state === 'missing') ? 69 : 0
}

function describe({ name, state, detail, rulesOut, remedy }: Check): string {
  const lines = [`${marks[state]}  ${name}: ${detail}`]
  if (rulesOut) lines.push(`            rules out: ${rulesOut}`)
  if (remedy) lines.push(`            remedy: ${remedy}`)
  return lines.join('\n')
}
