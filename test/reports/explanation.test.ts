/**
 * Why it took so long, and what was looked for afterwards, in every kind of report; escaped in
 * each, and absent where the record is of a version that did not say.
 */
import { describe, expect, it } from 'vitest'
import { recordSchema } from '../../harness/model/record.ts'
import {
  clockDifference,
  clockSentence,
  explanationSentence,
  factLines,
  linkLines,
  linkShare,
  splitBrainSentence,
} from '../../reports/explanation.ts'
import { originMs } from '../../reports/figures.ts'
import { renderHtml } from '../../reports/html.ts'
import { renderJunit } from '../../reports/junit.ts'
import { renderMetrics } from '../../reports/metrics.ts'
import { headlineOf, reproduceCommand } from '../../reports/phrases.ts'
import { renderSummary } from '../../reports/summary.ts'
import { renderResult } from '../../reports/terminal.ts'
import { workerDown } from './fixture.ts'
import { explained, hostile, unplayed } from './fixture-explained.ts'

const { record } = explained
const old = workerDown.record

/** Without the bytes that colour a terminal. */
const terminal = (shown: typeof record): string => {
  const begin = String.fromCharCode(27)
  return renderResult(shown, 'runs/x').replaceAll(new RegExp(`${begin}\\[\\d+m`, 'g'), '')
}

it('is made from records that the schema accepts', () => {
  expect(recordSchema.parse(record)).toEqual(record)
  expect(recordSchema.parse(unplayed.record)).toEqual(unplayed.record)
})

describe('in words', () => {
  it('names the timer that took most of it', () => {
    expect(record.explanation && explanationSentence(record.explanation)).toBe(
      'kube-apiserver --default-unreachable-toleration-seconds took most of the longest outage of save-worker-a, 37.1 s to 37.3 s: 30.1 s of the way from the fault to the first good answer, 80.9 %.',
    )
  })

  it('says when no timer did', () => {
    const silent = { vantage: 'save', outageMs: [1, 1], links: [], dominating: null, advice: '' }
    expect(explanationSentence({ ...silent, outageMs: [1_000, 1_000] })).toBe(
      'No timer took most of the longest outage of save, 1 s.',
    )
  })

  it('gives each link its time, its share and its timer', () => {
    const lines = record.explanation ? linkLines(record.explanation) : []
    expect(lines[0]).toBe(
      'node-not-ready: 4.6 s (12.4 %), waiting for kube-controller-manager --node-monitor-grace-period; silent for 5 s (node-monitor-grace-period)',
    )
    expect(lines[2]).toBe(
      'service-available: 2.5 s (6.7 %); save-worker-a answers again and stays good',
    )
  })

  it('shows no share that is there as none', () => {
    expect([0, 0.0001, 0.0006, 1].map((share) => linkShare({ share }))).toEqual([
      '0 %',
      '< 0.1 %',
      '0.1 %',
      '100 %',
    ])
  })

  it('finds the largest difference between two clocks, the run’s among them', () => {
    expect(clockDifference(record)).toEqual([10, 17])
    expect(clockSentence(record)).toBe(
      'The clocks of two nodes and of the run are at most 17 ms apart.',
    )
    expect(clockSentence(old)).toBeNull()
  })

  it('says what was looked at for two truths, and what was found', () => {
    expect(splitBrainSentence(record)).toBe(
      'Looked for two truths at once: the members of etcd and the API. None found.',
    )
    const found = { ...record, splitBrain: { looked: ['etcd'], found: ['two leaders'] } }
    expect(splitBrainSentence(found)).toBe(
      'Looked for two truths at once: etcd. FOUND: two leaders.',
    )
    expect(splitBrainSentence(old)).toBeNull()
  })

  it('reads the names of facts as words', () => {
    expect(factLines(record.faults[0] ?? {})).toEqual([
      ['snapshot bytes', '4096'],
      ['api back', '41 s'],
      ['restored on', hostile],
      ['moved', 'yes'],
    ])
  })
})

describe('a backup before the fault', () => {
  it('is not what the run is counted from, nor what the headline blames', () => {
    expect(originMs(record)).toBe(10_000)
    expect(headlineOf(record)).toMatch(
      /^Saves failed for 37\.1 s to 37\.3 s after worker-b lost power\./,
    )
  })

  it('is no reason to call a second blow by the same name twice', () => {
    const [, power] = record.faults
    if (power === undefined) throw new Error('the fixture has lost its fault')
    const twice = { ...record, faults: [power, { ...power, id: 'again', injectedAtMs: 20_000 }] }
    expect(headlineOf(twice)).toContain('after worker-b lost power twice.')
  })
})

