/** Which fault a run is counted from, and when its heal began, kind by kind. */
import { describe, expect, it } from 'vitest'
import { healBeganMs, primaryOf, undoBeganMs } from '../../harness/model/turning-points.ts'

const phases = [{ name: 'heal', fromMs: 50 }]
const power = { kind: 'power.kill', undoFromMs: 60, undoneAtMs: 70 }

describe('primaryOf', () => {
  it.each([
    [['operator.backup', 'power.kill', 'operator.restore'], 'power.kill'],
    [['operator.eject'], 'operator.eject'],
    [['network.route', 'power.kill'], 'network.route'],
  ])('of %j is %s', (kinds, primary) => {
    const faults = kinds.map((kind, index) => ({ kind, injectedAtMs: index }))
    expect(primaryOf(faults.toReversed())?.kind).toBe(primary)
  })

  it('is null without a fault', () => {
    expect(primaryOf([])).toBeNull()
  })
})

describe('undoBeganMs', () => {
  it.each([
    ['its own beginning, after that of the phase', power, 60],
    ['the phase, where an old record does not say', { kind: 'power.kill', undoneAtMs: 70 }, 50],
    ['its undo, where that came first', { kind: 'power.kill', undoneAtMs: 40 }, 40],
    ['the phase, for a reboot that was over before', { kind: 'power.reboot', undoneAtMs: 10 }, 50],
    ['the phase, for what lasts', { ...power, lasting: true }, 50],
  ])('is %s', (_, fault, ms) => {
    expect(undoBeganMs(fault, phases, 100)).toBe(ms)
  })

  it('is the end of the run where nothing was healed', () => {
    expect(undoBeganMs({ kind: 'power.kill', undoneAtMs: null }, [], 100)).toBe(100)
    expect(healBeganMs([], [], 100)).toBe(100)
  })
})
