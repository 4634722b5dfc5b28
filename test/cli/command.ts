/**
 * Runs the real command as a process of its own, in an empty folder with an empty home and no
 * container engine, so that nothing of this machine is seen or touched.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const main = resolve(import.meta.dirname, '../../harness/cli/main.ts')
/** Compiled code is kept between the processes, and halves the time of each. */
const compileCache = join(tmpdir(), 'clusterdrill-test-compile-cache')

export interface Ended {
  exitCode: number | null
  out: string
  err: string
}

export interface Shell extends Disposable {
  /** Where it runs, and where run directories would go. */
  folder: string
  home: string
  run(...words: string[]): Promise<Ended>
  /** Ctrl-C as soon as standard error shows that. */
  interrupt(when: RegExp, ...words: string[]): Promise<Ended>
}

export function newShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'clusterdrill-cli-'))
  const home = mkdtempSync(join(tmpdir(), 'clusterdrill-home-'))
  const begin = (words: readonly string[]) =>
    spawn(process.execPath, [main, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: home,
        CLUSTERDRILL_HOME: home,
        DOCKER_HOST: `unix://${join(home, 'no-engine.sock')}`,
        NO_COLOR: '1',
        NODE_COMPILE_CACHE: compileCache,
      },
    })
  const ended = async (child: ReturnType<typeof begin>): Promise<Ended> => {
    const [out, err, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ])
    return { exitCode, out, err }
  }
  return {
    folder,
    home,
    run: async (...words) => await ended(begin(words)),
    interrupt: async (when, ...words) => {
      const child = begin(words)
      let shown = ''
      child.stderr.on('data', (chunk: Buffer) => {
        const before = when.test(shown)
        shown += chunk.toString()
        if (!before && when.test(shown)) child.kill('SIGINT')
      })
      return await ended(child)
    },
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true })
      rmSync(home, { recursive: true, force: true })
    },
  }
}
