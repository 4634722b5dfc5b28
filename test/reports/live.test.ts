/**
 * The live view: a frame in full, never wider than the terminal, and plain lines that tell each
 * change once.
 */
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { changesBetween, type LiveState, plainLine, renderLive } from '../../reports/live.ts'
import { columnsOf } from '../../reports/terminal-text.ts'

const state: LiveState = {
  title: 'worker-down on cx-worker-ha',
  pace: 'brisk',
  provider: 'kind',
  phase: 'observe',
  phaseElapsedMs: 12_300,
  phaseLeftMs: 310_000,
  waitingFor: ['workload-repaired', 'vantages-good'],
  vantages: [
    { id: 'api-read-direct', through: 'API server', up: true, sinceMs: 22_000, lastError: null },
    { id: 'save-worker-a', through: 'NodePort', up: false, sinceMs: 12_000, lastError: 'http-503' },
    { id: 'page-worker-b', through: 'NodePort', up: null, sinceMs: 0, lastError: null },
  ],
  recent: [
    { atMs: 10_000, text: 'worker-b lost power' },
    { atMs: 14_620, text: 'node-not-ready worker-b' },
  ],
}

const linesOf = (frame: string): string[] => stripVTControlCharacters(frame).split('\n')

test('a frame', () => {
  expect(linesOf(renderLive(state, 120)).map((line) => line.trimEnd())).toEqual([
    'worker-down on cx-worker-ha  MEASURED on a real kind cluster',
    'brisk: every Kubernetes timer at a tenth, leader election at a fifth',
    'observe for 12.3 s, at most 5 min 10 s left by the timers',
    'waiting for workload-repaired, vantages-good',
    '  ● api-read-direct up for 22 s            API server',
    '  ✗ save-worker-a   DOWN for 12 s          http-503  NodePort',
    '  · page-worker-b   not probed yet',
    '         10 s  worker-b lost power',
    '       14.6 s  node-not-ready worker-b',
  ])
})

test('past its timers a phase says so, and without a bound it says nothing', () => {
  expect(linesOf(renderLive({ ...state, phaseLeftMs: -1 }, 80))[2]).toBe(
    'observe for 12.3 s, past its timers',
  )
  expect(linesOf(renderLive({ ...state, phaseLeftMs: null }, 80))[2]).toBe('observe for 12.3 s')
})

test('no line is wider than the terminal, whatever is in it', () => {
  const long = '長い名前🎉\u001b[2J\u0007'.repeat(30)
  const nasty: LiveState = {
    ...state,
    title: long,
    waitingFor: [long],
    vantages: state.vantages.map((vantage) => ({
      ...vantage,
      id: long,
      through: long,
      lastError: long,
    })),
    recent: Array.from({ length: 50 }, (_, atMs) => ({ atMs, text: `${long}\nsecond line` })),
  }
  for (const columns of [1, 2, 7, 20, 39, 40, 80, 200]) {
    const frame = renderLive(nasty, columns)
    expect(stripVTControlCharacters(frame)).not.toMatch(/[^\P{Cc}\n]/u)
    expect(frame).not.toContain('\u001b[2J')
    for (const line of linesOf(frame)) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
  }
})

test('plain lines tell each change once', () => {
  const [api, save, page] = state.vantages
  if (api === undefined || save === undefined || page === undefined) throw new Error('three')
  const later: LiveState = {
    ...state,
    phase: 'heal',
    phaseLeftMs: null,
    waitingFor: [],
    vantages: [
      { ...api, sinceMs: 30_000 },
      { ...save, up: true, sinceMs: 10 },
      { ...page, up: false, lastError: 'no-route' },
    ],
    recent: [...state.recent.slice(1), { atMs: 47_000, text: 'save-worker-a\nis back' }],
  }
  expect(changesBetween(state, later).map((change) => plainLine(47_250, change))).toEqual([
    '[   47.3 s] phase heal',
    '[   47.3 s] UP   save-worker-a after 12 s down',
    '[   47.3 s] DOWN page-worker-b: no-route',
    '[   47.3 s] save-worker-a is back',
  ])
  expect(changesBetween(later, later)).toEqual([])
})

test('the first plain lines tell the phase and who answers', () => {
  expect(changesBetween(null, state).map((change) => plainLine(0, change))).toEqual([
    '[    0.0 s] phase observe, at most 5 min 10 s left by the timers; waiting for workload-repaired, vantages-good',
    '[    0.0 s] UP   api-read-direct',
    '[    0.0 s] DOWN save-worker-a: http-503',
    '[    0.0 s] worker-b lost power',
    '[    0.0 s] node-not-ready worker-b',
  ])
})
