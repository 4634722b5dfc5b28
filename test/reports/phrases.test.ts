/**
 * The shared sentences in each of their branches, word for word.
 */
import { expect, test } from 'vitest'
import type { RunRecord } from '../../harness/model/record.ts'
import { figuresOf, formatShare } from '../../reports/figures.ts'
import {
  acceptanceOf,
  documentedTimerMs,
  faultSentence,
  headlineOf,
  integritySentence,
  lacksSentence,
  linkOf,
  paceNoteOf,
  predictionSentence,
  provenanceOf,
  reproduceCommand,
} from '../../reports/phrases.ts'
import { controlPlaneDown, workerDown } from './fixture.ts'

const { record } = workerDown
const withRecovery = (recovery: Partial<RunRecord['recovery']>): RunRecord => ({
  ...record,
  recovery: { ...record.recovery, ...recovery },
})

test('the headline carries the number, the cause and the contradictions', () => {
  expect(headlineOf(record)).toBe(
    'Saves failed for 37.1 s to 37.3 s after worker-b lost power. Two documented claims are contradicted.',
  )
})

test('a partial outage is called partial', () => {
  expect(headlineOf(controlPlaneDown.record)).toBe(
    'API reads failed in part (40 of 121 probes) for 6 s to 6.1 s after cp-1 lost power. Both documented claims are confirmed.',
  )
})

test('a stray answer does not make an outage a partial one, and is still counted', () => {
  const vantages = record.vantages.map((vantage) => ({
    ...vantage,
    outages: vantage.outages.map((outage) => ({ ...outage, failed: 999, probes: 1_000 })),
  }))
  expect(headlineOf({ ...record, vantages, claims: [] })).toMatch(
    /^Saves failed \(999 of 1000 probes\) for 37\.1 s/,
  )
})

test('an outage that had not ended is said to have gone on', () => {
  const vantages = record.vantages.map((vantage) => ({
    ...vantage,
    outages: vantage.outages.map((outage) => ({ ...outage, ended: false })),
  }))
  expect(headlineOf({ ...record, vantages, claims: [] })).toBe(
    'Saves failed for at least 37.1 s after worker-b lost power, and still did when the run ended. No documented claim was judged.',
  )
})

test('an outage in pieces says how many', () => {
  const vantages = record.vantages.map((vantage) => ({
    ...vantage,
    outages: vantage.outages.flatMap((outage) => [outage, outage]),
  }))
  expect(headlineOf({ ...record, vantages })).toContain(
    'Saves failed for 37.1 s to 37.3 s, in two pieces, after worker-b lost power.',
  )
})

test('none seen is bounded by the time between two probes', () => {
  const quiet = withRecovery({ outageMs: [0, 50], recoveryMs: null })
  expect(headlineOf(quiet)).toContain('No client outage longer than 50 ms was seen after worker-b')
  expect(figuresOf(quiet).map(({ text }) => text)).toEqual([
    '4.6 s',
    '36.9 s',
    'nothing to recover',
    'none over 50 ms',
  ])
})

test('what did not happen is not zero', () => {
  const none = withRecovery({ reactionMs: null, repairMs: null, recoveryMs: null, outageMs: null })
  expect(figuresOf(none).map(({ text }) => text)).toEqual(Array(4).fill('did not happen'))
})

test('an invalid run has no number', () => {
  const invalid: RunRecord = { ...record, verdict: 'invalid', problems: ['no receipt'] }
  expect(headlineOf(invalid)).toBe('Nothing can be concluded: no receipt')
  expect(acceptanceOf(invalid)).toBe('An invalid run confirms and contradicts nothing.')
})

test('verdicts that differ from the accepted ones are named', () => {
  expect(acceptanceOf(record)).toBe(
    'Two verdicts differ from the accepted: 000-vip-daemonset and 000-vip-failover.',
  )
  expect(acceptanceOf(controlPlaneDown.record)).toBe('Every verdict is the accepted one.')
})

test('measured and simulated never read alike, and brisk says so', () => {
  expect(provenanceOf({ provider: 'kind' }).text).toBe('MEASURED on a real kind cluster')
  expect(provenanceOf({ provider: 'existing' }).text).toBe('MEASURED on an existing cluster')
  expect(provenanceOf({ provider: 'sim' }).text).toBe('SIMULATED by the model, not measured')
  expect(paceNoteOf({ pace: 'brisk' })).toMatch(/^brisk: every Kubernetes timer at a tenth/)
  expect(paceNoteOf({ pace: 'documented' })).toBeNull()
})

