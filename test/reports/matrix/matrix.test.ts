/** The matrix as a page, as Markdown, as JUnit and for a terminal. */
import { describe, expect, it } from 'vitest'
import type { MatrixCell, MatrixChange } from '../../../harness/model/matrix.ts'
import { renderMatrixHtml } from '../../../reports/matrix/html.ts'
import type { MatrixInput } from '../../../reports/matrix/input.ts'
import { renderMatrixJunit } from '../../../reports/matrix/junit.ts'
import { renderMatrixMarkdown } from '../../../reports/matrix/markdown.ts'
import {
  effortOf,
  headlineOfMatrix,
  isAccepted,
  outageText,
  reasonOf,
} from '../../../reports/matrix/phrases.ts'
import { renderMatrixText } from '../../../reports/matrix/text.ts'
import { cellOf, claimOf, matrixOf, resultOf, tryOf } from '../../support/matrix-of.ts'

const differs = cellOf({
  topology: 'kubeadm-stacked',
  target: 'cka-wk-1',
  result: resultOf({
    run: 'runs/run-2',
    verdict: 'contradicted',
    claims: [claimOf('000-a'), claimOf('004-b', 'contradicted')],
  }),
})
const broken = cellOf({
  scenario: 'quorum-lost',
  tries: [
    tryOf({ run: 'runs/run-3', verdict: 'invalid', problem: 'no baseline' }),
    tryOf({ run: null, verdict: 'invalid', problem: 'no memory' }),
  ],
  result: null,
})
const unplayed = cellOf({
  scenario: 'storage-quorum-lost',
  result: resultOf({
    ...{ run: 'runs/run-4', verdict: 'undetermined', lacks: ['storage'], outageMs: null },
    claims: [claimOf('003-c', 'undetermined', 'undetermined')],
  }),
})

function inputOf(cells: MatrixCell[] = [cellOf(), differs, broken, unplayed]): MatrixInput {
  const change: MatrixChange = {
    ...{ cell: 'kubeadm-stacked/worker-down/cka-wk-1', kind: 'claim', what: '004-b' },
    ...{ before: 'confirmed', now: 'contradicted' },
  }
  const since = { startedAt: '2026-02-28T00:00:00.000Z', changes: [change] }
  return { matrix: matrixOf({ cells }), since }
}

describe('the words', () => {
  it('count what is accepted, what is not, and what has no run', () => {
    expect(headlineOfMatrix(inputOf().matrix)).toBe(
      '2 of 4 drills came out as accepted; one drill with a verdict that nobody accepted and one drill without a valid run.',
    )
    expect(headlineOfMatrix(matrixOf())).toBe('The one drill came out as accepted.')
  })

  it('say first of all that something acknowledged was lost, and where', () => {
    const lossy = cellOf({ result: resultOf({ lostWrites: 47 }) })
    expect(headlineOfMatrix(matrixOf({ cells: [lossy] }))).toBe(
      'The one drill came out as accepted. 47 acknowledged saves LOST, in cx-worker-ha/worker-down.',
    )
  })

  it('tell the effort against the timers', () => {
    expect(effortOf(matrixOf())).toBe(
      '60 min, 1 min of it for one bring-up and 20 s until what was broken was back and what people do was done; 1.20 times these and what the timers ask for (35 s).',
    )
  })

  it.each([
    [[37_900, 38_000], '37.9 s to 38 s'],
    [[0, 100], 'none over 100 ms'],
    [[0, 0], 'none'],
    [null, 'not measured'],
  ] as const)('say the outage %j', (outageMs, text) => {
    const outage = outageMs === null ? null : ([...outageMs] as [number, number])
    expect(outageText({ outageMs: outage, lacks: [] })).toBe(text)
  })

  it('accept a drill only with a valid run that judged something', () => {
    expect([cellOf(), differs, broken, unplayed].map(isAccepted)).toEqual([
      ...[true, false],
      false,
      true,
    ])
    expect(isAccepted(cellOf({ result: resultOf({ claims: [] }) }))).toBe(false)
    expect(reasonOf(broken)).toBe('two invalid runs, the last: no memory')
  })
})

