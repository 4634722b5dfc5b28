/** A sweep on a page and on a terminal: said to be simulated, and safe against any name. */
import { expect, test } from 'vitest'
import { renderSweepHtml } from '../../../reports/sweep/html.ts'
import { renderSweepText } from '../../../reports/sweep/text.ts'
import { ended, sweepWith } from '../../predict/sweeps.ts'

const sweep = sweepWith([ended(1, 61_000), ended(2, 0), { seed: 3, invalid: 'not <good>' }])

test('the page has a picture in both sizes, the figures, and what was not played', () => {
  const page = renderSweepHtml(sweep)
  expect(page).toContain('<title>SIMULATED: worker-down on cx-worker-ha')
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  expect(page.match(/<svg class="(wide|narrow)"/g)).toHaveLength(2)
  expect(page).toContain('1 min 1 s')
  expect(page).toContain('not &lt;good&gt;')
  expect(page).not.toContain('<good>')
  expect(page).not.toMatch(/https?:|<script|NaN|Infinity/)
  expect(page).toContain('Not played')
})

test('one of no valid run is drawn too', () => {
  const page = renderSweepHtml(sweepWith([{ seed: 1, invalid: 'no' }]))
  expect(page).not.toMatch(/NaN|Infinity/)
})

test('the terminal has a line for each combination', () => {
  const text = renderSweepText(sweep, 'out/')
  expect(text).toContain('SIMULATED')
  expect(text).toMatch(/a=1s +0 +0 +0 +1 min 1 s +1 min 1 s +1 min 1 s +1 +1$/m)
  expect(text).toContain('evicted took most (75 % in the middle) in 1 of 3 runs')
  expect(text).toContain('1 invalid: not <good>')
  expect(text).toContain('a=2s: not played, no')
  expect(text).toContain('Page: out/sweep.html')
})