describe('the reports', () => {
  const html = renderHtml(explained)
  const summary = renderSummary(record)

  it('show the chain as a bar and as a table, with the advice', () => {
    expect(html).toContain('Why it took so long')
    expect(html).toContain('class="chain waiting link-1"')
    expect(html).toContain('To halve it, set tolerationSeconds to 11 s in place of 30 s.')
    expect(html).toContain('node-not-ready: 12.4 %, evicted: 80.9 %, service-available: 6.7 %')
  })

  it('show clocks, two truths, lost API writes, late answers and facts', () => {
    expect(html).toContain('at most 17 ms apart')
    expect(html).toContain('None found.')
    expect(html).toContain('none of the acknowledged API writes is gone')
    expect(html).toContain('late answers were sent while the fault held')
    expect(html).toContain('<dt>snapshot bytes</dt><dd>4096</dd>')
    expect(html).toContain('never, it was meant to last')
  })

  it('let no markup of the record through', () => {
    expect(html).not.toContain(hostile)
    expect(summary).not.toContain(hostile)
    expect(renderJunit([record])).not.toContain(hostile)
  })

  it('tell it in Markdown and on a terminal, line by line', () => {
    expect(summary).toContain('### Why it took so long')
    expect(summary).toContain('2. evicted: 30.1 s (80.9 %)')
    expect(summary).toContain('**To halve it, set tolerationSeconds')
    expect(summary).toContain('snapshot bytes 4096')
    expect(terminal(record)).toContain('Why it took so long')
    expect(terminal(record)).toContain('1580 acknowledged, none by etcd’s own history.')
  })

  it('count it for machines', () => {
    const metrics = renderMetrics(record)
    expect(metrics).toMatch(/clusterdrill_outage_link_ratio\{.*link="evicted".*\} 0\.809/)
    expect(metrics).toMatch(
      /clusterdrill_dominating_timer_seconds\{.*timer="unreachableTolerationMs"\} 30\.14/,
    )
    expect(metrics).toMatch(/clusterdrill_api_writes_lost\{.*\} 0\n/)
    expect(metrics).toMatch(/clusterdrill_split_brain_findings\{.*\} 0\n/)
    const junit = renderJunit([record])
    expect(junit).toContain('name="dominating timer" value="unreachableTolerationMs, 80.9 %"')
    expect(junit).toContain('name="split brain found" value="none"')
  })

  it('carry the target into the command that runs it again', () => {
    expect(reproduceCommand(record)).toContain('--seed 42 --target worker-b')
    expect(reproduceCommand(old)).not.toContain('--target')
  })

  it('still show records that know nothing of this', () => {
    expect(renderHtml(workerDown)).not.toContain('Why it took so long')
    expect(renderMetrics(old)).not.toContain('clusterdrill_outage_link')
    expect(renderSummary(old)).not.toContain('two truths')
  })
})

describe('the picture of the topology', () => {
  it('marks the load balancer that was hit, and writes what a person did', () => {
    const balancer = {
      name: 'hap-1',
      balance: 'roundrobin' as const,
      port: 6443,
      frontend: 'f',
      backend: 'b',
      timeouts: { connectMs: 1, clientMs: 1, serverMs: 1 },
      check: { kind: 'tcp' as const, intervalMs: 2_000, fall: 3, rise: 2 },
      retries: 3,
    }
    const faults = record.faults.map((fault) =>
      fault.id === 'backup' ? fault : { ...fault, target: 'hap-1' },
    )
    const html = renderHtml({
      ...explained,
      topology: { ...explained.topology, loadBalancer: balancer },
      record: { ...record, faults },
    })
    expect(html).toContain('✗ lost power, then restored')
    expect(html).toContain('✎ was backed up')
  })
})

describe('a run that was not played', () => {
  const says = 'Not played: kind lacks storage, and there is no fault that does nothing.'

  it('says so everywhere, and for want of what', () => {
    expect(headlineOf(unplayed.record)).toContain(says)
    expect(renderHtml(unplayed)).toContain('Not played:')
    expect(renderSummary(unplayed.record)).toContain('Not played: kind lacks storage')
    expect(terminal(unplayed.record)).toContain('Not played: kind lacks storage')
    expect(renderJunit([unplayed.record])).toContain(
      'name="not played for want of" value="storage"',
    )
    expect(renderMetrics(unplayed.record)).toContain('capability="storage"')
  })
})
