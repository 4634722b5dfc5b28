/** The observer's container and its lines: names for Ethernet addresses, events, and its end. */
import { describe, expect, it } from 'vitest'
import {
  type Observer,
  observeFloatingIp,
  ownersNow,
  untilOneOwner,
} from '../../../harness/cluster/containers/arp-observer.ts'
import type { Engine } from '../../../harness/cluster/containers/engine.ts'
import type { DrillEvent } from '../../../harness/model/event.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const address = '172.28.255.7'
const node = (name: string) => ({ name, container: `drill-${name}`, id: name, address: '' })
const watched = { cluster: 'drill', address, nodes: [node('worker-a'), node('worker-b')] }
const [a, b, c] = ['02:42:ac:1c:00:03', '02:42:ac:1c:00:04', '02:42:ac:1c:00:09']

const answered = (atMs: number, ...macs: string[]) => JSON.stringify({ at: atMs, macs })
const announced = (atMs: number, mac: string) => JSON.stringify({ at: atMs, announced: mac })

interface Machine {
  lines: readonly string[]
  /** Runs on after its lines until it is killed, as the real one does. */
  stays?: boolean
  /** Ethernet addresses by container, for each time they are asked for; the last one stays. */
  macs?: Record<string, string | null>[]
  standing?: string[]
  toolbox?: string | null
}

/** An engine whose `docker run` prints these lines, and what was asked of it. */
function machineOf({ lines, stays = true, toolbox = 'toolbox:1', ...rest }: Machine) {
  const macs = rest.macs ?? [{ 'drill-worker-a': a, 'drill-worker-b': b }]
  const standing = new Set(rest.standing)
  const asked = new Map<string, number>()
  const commands: string[] = []
  const engine = {
    tools: { images: { toolbox } },
    docker: async (args: readonly string[]) => {
      commands.push(args.join(' '))
      standing.delete(args.at(-1) ?? '')
      return ''
    },
    inspect: async (container: string) => {
      if (!container.startsWith('drill-worker')) {
        return standing.has(container) ? { mac: null } : null
      }
      const times = asked.get(container) ?? 0
      asked.set(container, times + 1)
      const mac = macs[Math.min(times, macs.length - 1)]?.[container]
      if (mac === 'trouble') throw new Error('the engine is busy')
      return { mac }
    },
    follow: (args: readonly string[]) => {
      commands.push(args.join(' '))
      const killed = Promise.withResolvers<void>()
      const ended = Promise.withResolvers<void>()
      return Object.assign(ended.promise, {
        async *iterable() {
          yield* lines
          if (stays) await killed.promise
          ended.resolve()
        },
        kill: () => {
          commands.push('SIGTERM')
          killed.resolve()
        },
      })
    },
  }
  return { engine: engine as unknown as Engine, commands, asked }
}

/** A clock on which it is too late only when the test says so. */
class PatientClock extends FakeClock {
  readonly #late = Promise.withResolvers<void>()

