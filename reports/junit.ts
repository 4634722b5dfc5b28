/**
 * Runs as JUnit XML, for whatever reads test results: a suite for each run, in it a case for the
 * run's validity, one for each invariant and one for each claim. An invariant fails when it did not
 * hold, in an invalid run too, for it was looked at before anything was broken. A claim fails when its verdict is not the accepted one,
 * is skipped when it could not be judged though it was meant to be, and is in error when the run
 * is invalid, for such a run has tested nothing.
 */
import type { ClaimResult, Invariant, RunRecord } from '../harness/model/record.ts'
import { linkShare, lostApiWrites } from './explanation.ts'
import { runSpanMs } from './figures.ts'
import { type Markup, markup } from './html/escape.ts'
import { invariantName, invariantsOf } from './invariants.ts'
import { headlineOf, paceNoteOf, provenanceOf, reproduceCommand } from './phrases.ts'

type Outcome = 'passed' | 'failure' | 'skipped' | 'error'

/** How a claim of a run counts in JUnit's four terms. */
export function outcomeOf(record: Pick<RunRecord, 'verdict'>, claim: ClaimResult): Outcome {
  if (record.verdict === 'invalid') return 'error'
  if (claim.verdict === claim.accepted.verdict) return 'passed'
  return claim.verdict === 'undetermined' ? 'skipped' : 'failure'
}

function claimCase(record: RunRecord, suite: string, claim: ClaimResult): Markup {
  const outcome = outcomeOf(record, claim)
  const says = `${claim.verdict}, accepted is ${claim.accepted.verdict}: ${claim.because}`
  const body = `${claim.source}
promised: ${claim.expected}
found: ${claim.measured}
because: ${claim.because}
accepted: ${claim.accepted.verdict} (${claim.accepted.date}) ${claim.accepted.reason}`
  const result = {
    passed: markup`<system-out>${body}</system-out>`,
    failure: markup`<failure type="${claim.verdict}" message="${says}">${body}</failure>`,
    skipped: markup`<skipped message="${says}"/>`,
    error: markup`<error type="invalid" message="the run is invalid and judges nothing">${record.problems.join('\n')}</error>`,
  }[outcome]
  return markup`    <testcase classname="${suite}" name="${claim.id}" time="0">${result}</testcase>
`
}

function invariantCase(suite: string, invariant: Invariant): Markup {
  const { expected, seen, holds } = invariant
  const body = `expected: ${expected}\nseen: ${seen}`
  const result = holds
    ? markup`<system-out>${body}</system-out>`
    : markup`<failure type="invariant" message="does not hold before the fault: ${seen}">${body}</failure>`
  return markup`    <testcase classname="${suite}" name="invariant: ${invariantName(invariant)}" time="0">${result}</testcase>
`
}

function validityCase(record: RunRecord, suite: string, seconds: string): Markup {
  const result =
    record.verdict === 'invalid'
      ? markup`<error type="invalid" message="${headlineOf(record)}">${record.problems.join('\n')}</error>`
      : markup`<system-out>${headlineOf(record)}</system-out>`
  return markup`    <testcase classname="${suite}" name="the run is valid" time="${seconds}">${result}</testcase>
`
}

function secondsOf(record: RunRecord): number {
  const [fromMs, toMs] = runSpanMs(record)
  return (toMs - fromMs) / 1_000
}

interface Counts {
  tests: number
  failures: number
  errors: number
  skipped: number
}

function countsOf(records: readonly RunRecord[]): Counts {
  const outcomes = records.flatMap((record): Outcome[] => [
    record.verdict === 'invalid' ? 'error' : 'passed',
    ...invariantsOf(record).map(({ holds }): Outcome => (holds ? 'passed' : 'failure')),
    ...record.claims.map((claim) => outcomeOf(record, claim)),
  ])
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length
  return {
    tests: outcomes.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  }
}

const countAttributes = ({ tests, failures, errors, skipped }: Counts): Markup =>
  markup`tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}"`

/** Why it took so long, and what was looked for afterwards; only what the record has. */
function findingsOf(record: RunRecord): Record<string, string> {
  const { explanation, splitBrain, lacks = [] } = record
  const lost = lostApiWrites(record)
  const dominating = explanation?.dominating
  return {
    ...(record.target ? { target: record.target } : {}),
    ...(dominating ? { 'dominating timer': `${dominating.timer}, ${linkShare(dominating)}` } : {}),
    ...(explanation
      ? {
          'shares of the outage': explanation.links
            .map((link) => `${link.name} ${linkShare(link)}`)
            .join(', '),
          advice: explanation.advice,
        }
      : {}),
    ...(lost === null ? {} : { 'lost API writes': `${lost}` }),
    ...(splitBrain === undefined
      ? {}
      : { 'split brain found': splitBrain.found.join('; ') || 'none' }),
    ...(lacks.length === 0 ? {} : { 'not played for want of': lacks.join(', ') }),
  }
}

function suiteOf(record: RunRecord): Markup {
  const suite = `${record.topology}.${record.scenario}`
  const seconds = secondsOf(record).toFixed(3)
  const properties: Readonly<Record<string, string>> = {
    run: record.runId,
    provenance: provenanceOf(record).text,
    provider: record.provider,
    pace: paceNoteOf(record) ?? record.pace,
    seed: `${record.seed}`,
    kubernetes: record.kubernetes,
    verdict: record.verdict,
    reproduce: reproduceCommand(record),
    ...findingsOf(record),
  }
  return markup`  <testsuite name="${record.scenario} on ${record.topology} (${record.provider}, ${record.pace})" ${countAttributes(countsOf([record]))} time="${seconds}" timestamp="${record.startedAt}">
    <properties>${Object.entries(properties).map(([name, value]) => markup`<property name="${name}" value="${value}"/>`)}</properties>
${validityCase(record, suite, seconds)}${invariantsOf(record).map((invariant) => invariantCase(suite, invariant))}${record.claims.map((claim) => claimCase(record, suite, claim))}  </testsuite>
`
}

/** JUnit XML with one `testsuite` a record; durations in seconds. */
export function renderJunit(records: readonly RunRecord[]): string {
  const seconds = records.reduce((sum, record) => sum + secondsOf(record), 0).toFixed(3)
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="clusterdrill" ${countAttributes(countsOf(records))} time="${seconds}">
${records.map(suiteOf)}</testsuites>
`.text
}
