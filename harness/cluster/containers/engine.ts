/**
 * The container engine and the tools beside it, as commands. Every failure carries the command that failed, so
 * that it can be pasted, and its last words; an engine that no longer answers is told apart from
 * a command that was refused.
 */
import { execa } from 'execa'
import { MachineError } from '../../model/errors.ts'

/** What the machine offers; found or built before a provider is made. */
export interface ContainerTools {
  /** Absolute path. */
  kubectl: string
  /** DOCKER_HOST where the engine is a private one. */
  env: Record<string, string>
  images: ContainerImages
  /** The workload images are inside the node image, so nothing is loaded. */
  preloaded: boolean
  versions: Record<string, string>
  /**
   * Gives the absolute path of an S3 server (versitygw, one static file), which is built when it is
   * first asked for; null where it cannot be had, and with it backups.
   */
  objectStore: (() => Promise<string>) | null
  /** Folder in which what is owned is written down. */
  home: string
}

export interface ContainerImages {
  node: string
  haproxy: string
  database: string
  runtime: string
  /**
   * Our agents, keepalived, nginx and a registry in one; null where it cannot be had, and with it
   * floating IPs, the ingress and the image registry.
   */
  toolbox: string | null
  /** kube-vip itself; null where it cannot be had, and an agent of ours elects the holder. */
  kubeVip: string | null
}

export interface ContainerState {
  id: string
  name: string
  running: boolean
  paused: boolean
  /** Process id of the container's first process on the engine's machine; 0 when stopped. */
  pid: number
  startedAt: string
  address: string | null
  /** Of its interface on the drills' network; null while it is stopped. */
  mac: string | null
  mounts: readonly { source: string; destination: string }[]
  labels: Record<string, string>
  image: string
}

interface RunOptions {
  signal?: AbortSignal
  input?: string
  /** Beside that of the engine. */
  env?: Record<string, string>
}

/**
 * Commands run in a session of their own: Ctrl-C in the terminal reaches the harness alone, which
 * heals with these very commands.
 */
const apart = { detached: true } as const

export class Engine {
  readonly tools: ContainerTools

  constructor(tools: ContainerTools) {
    this.tools = tools
  }

  /** Runs `docker …` and gives its output; throws a MachineError that can be acted on. */
  async docker(args: readonly string[], input?: string): Promise<string> {
    return await this.#run('docker', args, input === undefined ? {} : { input })
  }

  /** Any other command, by its path, in the engine's environment. */
  async command(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return await this.#run(file, args, options)
  }

  async kubectl(args: readonly string[], input?: string): Promise<string> {
    return await this.#run(this.tools.kubectl, args, input === undefined ? {} : { input })
  }

  /** Starts a command whose output is read line by line while it runs. */
  follow(args: readonly string[]) {
    return execa('docker', args, {
      ...apart,
      env: this.#env(),
      buffer: false,
      reject: false,
      stdin: 'ignore',
      all: true,
    })
  }

  /** Null when there is no such container. */
  async inspect(container: string): Promise<ContainerState | null> {
    const result = await execa('docker', ['container', 'inspect', container], {
      ...apart,
      env: this.#env(),
      reject: false,
      stdin: 'ignore',
    })
    if (result.exitCode !== 0) {
      if (/no such container/i.test(result.stderr)) return null
      throw failure(result.escapedCommand, result.stderr)
    }
    const [raw] = JSON.parse(result.stdout) as RawContainer[]
    if (!raw) return null
    return stateOf(raw)
  }

  #env() {
    return this.tools.env
  }

  async #run(file: string, args: readonly string[], options: RunOptions): Promise<string> {
    const result = await execa(file, args, {
      ...apart,
      env: { ...this.#env(), ...options.env },
      reject: false,
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
      ...(options.signal ? { cancelSignal: options.signal } : {}),
    })
    options.signal?.throwIfAborted()
    if (result.failed)
      throw failure(result.escapedCommand, result.stderr || (result.shortMessage ?? ''))
    return result.stdout
  }
}

/**
 * Each cluster stands on a network of its own: while one of its nodes is down, nobody else can be
 * given the address that the node comes back to.
 */
export const networkOf = (cluster: string): string => cluster

/** Label on everything of ours that can carry one. */
export const ownerLabel = 'dev.clusterdrill.owner'

const engineGone =
  /cannot connect to the docker daemon|is the docker daemon running|error during connect|connection refused.*docker\.sock/i

function failure(command: string, stderr: string): MachineError {
  const lastWords = stderr.trim().split('\n').slice(-6).join('\n')
  if (engineGone.test(stderr)) {
    return new MachineError({
      what: `the container engine does not answer: ${lastWords}`,
      changed: 'containers that were running may still be running',
      next: 'Start the engine again, then `pnpm clean`.',
    })
  }
  if (/no space left on device/i.test(stderr)) {
    return new MachineError({
      what: `the disk is full: ${lastWords}`,
      changed: `while running ${command}`,
      next: 'Free some space (`pnpm clean`, `docker system df`) and run it again.',
    })
  }
  if (/port is already allocated|address already in use/i.test(stderr)) {
    return new MachineError({
      what: `a port is taken: ${lastWords}`,
      changed: `while running ${command}`,
      next: 'End what holds the port, or remove the other cluster with `pnpm topology down`.',
    })
  }
  return new MachineError({
    what: `command failed: ${command}\n${lastWords}`,
    changed: 'as far as the command came',
    next: 'Run the command above by hand to see all it says; `pnpm run doctor` checks the machine.',
  })
}

interface RawContainer {
  Id: string
  Name: string
  State: { Running: boolean; Paused: boolean; Pid: number; StartedAt: string }
  Config: { Labels: Record<string, string> | null; Image: string }
  Mounts: { Source: string; Destination: string }[]
  NetworkSettings: {
    Networks: Record<
      string,
      { IPAddress: string; MacAddress?: string; IPAMConfig: { IPv4Address?: string } | null }
    >
  }
}

function stateOf(raw: RawContainer): ContainerState {
  const [attached] = Object.values(raw.NetworkSettings.Networks)
  return {
    id: raw.Id,
    name: raw.Name.replace(/^\//, ''),
    running: raw.State.Running,
    paused: raw.State.Paused,
    pid: raw.State.Pid,
    startedAt: raw.State.StartedAt,
    address: attached?.IPAddress || attached?.IPAMConfig?.IPv4Address || null,
    mac: attached?.MacAddress || null,
    mounts: raw.Mounts.map((mount) => ({ source: mount.Source, destination: mount.Destination })),
    labels: raw.Config.Labels ?? {},
    image: raw.Config.Image,
  }
}
