/**
 * Watches who answers for a floating IP, by asking from a container on the cluster's network: a
 * client on the same segment, which no pod, Service or API has a part in. It names nodes by their
 * Ethernet addresses, and one that is no node of the cluster by that address alone. Refuses to go on
 * where its container says nothing, for silence is no proof that nobody answers.
 */
import type { Clock } from '../../model/clock.ts'
import { InvalidRunError, MachineError } from '../../model/errors.ts'
import { type DrillEvent, ownersText } from '../../model/event.ts'
import { formatMs } from '../../model/units.ts'
import {
  ArpOwners,
  askEveryMs,
  type OwnerChange,
  type Ownership,
  parseObserverLine,
  troubleText,
} from './arp-owners.ts'
import { type Engine, networkOf, ownerLabel } from './engine.ts'
import type { OwnedNode } from './ownership.ts'

/** The address that is watched, and the nodes that may answer for it. */
export interface WatchedAddress {
  cluster: string
  address: string
  nodes: readonly OwnedNode[]
}

export interface ObserverOptions extends WatchedAddress {
  clock: Clock
  emit(event: DrillEvent): void
  /** Its container ended before `stop`: from here on nobody is watching. */
  onEnd(): void
}

export interface Observer {
  /** Who answers at this moment, in order of name. */
  owners(): readonly string[]
  stop(): Promise<void>
}

/** A container starts, and tells of its first two rounds, well within this. */
const firstWithinMs = 15_000

/**
 * Watches until stopped; resolves when the first owners have been told, so that what comes later is
 * a change. Rejects with an `InvalidRunError` when nothing is seen within 15 s.
 */
export async function observeFloatingIp(
  engine: Engine,
  { clock, emit, onEnd, ...watched }: ObserverOptions,
): Promise<Observer> {
  const asking = await Asking.begin(engine, watched, observerPlace)
  const owners = new ArpOwners()
  const first = Promise.withResolvers<boolean>()
  let stopping = false
  let announcer: string | null = null

  const about = (epochMs: number, rest: Pick<DrillEvent, 'name' | 'node' | 'detail'>) =>
    emit({
      atMs: clock.fromEpochMs(epochMs),
      source: 'arp',
      subject: watched.address,
      component: null,
      ...rest,
    })
  const note = (epochMs: number, node: string | null, detail: string) =>
    about(epochMs, { name: 'note', node, detail })
  const tellTrouble = (untilMs: number, ended: Ownership) => {
    const trouble = troubleText(watched.address, ended.owners, untilMs - ended.fromMs)
    if (trouble !== null) note(untilMs, null, trouble)
  }
  const tell = ({ now, before }: OwnerChange) => {
    if (before) tellTrouble(now.fromMs, before)
    const only = now.owners.length === 1 ? (now.owners[0] ?? null) : null
    about(now.fromMs, {
      name: 'floating-ip-owner',
      node: asking.nodeNamed(only),
      detail: ownersText(now.owners),
    })
    for (const stranger of now.owners.filter((owner) => asking.nodeNamed(owner) === null)) {
      const detail = `${stranger} answered for ${watched.address} and is no node of ${watched.cluster}`
      note(now.fromMs, null, detail)
    }
  }

  let lastMs = 0
  const reading = (async () => {
    for await (const seen of asking.lines()) {
      lastMs = seen.epochMs
      if (seen.announcedBy === null) {
        for (const change of owners.take(seen.epochMs, seen.answered)) tell(change)
        if (owners.now) first.resolve(true)
      } else if (seen.announcedBy !== announcer) {
        const expected = announcer === null && owners.now?.owners.join() === seen.announcedBy
        announcer = seen.announcedBy
        if (expected) continue
        note(seen.epochMs, asking.nodeNamed(announcer), `${announcer} announced ${watched.address}`)
      }
    }
  })()
    .catch(() => undefined)
    .finally(() => first.resolve(false))

  if (!(await within(clock, firstWithinMs, first.promise))) {
    await asking.stop()
    await reading
    throw new InvalidRunError({
      what: `nobody could see who answers for ${watched.address}: ${asking.lastWords()}`,
      changed: 'nothing was broken',
      next: 'Run it again.',
    })
  }
  reading.then(() => {
    if (!stopping) onEnd()
  })
  return {
    owners: () => owners.now?.owners ?? [],
    stop: async () => {
      stopping = true
      await asking.stop()
      await reading
      if (owners.now && lastMs > owners.now.fromMs) tellTrouble(lastMs, owners.now)
    },
  }
}

