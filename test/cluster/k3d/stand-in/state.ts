/**
 * What the stand-in engine remembers between two commands: containers, networks, volumes and the
 * objects of the Kubernetes API, in one file under one lock. Each command is a process of its own,
 * as the real ones are, so this file is all they share.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** The program that a container's process is. */
export type Role = 'server' | 'agent' | 'loadbalancer' | 'noRole' | 'haproxy'

export interface Container {
  id: string
  name: string
  image: string
  role: Role
  command: string[]
  labels: Record<string, string>
  mounts: { source: string; destination: string }[]
  running: boolean
  paused: boolean
  startedAt: string
  /** Null while it is connected to none. */
  network: string | null
  /** Null while the engine has given it none. */
  address: string | null
  /** Kept while it is stopped. */
  fixed: boolean
  pid: number
  /** `127.0.0.1:40001`, where 6443 is published. */
  published: string | null
}

export interface State {
  containers: Record<string, Container>
  networks: Record<string, { id: string; subnet: string; labels: Record<string, string> }>
  volumes: Record<string, { labels: Record<string, string> }>
  /** Objects of the Kubernetes API by their path. */
  objects: Record<string, ApiObject>
  /** How many ids and ports were given. */
  given: number
  /** The last address that was given; the gateway has the first. */
  hosts: number
}

export interface ApiObject {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

/** Told to every process of the stand-in. */
export const folder = process.env.STAND_IN ?? ''
/** Where containers are: `127.28.N`, on which anybody on Linux can listen. */
export const prefix = process.env.STAND_IN_PREFIX ?? '127.28.0'

const file = join(folder, 'state.json')
const lock = join(folder, 'lock')

const empty: State = { containers: {}, networks: {}, volumes: {}, objects: {}, given: 0, hosts: 1 }

export const read = (): State =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : structuredClone(empty)

let locked = false
/** A refusal in the midst of a change ends the process there. */
process.on('exit', () => {
  if (locked) rmdirSync(lock)
})

/** Nobody else reads or writes meanwhile; gives what the change gives. */
export function change<T>(how: (state: State) => T): T {
  for (;;) {
    try {
      mkdirSync(lock)
      locked = true
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
  try {
    const state = read()
    const result = how(state)
    writeFileSync(`${file}.new`, JSON.stringify(state))
    renameSync(`${file}.new`, file)
    return result
  } finally {
    rmdirSync(lock)
    locked = false
  }
}

/** Every command line, in its order; a test holds them against what it expects. */
export function record(tool: string, words: readonly string[]): void {
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify([tool, ...words])}\n`)
}

export function next(state: State): number {
  state.given += 1
  return state.given
}

/** 64 characters, as the engine's are. */
export const newId = (state: State): string =>
  createHash('sha256')
    .update(String(next(state)))
    .digest('hex')

/** Never one that was given before, so that nobody gets back by chance what he did not keep. */
export function freeAddress(state: State): string {
  state.hosts += 1
  return `${prefix}.${state.hosts}`
}

export const logOf = (container: string): string => join(folder, `${container}.log`)

/** A line of a container's log, with the time at which it was written. */
export function say(container: string, line: string): void {
  appendFileSync(logOf(container), `${new Date().toISOString()} ${line}\n`)
}

export const fail = (message: string, exitCode = 1): never => {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}
