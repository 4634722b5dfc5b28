/**
 * Verdicts from claims written for the purpose: which are judged, what silence means, who wins,
 * what the process answers, and what a fault without proof makes of a run.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import { makeRecord, type RecordMeta } from '../../harness/judge/record.ts'
import { exitCodeOf, missingReceipts, runVerdict } from '../../harness/judge/verdict.ts'
import type { Claim, Finding } from '../../harness/model/claim.ts'
import { type ClaimResult, recordSchema, type Verdict } from '../../harness/model/record.ts'
import type { Pace } from '../../harness/model/timers.ts'
import { workerDown } from '../../scenarios/worker-down.ts'
import { cxWorkerHa } from '../../topologies/cx-worker-ha.ts'
import { faultOf, good, runOf, vantageOf } from '../measure/run-of.ts'

const run = runOf({
  scenario: workerDown,
  topology: cxWorkerHa,
  target: 'worker-a',
  atMs: [1_000, 5_000, 9_000],
  vantages: [vantageOf('save-worker-b', { throughNode: 'worker-b' })],
  rows: { 'save-worker-b': good(0, 9_000) },
})

function claimOf(verdict: Verdict | null, over: Partial<Claim> = {}): Claim {
  const finding: Finding | null =
    verdict === null ? null : { verdict, measured: '1 s', expected: '2 s', because: 'so it was' }
  return {
    id: '000-test',
    document: '000',
    says: 'It holds.',
    condition: 'Something happens.',
    kubernetes: null,
    scenarios: ['worker-down'],
    accepted: [],
    judge: () => finding,
    ...over,
  }
}

const resultOf = (verdict: Verdict, accepted: Verdict = 'confirmed'): ClaimResult => ({
  id: '000-test',
  source: '000: It holds.',
  verdict,
  accepted: { verdict: accepted, reason: 'so it was', date: '2026-11-20' },
  measured: '',
  expected: '',
  because: '',
})

describe('judge', () => {
  it('hands a finding on, with the document and what was accepted', () => {
    const accepted = [{ verdict: 'contradicted' as const, reason: 'known', date: '2026-11-20' }]
    expect(judge(run, [claimOf('contradicted', { accepted })])).toEqual([
      {
        id: '000-test',
        source: '000: It holds.',
        verdict: 'contradicted',
        accepted: { verdict: 'contradicted', reason: 'known', date: '2026-11-20' },
        measured: '1 s',
        expected: '2 s',
        because: 'so it was',
      },
    ])
  })

  it('leaves out claims of other scenarios and other topologies', () => {
    const others = [
      claimOf('confirmed', { scenarios: ['control-plane-down'] }),
      claimOf('confirmed', { topologies: ['kubeadm-stacked'] }),
    ]
    expect(judge(run, others)).toEqual([])
  })

  it('calls a claim undetermined that cannot speak, and says why', () => {
    const [result] = judge(run, [claimOf(null)])
    expect(result?.verdict).toBe('undetermined')
    expect(result?.because).toContain('because')
    expect(result?.because).toContain('Something happens.')
  })

  it('believes the document where nobody accepted anything for this topology', () => {
    const accepted = [
      {
        verdict: 'contradicted' as const,
        reason: 'elsewhere',
        date: '2026-11-20',
        topologies: ['kubeadm-stacked'],
      },
    ]
    expect(judge(run, [claimOf('confirmed', { accepted })])[0]?.accepted.verdict).toBe('confirmed')
  })

  it('takes an accepted verdict for the paces that it names', () => {
    const entry = { verdict: 'contradicted' as const, reason: 'then', date: '2026-11-20' }
    const at = (paces: readonly Pace[]) =>
      judge(run, [claimOf('confirmed', { accepted: [{ ...entry, paces }] })])[0]?.accepted.verdict
    expect(at(['documented'])).toBe('contradicted')
    expect(at(['brisk'])).toBe('confirmed')
  })

  it('judges no claim that names no scenario, nor one that speaks of other faults', () => {
    const silent = [
      claimOf('confirmed', { scenarios: [], outOfScope: 'a shell alias' }),
      claimOf('confirmed', { speaksOf: ({ faults }) => faults.length > 5 }),
    ]
    expect(judge(run, silent)).toEqual([])
  })

  it('keeps the figure of a duration, without an end where there was none', () => {
    const finding: Finding = {
      verdict: 'contradicted',
      measured: 'at least 9 s',
      expected: '5 s',
      because: 'so it was',
      duration: { measuredMs: [9_000, Number.POSITIVE_INFINITY], promisedMs: [4_000, 6_000] },
    }
    const [result] = judge(run, [claimOf(null, { judge: () => finding })])
    expect(result?.duration).toEqual({ measuredMs: [9_000, null], promisedMs: [4_000, 6_000] })
  })
})

describe('judge, where the provider lacks something', () => {
  const lacks = ['storage']

  it('says what it cannot do, and asks for no verdict', () => {
    const [result] = judge(
      run,
      [
        claimOf('confirmed', {
          judge: (m) => ({
            verdict: 'confirmed',
            measured: `${m.spans.length}`,
            expected: '',
            because: '',
          }),
        }),
      ],
      lacks,
    )
    expect(result).toMatchObject({
      verdict: 'undetermined',
      because: 'undetermined, because sim cannot show replicated storage with a quorum',
      accepted: { verdict: 'undetermined' },
    })
  })

  it('still judges what stands in the plan alone', () => {
    const fromPlan = claimOf(null, {
      judge: ({ plan }) => ({
        verdict: plan.topology.nodes.length > 0 ? 'confirmed' : 'contradicted',
        measured: '',
        expected: '',
        because: '',
      }),
    })
    expect(judge(run, [fromPlan], lacks)[0]).toMatchObject({
      verdict: 'confirmed',
      accepted: { verdict: 'confirmed' },
    })
  })
})

describe('runVerdict', () => {
  it.each<[Verdict[], string[], string]>([
    [['confirmed'], [], 'confirmed'],
    [['confirmed', 'undetermined'], [], 'undetermined'],
    [['undetermined', 'contradicted', 'confirmed'], [], 'contradicted'],
    [['contradicted'], ['no proof'], 'invalid'],
    [[], [], 'undetermined'],
  ])('of %j with problems %j is %s', (verdicts, problems, expected) => {
    expect(
      runVerdict(
        verdicts.map((verdict) => ({ verdict })),
        problems,
      ),
    ).toBe(expected)
  })
})

describe('exitCodeOf', () => {
  it.each<[string, ClaimResult[], 0 | 1 | 2]>([
    ['every verdict is the accepted one', [resultOf('confirmed')], 0],
    ['a contradiction was accepted', [resultOf('contradicted', 'contradicted')], 0],
    ['an undetermined was accepted', [resultOf('undetermined', 'undetermined')], 0],
    ['a contradiction was not accepted', [resultOf('contradicted')], 1],
    ['an accepted contradiction is gone', [resultOf('confirmed', 'contradicted')], 1],
    ['one could not be determined', [resultOf('confirmed'), resultOf('undetermined')], 2],
    ['one differs and one could not', [resultOf('undetermined'), resultOf('contradicted')], 1],
    ['nothing was judged', [], 2],
  ])('%s', (_, claims, code) => {
    expect(exitCodeOf({ verdict: runVerdict(claims, []), claims })).toBe(code)
  })

  it('is 2 for an invalid run, whatever its claims', () => {
    expect(exitCodeOf({ verdict: 'invalid', claims: [resultOf('contradicted')] })).toBe(2)
  })
})

describe('missingReceipts', () => {
  const whole = faultOf('worker-a', 1_000, 5_000)

  it('has nothing to say of a fault that is proven throughout', () => {
    expect(missingReceipts([whole])).toEqual([])
  })

  it.each(['before', 'during', 'after'] as const)('misses the proof %s', (part) => {
    const fault = { ...whole, receipt: { ...whole.receipt, [part]: null } }
    expect(missingReceipts([fault])).toHaveLength(1)
  })

  it('asks for no proof of an undo that was not done', () => {
    const kept = { ...whole, undoneAtMs: null, receipt: { ...whole.receipt, after: null } }
    expect(missingReceipts([kept])).toEqual([])
  })

  it('asks for no proof after a fault that is meant to last', () => {
    const lasting = { ...whole, lasting: true, receipt: { ...whole.receipt, after: null } }
    expect(missingReceipts([lasting])).toEqual([])
    const unseen = { ...lasting, receipt: { ...lasting.receipt, during: null } }
    expect(missingReceipts([unseen])).toHaveLength(1)
  })

  it('refuses a run without a fault', () => {
    expect(missingReceipts([])).toHaveLength(1)
  })
})

describe('makeRecord', () => {
  const meta: RecordMeta = {
    timeSource: 'virtual',
    kubernetes: '1.34.4',
    versions: { etcd: '3.6.5' },
    startedAt: '2026-11-20T12:00:00.000Z',
    latenessMs: null,
    problems: [{ invalid: false, text: 'Probes left up to 300 ms late.' }],
    differences: ['No kernel.'],
  }

  it('makes a record that its schema accepts', () => {
    const record = makeRecord(run, [resultOf('confirmed')], meta)
    expect(recordSchema.parse(record)).toEqual(record)
    expect(record).toMatchObject({
      verdict: 'confirmed',
      scenario: 'worker-down',
      problems: ['Probes left up to 300 ms late.'],
    })
    expect(record.differences.at(-1)).toBe('No kernel.')
  })

  it('needs no fault where the provider lacks what it takes, and says what', () => {
    const unplayed = { ...run, faults: [], vantages: [] }
    const results = [resultOf('undetermined', 'undetermined')]
    const record = makeRecord(unplayed, results, { ...meta, lacks: ['storage'] })
    expect(record).toMatchObject({ verdict: 'undetermined', lacks: ['storage'] })
    expect(exitCodeOf(record)).toBe(0)
    expect(recordSchema.parse(record)).toEqual(record)
  })

  it('carries the explanation, the clocks, the two truths and the target', () => {
    const clocks = [{ node: 'worker-a', aheadMs: [-1, 2] as [number, number] }]
    const splitBrain = { looked: ['etcd'], found: [] }
    const plan = { ...run.plan, target: 'worker-a' }
    const record = makeRecord({ ...run, plan, clocks, splitBrain }, [resultOf('confirmed')], meta)
    expect(record).toMatchObject({ clocks, splitBrain, target: 'worker-a', explanation: null })
    expect(recordSchema.parse(record)).toEqual(record)
  })

  it('is invalid when a fault has no receipt', () => {
    const fault = faultOf('worker-a', 1_000, 5_000)
    const unproven = { ...fault, receipt: { ...fault.receipt, during: null } }
    const record = makeRecord({ ...run, faults: [unproven] }, [resultOf('confirmed')], meta)
    expect(record.verdict).toBe('invalid')
    expect(record.problems[0]).toBe('No proof that power.kill of worker-a (power) took hold.')
  })

  it('is invalid when the conductor says so', () => {
    const record = makeRecord(run, [resultOf('confirmed'), resultOf('contradicted')], {
      ...meta,
      problems: [{ invalid: true, text: 'The engine went away.' }],
    })
    expect(record.verdict).toBe('invalid')
    expect(record.claims.length).toBeGreaterThan(0)
    for (const claim of record.claims) {
      expect(claim.verdict).toBe('undetermined')
      expect(claim.because).toContain('the run is invalid: ')
    }
    expect(record.problems).toEqual(['The engine went away.'])
  })
})