/** Who answers, in order of name, after looking for `forMs` milliseconds. */
export async function ownersNow(
  engine: Engine,
  watched: WatchedAddress,
  clock: Clock,
  forMs = 1_000,
): Promise<readonly string[]> {
  let firstMs: number | null = null
  const seen = await look(engine, watched, clock, firstWithinMs + forMs, (atMs, now) => {
    firstMs ??= atMs
    return now !== null && atMs - firstMs >= forMs
  })
  if (seen.now) return seen.now.owners
  throw new MachineError({
    what: `nobody could see who answers for ${watched.address}: ${seen.lastWords}`,
    changed: 'nothing was broken',
    next: 'Run it again.',
  })
}

export interface Awaited {
  /** Topology names of the nodes that may hold the address. */
  announcers: readonly string[]
  withinMs: number
  signal?: AbortSignal
}

/** One owner is steady when it has been the only one for this long. */
const steadyMs = 1_000

/**
 * Waits until exactly one announcer has answered for a second, and gives its name. Rejects with a
 * `MachineError` when that does not come within `withinMs`.
 */
export async function untilOneOwner(
  engine: Engine,
  watched: WatchedAddress,
  clock: Clock,
  { announcers, withinMs, signal }: Awaited,
): Promise<string> {
  const settled = (atMs: number, now: Ownership | null): boolean => {
    const [only, ...others] = now?.owners ?? []
    const one = only !== undefined && others.length === 0 && announcers.includes(only)
    return one && now !== null && atMs - now.fromMs >= steadyMs
  }
  const seen = await look(engine, watched, clock, withinMs, settled, signal)
  signal?.throwIfAborted()
  const owner = seen.now?.owners[0]
  if (seen.done && owner !== undefined) return owner
  const state = seen.now
    ? `answered for by ${ownersText(seen.now.owners)}`
    : `not seen: ${seen.lastWords}`
  throw new MachineError({
    what: `no single one of ${announcers.join(', ')} held ${watched.address} within ${formatMs(withinMs)}; it is ${state}`,
    changed: 'the cluster stands, nothing was broken',
    next: 'Look at the pods `floating-ip` with kubectl get pods --all-namespaces, then run it again.',
  })
}

interface Looked {
  now: Ownership | null
  /** False when the time was up, or the container ended, before `done` said so. */
  done: boolean
  lastWords: string
}

async function look(
  engine: Engine,
  watched: WatchedAddress,
  clock: Clock,
  withinMs: number,
  done: (atMs: number, now: Ownership | null) => boolean,
  signal?: AbortSignal,
): Promise<Looked> {
  const asking = await Asking.begin(engine, watched, lookerPlace)
  const owners = new ArpOwners()
  const settled = Promise.withResolvers<boolean>()
  let result: Ownership | null = null
  const looking = (async () => {
    for await (const { epochMs, announcedBy, answered } of asking.lines()) {
      if (announcedBy !== null) continue
      owners.take(epochMs, answered)
      if (!done(epochMs, owners.now)) continue
      result ??= owners.now
      settled.resolve(true)
    }
  })()
    .catch(() => undefined)
    .finally(() => settled.resolve(false))
  const found = await within(clock, withinMs, settled.promise, signal)
  const now = result ?? owners.now
  await asking.stop()
  await looking
  return { now, done: found, lastWords: asking.lastWords() }
}

/** What is awaited, or false when the time is up or the signal says so. */
async function within(
  clock: Clock,
  withinMs: number,
  awaited: Promise<boolean>,
  signal?: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController()
  const tooLate = clock
    .sleepUntil(
      clock.nowMs() + withinMs,
      signal ? AbortSignal.any([enough.signal, signal]) : enough.signal,
    )
    .then(
      () => false,
      () => false,
    )
  const result = await Promise.race([awaited, tooLate])
  enough.abort()
  return result
}

