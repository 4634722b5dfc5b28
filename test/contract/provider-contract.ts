/**
 * What every provider of real clusters must do, as one suite that runs against each of them: a
 * cluster comes up and answers by every way in; what can be broken is broken with proof and healed
 * with proof; what is not ours is left alone; nothing stays behind; and what a crash left is undone
 * by a provider that was not there. It fails for a capability that is claimed and not shown, unless
 * the test is named that shows it on another topology.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type {
  Evidence,
  FaultHandle,
  Provider,
  Session,
  Target,
} from '../../harness/cluster/port.ts'
import type { Plan } from '../../harness/model/plan.ts'
import type { Capability, FaultKind, FaultPlan, FaultTarget } from '../../harness/model/scenario.ts'
import { type UndoAction, undoSchema } from '../../harness/model/undo.ts'
import { everyVantageAnswers } from './every-vantage.ts'
import { canBeShownOn, eachRoleFindsItsPlayer, shown } from './shown.ts'

export interface ContractSubject {
  plan: Plan
  /** A provider that knows only what is written down, as in a new process after a crash. */
  provider(): Provider
  /**
   * Everything that was made for the cluster and is there now, a line each: containers, volumes,
   * networks, the folder of its state. Whatever it named once, it looks for from then on.
   */
  inventory(): Promise<string[]>
  /** Makes the standing cluster look as a crash in the midst of bringing it up leaves it. */
  unfinish(): Promise<void>
  /** In place of `session.prepare`, where the provider has nothing that could carry a workload. */
  prepare?(session: Session): Promise<void>
  /** Are the invariants of the document looked at? Default: yes. */
  invariants?: boolean
  close?(): Promise<void>
}

export interface Contract {
  /** Of the provider, as in `--provider`. */
  name: string
  open(): Promise<ContractSubject>
  timeouts: {
    bringUpMs: number
    /** From the injection to the proof that it took hold, and from the undo to the proof. */
    faultMs: number
    /** For every vantage to have answered once. */
    answerMs: number
  }
  /**
   * Capabilities that the topology of this run has nothing to show on, and the test that shows
   * them: its file, from the root of the repository.
   */
  elsewhere?: Readonly<Partial<Record<Capability, string>>>
  /** Given where the machine cannot run it, and said. */
  skip?: string
}

const root = join(import.meta.dirname, '../..')