test('a prediction that the run missed is a finding', () => {
  expect(predictionSentence(record)).toBe('The model predicts 34.5 s to 39.8 s: the two agree.')
  const missed = withRecovery({ outageMs: [50_000, 50_100] })
  expect(predictionSentence(missed)).toContain('DISAGREE')
  expect(predictionSentence({ ...record, prediction: null })).toBeNull()
})

test('the command line is one that can be pasted', () => {
  expect(reproduceCommand(record)).toBe(
    'pnpm scenario worker-down --topology cx-worker-ha --provider kind --pace brisk --seed 42',
  )
  const changed = { ...record, topology: "a'; rm -rf /", changedTimers: ['nodeMonitorGraceMs'] }
  expect(reproduceCommand(changed)).toContain(`--topology 'a'\\''; rm -rf /'`)
  expect(reproduceCommand(changed)).toContain('--set nodeMonitorGraceMs=5000ms')
})

test('another release of the model is named, and asked for again', () => {
  const other = { ...record, provider: 'sim' as const, kubernetes: 'v1.31+k3s' }
  expect(provenanceOf(other).text).toBe(
    'SIMULATED by the model of Kubernetes v1.31+k3s, not measured',
  )
  expect(reproduceCommand(other)).toContain(' --kubernetes v1.31+k3s')
  expect(reproduceCommand({ ...other, kubernetes: 'v1.34' })).not.toContain('--kubernetes')
  expect(documentedTimerMs('nodeMonitorGraceMs', 'v1.31+k3s')).toBe(40_000)
  expect(documentedTimerMs('nodeMonitorGraceMs', 'v1.34.4')).toBe(50_000)
})

test('shares are rounded against the optimist', () => {
  expect([1, 0.999_999, 0.5, 0.000_001, 0].map(formatShare)).toEqual([
    '100 %',
    '99.99 %',
    '50 %',
    '< 0.01 %',
    '0 %',
  ])
})

test('saves that were lost, or could not be read back, are not glossed over', () => {
  const integrity = record.integrity
  expect(integritySentence({ ...record, integrity: { ...integrity, lostWrites: 3 } })).toBe(
    '836 acknowledged saves, 3 LOST.',
  )
  expect(integritySentence({ ...record, integrity: { ...integrity, readBack: false } })).toBe(
    '836 acknowledged saves could not be read back.',
  )
})

test('a fault on a link names both sites, one on a node the node', () => {
  const sentence = (kind: string, target = 'site-a/site-b') => faultSentence({ kind, target })
  expect(sentence('network.cut')).toBe('the link between site-a and site-b was cut')
  expect(sentence('network.cut-one-way')).toBe('the link from site-a to site-b was cut one way')
  expect(sentence('network.loss')).toBe('the link between site-a and site-b lost packets')
  expect(sentence('network.delay')).toBe('the link between site-a and site-b was delayed')
  expect(sentence('power.kill', 'worker-a')).toBe('worker-a lost power')
  expect(sentence('network.unheard-of', 'worker-a')).toBe('worker-a was hit by network.unheard-of')
  expect(linkOf({ kind: 'power.kill', target: 'a/b' })).toBeNull()
})

test('what was not played says for want of which capabilities', () => {
  expect(lacksSentence(record)).toBeNull()
  expect(lacksSentence({ ...record, lacks: ['network', 'etcd'], provider: 'k3d' })).toBe(
    'Not played: k3d lacks network and etcd, and there is no fault that does nothing.',
  )
})

test('what a provider refuses is said in its own words', () => {
  const refused = 'ejection: operator.eject goes by kubeadm and etcdctl'
  expect(lacksSentence({ ...record, lacks: [refused], provider: 'k3d' })).toBe(
    'Not played: ejection: operator.eject goes by kubeadm and etcdctl.',
  )
  const both = { ...record, lacks: ['storage', 'k3s has no registry.', refused] }
  expect(lacksSentence({ ...both, provider: 'k3d' })).toBe(
    'Not played: k3d lacks storage, and there is no fault that does nothing; k3s has no registry; ejection: operator.eject goes by kubeadm and etcdctl.',
  )
})