describe('the page', () => {
  const page = renderMatrixHtml(inputOf())

  it('links every run below its own folder, and asks the network for nothing', () => {
    for (const run of ['run-1', 'run-2', 'run-4']) {
      expect(page).toContain(`href="runs/${run}/report.html"`)
    }
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    expect(page).toContain("default-src 'none'")
  })

  it('has the grid with verdict and outage, and leaves fields empty that no document speaks of', () => {
    const grid = page.slice(page.indexOf('class="grid"'), page.indexOf('id="changes"'))
    expect(grid).toContain('37.9\u{a0}s to 38\u{a0}s')
    expect(grid).toContain('1 not accepted')
    expect(grid).toContain('cka-wk-1')
    expect(grid.match(/<td role="cell"><\/td>/g)).toHaveLength(2)
  })

  it('has a table for each document, promised beside measured', () => {
    for (const document of ['000', '003', '004'])
      expect(page).toContain(`Document ${document}</h2>`)
    const of004 = page.slice(page.indexOf('id="document-004"'))
    expect(of004).toContain('What if a worker dies? (cka-wk-1, on kubeadm-stacked)')
    expect(of004).toContain('what 004-b says')
    expect(of004).toContain('Read as: as promised')
    expect(of004).toContain('as measured')
    expect(of004).toContain('accepted is confirmed')
  })

  it('says what changed, and names the runs that say nothing', () => {
    expect(page).toContain('What changed since 2026-02-28')
    expect(page).toContain(
      '004-b in kubeadm-stacked/worker-down/cka-wk-1: confirmed → contradicted',
    )
    expect(page).toContain('no baseline')
    expect(page).toContain('no cluster came up')
    expect(page).toContain('Not played, for this provider cannot: storage.')
  })

  it('says that it is measured and brisk, and that a matrix under way is not at its end', () => {
    expect(page).toContain('MEASURED on a real kind cluster')
    expect(page).toContain('brisk: every Kubernetes timer at a tenth')
    expect(renderMatrixHtml({ matrix: matrixOf({ endedAt: null }), since: null })).toContain(
      'It has not come to its end',
    )
  })

  it('lets no text of a run out of its place', () => {
    const hostile = '"><script>alert(1)</script>'
    const cell = cellOf({
      ...{ title: hostile, whatIf: hostile, target: hostile },
      tries: [tryOf({ verdict: 'invalid', problem: hostile, run: hostile })],
      result: resultOf({ run: hostile, claims: [{ ...claimOf('000-a'), because: hostile }] }),
    })
    const input = inputOf([cell])
    expect(renderMatrixHtml(input)).not.toContain('<script')
    expect(renderMatrixHtml(input)).not.toContain(`href="${hostile}`)
    expect(renderMatrixMarkdown(input)).not.toContain('<script')
    expect(renderMatrixJunit(input)).not.toContain('<script')
  })

  it.each(['../../etc/x', '/etc/x', 'javascript:alert(1)'])('does not link %s', (run) => {
    const cells = [cellOf({ result: resultOf({ run }) })]
    expect(renderMatrixHtml(inputOf(cells))).not.toContain(`href="${run}`)
  })
})

describe('the summary', () => {
  const summary = renderMatrixMarkdown(inputOf())

  it('has the grid, what changed, what is not accepted, and the documents folded away', () => {
    expect(summary).toMatch(/^## Matrix: 2 of 4 drills/)
    expect(summary).toContain('|  | cx-worker-ha | kubeadm-stacked |')
    expect(summary).toContain(
      '| worker-down | ✓ 37.9 s to 38 s | cka-wk-1: ✗ 37.9 s to 38 s **(!)** |',
    )
    expect(summary).toContain('### What changed since 2026-02-28')
    expect(summary).toContain(
      '- 004-b in kubeadm-stacked/worker-down/cka-wk-1: contradicted, accepted is confirmed; of a cause',
    )
    expect(summary).toContain('- cx-worker-ha/quorum-lost: two invalid runs, the last: no memory')
    expect(summary).toContain('<details><summary>Document 004: what if, then</summary>')
  })

  it('says that nothing changed', () => {
    const since = { startedAt: '2026-02-28T00:00:00.000Z', changes: [] }
    expect(renderMatrixMarkdown({ matrix: matrixOf(), since })).toContain(
      'What changed since 2026-02-28: nothing.',
    )
  })
})

describe('the JUnit file', () => {
  it('has a suite for each cell, and counts claims as a single run does', () => {
    const junit = renderMatrixJunit(inputOf())
    expect(junit).toContain(
      '<testsuites name="clusterdrill matrix (kind, brisk)" tests="8" failures="1" errors="1" skipped="0"',
    )
    expect(junit.match(/<testsuite /g)).toHaveLength(4)
    expect(junit).toContain('<failure type="contradicted"')
    expect(junit).toContain('message="two invalid runs, the last: no memory"')
  })
})

describe('the terminal', () => {
  it('has a line for each drill, and where the page is', () => {
    const text = renderMatrixText(inputOf(), 'night/')
    expect(text).toMatch(/✓ cx-worker-ha\/worker-down +confirmed +outage 37.9 s to 38 s/)
    expect(text).toContain('    004-b: contradicted, accepted is confirmed')
    expect(text).toContain('    two invalid runs, the last: no memory')
    expect(text.endsWith('Page: night/matrix.html')).toBe(true)
  })
})