export function providerContract({ name, open, timeouts, elsewhere = {}, skip }: Contract): void {
  describe.skipIf(skip !== undefined)(`the contract of providers: ${name}${said(skip)}`, () => {
    const { bringUpMs, faultMs, answerMs } = timeouts
    const quiet = () => undefined
    const never = new AbortController().signal
    let subject: ContractSubject
    let provider: Provider
    let session: Session
    /** Of a fault that was healed. */
    let spent: UndoAction | null = null
    const reports: string[] = []
    /** Without a cluster there is nothing to hold against the rest. */
    let up = true

    const bringUp = () => provider.open(subject.plan, (line) => reports.push(line), never)
    const prepare = (opened: Session) =>
      subject.prepare ? subject.prepare(opened) : opened.prepare(quiet)
    const standing = async (of = provider) =>
      (await of.standing()).filter(({ cluster }) => cluster === subject.plan.clusterName)
    const foreign: UndoAction = {
      kind: 'power.start',
      provider: name as UndoAction['provider'],
      cluster: 'somebody-elses',
      node: 'worker-a',
      container: 'somebody-elses-worker',
      address: null,
      network: null,
    }

    afterAll(async () => {
      await session?.[Symbol.asyncDispose]()
      if (subject && (await standing()).length > 0) {
        await provider.remove(subject.plan.clusterName, quiet)
      }
      await subject?.close?.()
    }, bringUpMs)

    beforeEach(({ skip }) => skip(!up, 'the cluster did not come up'))

    test('nothing stands, and what is not ours is left alone', async () => {
      subject = await open()
      provider = subject.provider()
      expect(provider.name).toBe(name)
      expect(await standing()).toEqual([])
      expect(await subject.inventory()).toEqual([])
      expect(await provider.undo(foreign)).toContain('nothing to undo')
      await expect(provider.remove('somebody-elses', quiet)).rejects.toMatchObject({
        exitCode: 69,
        changed: 'nothing was touched',
      })
    })

    test('a cluster comes up, and is told as standing', { timeout: bringUpMs }, async () => {
      up = false
      session = await bringUp()
      up = true
      expect(session.reused).toBe(false)
      expect(session.kubernetes).toMatch(/^v\d+\.\d+\.\d+/)
      expect(reports.filter((line) => line.startsWith(`${name}: `)).length).toBeGreaterThan(2)
      const [found, ...others] = await standing()
      expect(others).toEqual([])
      expect(found).toMatchObject({ topology: subject.plan.topology.name, healthy: true })
      expect(found?.nodes.map((node) => [node.name, node.state])).toEqual(
        expect.arrayContaining(subject.plan.topology.nodes.map((node) => [node.name, 'running'])),
      )
      expect((await subject.inventory()).length).toBeGreaterThan(0)
    })

    test('every vantage answers', { timeout: bringUpMs }, async () => {
      await prepare(session)
      expect(session.vantages.length).toBeGreaterThan(0)
      await everyVantageAnswers(session, subject.plan.runId, answerMs)
    })

    test('what its document says is so', { timeout: answerMs + faultMs }, async ({ skip }) => {
      skip(subject.invariants === false, 'this provider has nothing that could carry it')
      const broken = (await session.invariants()).filter(({ holds }) => !holds)
      expect(broken).toEqual([])
    })

    test('every capability that it claims is shown here, or where is said', () => {
      const { topology } = subject.plan
      const claimed = [...session.capabilities]
      expect(claimed.length).toBeGreaterThan(0)
      const left = claimed.filter((capability) => !canBeShownOn(topology, capability))
      expect(left.filter((capability) => elsewhere[capability] === undefined)).toEqual([])
      const files = left.map((capability) => join(root, elsewhere[capability] ?? ''))
      expect(files.filter((file) => !existsSync(file))).toEqual([])
    })

    test('each role finds the one who plays it', { timeout: faultMs }, async () => {
      await eachRoleFindsItsPlayer(session, subject.plan.topology)
    })

    test('the holder of the floating IP is known', { timeout: faultMs }, async (context) => {
      const { floatingIp } = subject.plan.topology
      if (!floatingIp) return context.skip('this topology has none')
      const stop = await session.watch(
        () => undefined,
        (trouble) => expect.fail(trouble),
      )
      const { node } = await session.findTarget('floating-ip-holder', []).finally(stop)
      expect(floatingIp.announcers).toContain(node)
    })

    test("the nodes' clocks are this machine's", async () => {
      const clocks = await session.clocks()
      expect(clocks.map(({ node }) => node).toSorted()).toEqual(
        subject.plan.topology.nodes.map((node) => node.name).toSorted(),
      )
      for (const { aheadMs } of clocks) {
        const [lower, upper] = aheadMs
        expect(lower).toBeLessThanOrEqual(upper)
        // They are one clock; whoever sets it while this runs sets it by less.
        expect(lower).toBeLessThanOrEqual(500)
        expect(upper).toBeGreaterThanOrEqual(-500)
      }
    })

    describe.each(shown)('$capability: $kind', ({ kind, capability, aim }) => {
      test('takes hold, and is undone, with receipts', {
        timeout: 4 * faultMs,
      }, async (context) => {
        context.skip(!session.capabilities.has(capability), `no capability '${capability}'`)
        const on = aim(subject.plan.topology)
        if (on === null) return context.skip('this topology has nobody for it')
        const { handle, target } = await begin(kind, on)
        await handle.inject()
        const during = await seen(handle, 'during', 'broken')
        expect(during).toMatchObject({ state: 'broken' })
        expect(during.text).not.toBe('')

        expect(await session.undo(handle.undo)).not.toBe('')
        expect(await seen(handle, 'after', 'well')).toMatchObject({ state: 'well' })

        // As by `pnpm clean` after a crash between the undo and the word of it.
        const again = await subject.provider().undo(throughTheJournal(handle.undo))
        expect(again).not.toBe('')
        expect(await handle.look('after')).toMatchObject({ state: 'well' })
        await stillTheSame(target)
        await prepare(session)
        await everyVantageAnswers(session, subject.plan.runId, answerMs)
      })
    })

    test('a capability that is not claimed breaks nothing', { timeout: faultMs }, async () => {
      const missing = shown.filter(({ capability }) => !session.capabilities.has(capability))
      for (const { kind, aim } of missing) {
        const on = aim(subject.plan.topology)
        if (on === null) continue
        const fault: FaultPlan = { id: kind, kind, target: on }
        const target = await session.findTarget(fault.target, [])
        await expect(session.fault(fault, target)).rejects.toMatchObject({
          exitCode: 2,
          changed: 'nothing was broken',
        })
      }
    })

    test('an undo of ours that names what is not ours touches nothing', async () => {
      const { handle } = await begin('power.kill')
      const undo = handle.undo
      if (undo.kind !== 'power.start') throw new Error(`${undo.kind} undoes no power.kill`)
      expect(await provider.undo({ ...undo, container: 'somebody-elses' })).toContain('not ours')
      expect(await provider.undo({ ...undo, node: 'nowhere' })).toContain('nothing to undo')
    })

    test('opened once more, it is taken over as it is', { timeout: bringUpMs }, async () => {
      const before = await standing()
      provider = subject.provider()
      await using second = await bringUp()
      expect(second.reused).toBe(true)
      expect(second.vantages).toEqual(session.vantages)
      expect(await standing()).toEqual(before)
    })

    test('what a crash left broken is undone by another', { timeout: 4 * faultMs }, async () => {
      const { handle } = await begin('power.kill')
      const journalled = throughTheJournal(handle.undo)
      await handle.inject()
      expect(await seen(handle, 'during', 'broken')).toMatchObject({ state: 'broken' })
      expect(await standing()).toMatchObject([{ healthy: false }])
      expect(await subject.provider().undo(journalled)).not.toBe('')
      expect(await seen(handle, 'after', 'well')).toMatchObject({ state: 'well' })
      expect(await standing()).toMatchObject([{ healthy: true }])
      spent = journalled
    })

    test('down leaves nothing', { timeout: bringUpMs }, async () => {
      await session[Symbol.asyncDispose]()
      await provider.remove(subject.plan.clusterName, quiet)
      expect(await subject.inventory()).toEqual([])
      expect(await standing()).toEqual([])
      expect(spent && (await provider.undo(spent))).toContain('nothing to undo')
      await expect(provider.remove(subject.plan.clusterName, quiet)).rejects.toMatchObject({
        exitCode: 69,
      })
    })

    test('it comes up a second time', { timeout: bringUpMs }, async () => {
      up = false
      session = await bringUp()
      up = true
      expect(session.reused).toBe(false)
      expect(await standing()).toMatchObject([{ healthy: true }])
      await session[Symbol.asyncDispose]()
    })

    test('one that is used up is told, and made anew', { timeout: bringUpMs }, async () => {
      const mark: UndoAction = {
        ...{ kind: 'cluster.spend', provider: foreign.provider, node: 'worker-a' },
        ...{ cluster: subject.plan.clusterName, why: 'said by this test' },
      }
      expect(await provider.undo(throughTheJournal(mark))).toContain('said by this test')
      expect(await standing()).toMatchObject([
        { healthy: false, detail: 'used up by its last drill' },
      ])
      up = false
      session = await bringUp()
      up = true
      expect(session.reused).toBe(false)
      expect(reports.at(-1)).toContain('ready after')
      expect(reports.some((line) => line.includes('is used up by its last drill'))).toBe(true)
      expect(await standing()).toMatchObject([{ healthy: true }])
      await session[Symbol.asyncDispose]()
    })

    test('what was never finished is told, and goes', { timeout: bringUpMs }, async () => {
      await subject.unfinish()
      const another = subject.provider()
      const [left] = await standing(another)
      expect(left).toMatchObject({ healthy: false, detail: 'never finished' })
      await another.remove(subject.plan.clusterName, quiet)
      expect(await subject.inventory()).toEqual([])
      expect(await standing(another)).toEqual([])
    })

    /** A fault on its target, seen to be well before. */
    async function begin(
      kind: FaultKind,
      on: FaultTarget = 'worker-with-database',
    ): Promise<{ handle: FaultHandle; target: Target }> {
      const fault: FaultPlan = { id: kind, kind, target: on }
      const target = await session.findTarget(on, [])
      const handle = await session.fault(fault, target)
      expect(await handle.look('before')).toMatchObject({ state: 'well' })
      return { handle, target }
    }

    /** Looks until the evidence is as wanted; the last look where it never is. */
    async function seen(
      handle: FaultHandle,
      moment: 'during' | 'after',
      state: Evidence['state'],
    ): Promise<Evidence> {
      const deadlineMs = session.clock.nowMs() + faultMs
      for (;;) {
        const evidence = await handle.look(moment)
        if (evidence.state === state || session.clock.nowMs() > deadlineMs) return evidence
        await session.clock.sleepUntil(session.clock.nowMs() + 250)
      }
    }

    /** Running, and where the vantages look for it. */
    async function stillTheSame({ node }: Target): Promise<void> {
      if (node === null) return
      const found = (await standing())[0]?.nodes.find((each) => each.name === node)
      expect(found?.state).toBe('running')
      const ways = session.vantages.filter(({ throughNode }) => throughNode === node)
      for (const { url } of ways) expect(new URL(url).hostname).toBe(found?.address)
    }
  })
}

const said = (skip: string | undefined) => (skip === undefined ? '' : ` (skipped: ${skip})`)

/** Written and read as the journal does it: an undo that does not survive that is none. */
const throughTheJournal = (undo: UndoAction): UndoAction =>
  undoSchema.parse(JSON.parse(JSON.stringify(undo)))