  override async sleepUntil(_atMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    signal?.addEventListener('abort', () => aborted.reject(signal.reason))
    await Promise.race([this.#late.promise, aborted.promise])
  }

  ring(): void {
    this.#late.resolve()
  }
}

/** Lets every line that is there be read. */
async function readAll() {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
}

async function observe(machine: Machine) {
  const { engine, commands, asked } = machineOf(machine)
  const events: DrillEvent[] = []
  let ends = 0
  const observer: Observer = await observeFloatingIp(engine, {
    ...watched,
    clock: new PatientClock(1_000_000),
    emit: (event) => events.push(event),
    onEnd: () => {
      ends += 1
    },
  })
  await readAll()
  const told = () => events.map(({ atMs, name, node: on, detail }) => [atMs, name, on, detail])
  return { observer, events, told, commands, asked, ends: () => ends }
}

describe('the container', () => {
  it('sits on the segment with one right and an address that no node can have', async () => {
    const { commands, observer } = await observe({ lines: [answered(1_000_010, a)] })
    expect(commands).toEqual([
      'run --rm --name drill-arp-observer --hostname drill-arp-observer --network drill ' +
        '--ip 172.28.254.7 --label dev.clusterdrill.owner=drill --cap-drop ALL --cap-add NET_RAW ' +
        '--entrypoint arp-observer toolbox:1 --address 172.28.255.7 --interface eth0 --every 100ms',
    ])
    await observer.stop()
    expect(commands.slice(1)).toEqual(['SIGTERM'])
  })

  it('takes the place of one that was left over', async () => {
    const { commands } = await observe({
      lines: [answered(1_000_010, a)],
      standing: ['drill-arp-observer'],
    })
    expect(commands[0]).toBe('rm --force --volumes drill-arp-observer')
    expect(commands[1]).toMatch(/^run /)
  })

  it('is refused where there is no image for it', async () => {
    const { engine } = machineOf({ lines: [], toolbox: null })
    const looking = ownersNow(engine, watched, new PatientClock())
    await expect(looking).rejects.toThrow(/no image with a program that could watch 172.28.255.7/)
  })
})

describe('what is told', () => {
  it('begins with the scene, and dates each change on the clock of the session', async () => {
    const { events, told, observer } = await observe({
      lines: [
        answered(1_000_010.5, a),
        answered(1_002_000),
        answered(1_003_000),
        answered(1_006_200, b),
        answered(1_009_000, a, b),
        answered(1_009_400, b),
      ],
    })
    expect(events[0]).toEqual({
      atMs: 10.5,
      source: 'arp',
      name: 'floating-ip-owner',
      subject: address,
      node: 'worker-a',
      component: null,
      detail: 'worker-a',
    })
    expect(told().slice(1)).toEqual([
      [2_000, 'floating-ip-owner', null, 'nobody'],
      [6_200, 'note', null, 'nobody answered for 172.28.255.7 for 4.2 s'],
      [6_200, 'floating-ip-owner', 'worker-b', 'worker-b'],
      [9_000, 'floating-ip-owner', null, 'worker-a, worker-b'],
      [9_400, 'note', null, 'worker-a and worker-b both answered for 172.28.255.7 for 400 ms'],
      [9_400, 'floating-ip-owner', 'worker-b', 'worker-b'],
    ])
    expect(events.every(({ subject, source }) => subject === address && source === 'arp')).toBe(
      true,
    )
    expect(observer.owners()).toEqual(['worker-b'])
  })

  it('says at the end what nobody has ended yet', async () => {
    const { told, observer } = await observe({
      lines: [answered(1_000_000, a), answered(1_002_000), answered(1_003_000)],
    })
    await observer.stop()
    expect(told().at(-1)).toEqual([
      ...[3_000, 'note', null],
      'nobody answered for 172.28.255.7 for 1 s',
    ])
  })

  it('names what is no node of the cluster by its Ethernet address, as a finding', async () => {
    const { told, asked } = await observe({
      lines: [answered(1_000_000, c), answered(1_001_000, c), answered(1_002_000, c)],
    })
    expect(told()).toEqual([
      [0, 'floating-ip-owner', null, c],
      [0, 'note', null, `${c} answered for 172.28.255.7 and is no node of drill`],
    ])
    expect(asked.get('drill-worker-a')).toBe(2)
  })

  it('asks again for an unknown Ethernet address: a node that was restarted has another', async () => {
    const before = { 'drill-worker-a': a, 'drill-worker-b': null }
    const busy = { 'drill-worker-a': 'trouble', 'drill-worker-b': null }
    const after = { 'drill-worker-a': a, 'drill-worker-b': c }
    const lines = [answered(1_000_000, a), answered(1_002_000, c), answered(1_003_000, c)]
    const { told } = await observe({ lines, macs: [before, after] })
    expect(told().at(-1)).toEqual([2_000, 'floating-ip-owner', 'worker-b', 'worker-b'])
    const { told: later } = await observe({ lines, macs: [before, busy, after] })
    expect(later().at(-1)).toEqual([3_000, 'floating-ip-owner', 'worker-b', 'worker-b'])
  })

  it('notes who announces the address, each time it is another, but not that the owner does', async () => {
    const { told } = await observe({
      lines: [
        answered(1_000_000, a),
        ...[announced(1_001_000, a), announced(1_004_000, a), announced(1_005_000, b)],
        answered(1_005_100, b),
        announced(1_006_000, b),
      ],
    })
    expect(told()).toEqual([
      [0, 'floating-ip-owner', 'worker-a', 'worker-a'],
      [5_000, 'note', 'worker-b', 'worker-b announced 172.28.255.7'],
      [5_100, 'floating-ip-owner', 'worker-b', 'worker-b'],
    ])
  })
})

describe('its end', () => {
  it('is told once when nobody asked for it', async () => {
    const { ends } = await observe({ lines: [answered(1_000_000, a)], stays: false })
    expect(ends()).toBe(1)
  })

  it('is not told when it was stopped', async () => {
    const { observer, ends } = await observe({ lines: [answered(1_000_000, a)] })
    await observer.stop()
    expect(ends()).toBe(0)
  })

  it('before anything was seen is an invalid run, with its last words', async () => {
    const lines = ['raw socket: operation not permitted']
    await expect(observe({ lines, stays: false })).rejects.toThrow(
      /nobody could see who answers for 172.28.255.7: raw socket: operation not permitted/,
    )
  })

  it('is forced when it says nothing for too long', async () => {
    const { engine, commands } = machineOf({ lines: [] })
    const clock = new PatientClock()
    const options = { ...watched, clock, emit: () => {}, onEnd: () => {} }
    const observing = observeFloatingIp(engine, options)
    clock.ring()
    await expect(observing).rejects.toThrow(/drill-arp-observer said nothing/)
    expect(commands.at(-1)).toBe('SIGTERM')
  })
})

describe('a look', () => {
  it('gives who answers after a second, from a container of its own', async () => {
    const { engine, commands } = machineOf({
      lines: [answered(0, a), answered(900, b), answered(1_900, b), answered(2_000, a)],
    })
    expect(await ownersNow(engine, watched, new PatientClock())).toEqual(['worker-b'])
    expect(commands[0]).toContain('--name drill-arp-look ')
    expect(commands[0]).toContain('--ip 172.28.253.7 ')
    expect(commands.at(-1)).toBe('SIGTERM')
  })

  it('can find nobody', async () => {
    const { engine } = machineOf({ lines: [answered(0), answered(1_000)] })
    expect(await ownersNow(engine, watched, new PatientClock())).toEqual([])
  })

  it('that saw nothing is no answer', async () => {
    const { engine } = machineOf({ lines: ['no such interface'], stays: false })
    await expect(ownersNow(engine, watched, new PatientClock())).rejects.toThrow(
      /no such interface/,
    )
  })
})

describe('waiting for one owner', () => {
  const wait = (lines: readonly string[], clock: PatientClock) =>
    untilOneOwner(machineOf({ lines }).engine, watched, clock, {
      announcers: ['worker-a'],
      withinMs: 60_000,
    })

  it('takes the first that has been the only one for a second', async () => {
    const lines = [
      ...[answered(0), answered(1_000), answered(3_000, a, b), answered(3_100, a, b)],
      ...[answered(4_000, a), answered(4_900, a), answered(5_000, a)],
    ]
    expect(await wait(lines, new PatientClock())).toBe('worker-a')
  })

  it('takes none that may not hold it', async () => {
    const lines = [answered(0, b), answered(9_000, b)]
    const clock = new PatientClock()
    const waiting = wait(lines, clock)
    await readAll()
    clock.ring()
    await expect(waiting).rejects.toThrow(
      /no single one of worker-a held 172.28.255.7 within 1 min; it is answered for by worker-b/,
    )
  })

  it('ends with the signal', async () => {
    const { engine } = machineOf({ lines: [answered(0)] })
    const options = { announcers: ['worker-a'], withinMs: 60_000, signal: AbortSignal.abort() }
    const waiting = untilOneOwner(engine, watched, new PatientClock(), options)
    await expect(waiting).rejects.toThrow(/abort/)
  })
})