interface Place {
  name: string
  /** The third part of its own address; see `Asking`. */
  third: number
}
const observerPlace: Place = { name: 'arp-observer', third: 254 }
const lookerPlace: Place = { name: 'arp-look', third: 253 }

interface Seen {
  epochMs: number
  /** Null: somebody answered, or nobody. */
  announcedBy: string | null
  answered: readonly string[]
}

/**
 * One container that asks. Its own address is made from the floating one, beyond those that the
 * engine gives away, so that it can never take the address of a node that is down.
 */
class Asking {
  readonly #engine: Engine
  readonly #nodes: readonly OwnedNode[]
  readonly #container: string
  readonly #child: ReturnType<Engine['follow']>
  readonly #names = new Map<string, string>()
  readonly #strangers = new Set<string>()
  #words: string[] = []

  private constructor(engine: Engine, watched: WatchedAddress, place: Place, image: string) {
    this.#engine = engine
    this.#nodes = watched.nodes
    this.#container = `${watched.cluster}-${place.name}`
    const [a, b, , d] = watched.address.split('.')
    this.#child = engine.follow([
      ...['run', '--rm', '--name', this.#container, '--hostname', this.#container],
      ...['--network', networkOf(watched.cluster), '--ip', `${a}.${b}.${place.third}.${d}`],
      ...['--label', `${ownerLabel}=${watched.cluster}`],
      ...['--cap-drop', 'ALL', '--cap-add', 'NET_RAW'],
      ...['--entrypoint', 'arp-observer', image],
      ...['--address', watched.address, '--interface', 'eth0', '--every', `${askEveryMs}ms`],
    ])
  }

  static async begin(engine: Engine, watched: WatchedAddress, place: Place): Promise<Asking> {
    const image = engine.tools.images.toolbox
    if (image === null) {
      throw new MachineError({
        what: `there is no image with a program that could watch ${watched.address}`,
        changed: 'nothing was broken',
        next: '`pnpm run setup kind` makes one.',
      })
    }
    await removeContainer(engine, `${watched.cluster}-${place.name}`)
    const asking = new Asking(engine, watched, place, image)
    await asking.#readMacs().catch(() => undefined)
    return asking
  }

  /** Each line of the container, by names; ends when the container does. */
  async *lines(): AsyncGenerator<Seen> {
    for await (const text of this.#child.iterable({ from: 'all' })) {
      const line = parseObserverLine(text)
      if (line === null) {
        this.#words = [...this.#words, text].slice(-3)
      } else if (line.kind === 'answered') {
        const answered = []
        for (const mac of line.macs) answered.push(await this.#nameOf(mac))
        yield { epochMs: line.epochMs, announcedBy: null, answered }
      } else {
        const announcedBy = await this.#nameOf(line.mac)
        yield { epochMs: line.epochMs, announcedBy, answered: [] }
      }
    }
  }

  /** The name itself when it is a node's; null for a stranger. */
  nodeNamed(name: string | null): string | null {
    return this.#nodes.find((node) => node.name === name)?.name ?? null
  }

  lastWords(): string {
    return this.#words.join('; ') || `${this.#container} said nothing`
  }

  async stop(): Promise<void> {
    this.#child.kill()
    await this.#child.catch(() => undefined)
    await removeContainer(this.#engine, this.#container).catch(() => undefined)
  }

  /** A node that was restarted may have another Ethernet address, so an unknown one is asked for. */
  async #nameOf(mac: string): Promise<string> {
    if (!this.#names.has(mac) && !this.#strangers.has(mac)) {
      const complete = await this.#readMacs().catch(() => false)
      if (complete && !this.#names.has(mac)) this.#strangers.add(mac)
    }
    return this.#names.get(mac) ?? mac
  }

  async #readMacs(): Promise<true> {
    const containers = await Promise.all(
      this.#nodes.map(({ container }) => this.#engine.inspect(container)),
    )
    for (const [index, node] of this.#nodes.entries()) {
      const mac = containers[index]?.mac
      if (mac) this.#names.set(mac, node.name)
    }
    return true
  }
}

/** Harmless where there is none. */
async function removeContainer(engine: Engine, container: string): Promise<void> {
  if (await engine.inspect(container))
    await engine.docker(['rm', '--force', '--volumes', container])
}
