/**
 * Puts the stand-in commands into a folder of their own, first in the path, with certificates for
 * the servers behind them; and takes everything away again, processes too.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ContainerTools } from '../../../../harness/cluster/containers/engine.ts'
import { makeAuthority } from '../../../run/prober/certificates.ts'
import type { State } from './state.ts'

export interface StandIn extends Disposable {
  folder: string
  /** As a machine with an engine and the toolchain of kind has them. */
  tools: ContainerTools
  env: Record<string, string>
  state(): State
  /** Every command line so far: the tool, then its words. */
  calls(): string[][]
  /** From now on k3d waits once it has made its volume, or after each node; null: nowhere. */
  hold(after: 'volume' | 'node' | null): void
  /** The file that k3d took for the user's kubeconfig and wrote anew; null when none. */
  kubeconfigWritten(): string | null
}

const commands = ['docker', 'k3d', 'kubectl'] as const

export function newStandIn(): StandIn {
  const folder = mkdtempSync(join(tmpdir(), 'clusterdrill-k3d-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const prefix = `127.28.${process.pid % 250}`
  const env = {
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    STAND_IN: folder,
    STAND_IN_PREFIX: prefix,
    NODE_COMPILE_CACHE: join(tmpdir(), 'clusterdrill-test-compile-cache'),
  }
  for (const command of commands) {
    const program = join(import.meta.dirname, `${command}.ts`)
    const node = `'${process.execPath}' --disable-warning=ExperimentalWarning`
    writeFileSync(join(bin, command), `#!/bin/sh\nexec ${node} '${program}' "$@"\n`)
    chmodSync(join(bin, command), 0o755)
  }
  const authority = makeAuthority()
  const files = { server: authority.issue('kubernetes'), client: authority.issue('client') }
  writeFileSync(join(folder, 'ca.crt'), authority.ca)
  for (const [name, { cert, key }] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.crt`), cert)
    writeFileSync(join(folder, `${name}.key`), key)
  }
  const text = (name: string): string | null => {
    try {
      return readFileSync(join(folder, name), 'utf8')
    } catch {
      return null
    }
  }
  const state = () =>
    JSON.parse(
      text('state.json') ??
        '{"containers":{},"networks":{},"volumes":{},"objects":{},"given":0,"hosts":1}',
    ) as State
  return {
    folder,
    env,
    tools: {
      kubectl: join(bin, 'kubectl'),
      env,
      images: {
        node: 'clusterdrill/node:1',
        haproxy: 'clusterdrill/haproxy:2.6',
        database: 'clusterdrill/redis:7.0',
        runtime: 'clusterdrill/runtime:24',
        toolbox: null,
        kubeVip: null,
      },
      preloaded: true,
      versions: { kubernetes: 'v1.34.4', kind: 'v0.30.0', haproxy: '2.6', engine: '28.2.2' },
      objectStore: null,
      home: join(folder, 'home'),
    },
    state,
    calls: () =>
      (text('calls.jsonl') ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[]),
    hold: (after) => {
      for (const where of ['volume', 'node']) {
        if (where === after) writeFileSync(join(folder, `hold-${where}`), '')
        else rmSync(join(folder, `hold-${where}`), { force: true })
      }
    },
    kubeconfigWritten: () => text('kubeconfig-written'),
    [Symbol.dispose]: () => {
      for (const { pid } of Object.values(state().containers)) {
        if (pid > 0) endQuietly(pid)
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
