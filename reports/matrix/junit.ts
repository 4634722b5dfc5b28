/**
 * The matrix as JUnit XML: a suite for each cell, in it a case for its valid run and one for each
 * claim, which count as they do in the JUnit file of a single run.
 */
import { cellName, isSettled, type MatrixCell } from '../../harness/model/matrix.ts'
import { type Markup, markup } from '../html/escape.ts'
import { outcomeOf } from '../junit.ts'
import type { MatrixInput } from './input.ts'
import { outageText, reasonOf } from './phrases.ts'

type Outcome = ReturnType<typeof outcomeOf>

function outcomesOf(cell: MatrixCell): Outcome[] {
  const { result } = cell
  const claims = result === null ? [] : result.claims.map((claim) => outcomeOf(result, claim))
  return [isSettled(cell) ? 'passed' : 'error', ...claims]
}

function countsOf(cells: readonly MatrixCell[]): Markup {
  const outcomes = cells.flatMap(outcomesOf)
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length
  return markup`tests="${outcomes.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
}

const secondsOf = (cell: MatrixCell): number =>
  cell.tries.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1_000

function validityCase(cell: MatrixCell): Markup {
  const reason = reasonOf(cell)
  const body =
    reason === null
      ? markup`<system-out>outage: ${cell.result === null ? '' : outageText(cell.result)}</system-out>`
      : markup`<error type="invalid" message="${reason}">${cell.result?.problems.join('\n') ?? ''}</error>`
  return markup`    <testcase classname="${cellName(cell)}" name="there is a valid run" time="${secondsOf(cell).toFixed(3)}">${body}</testcase>
`
}

function claimCases(cell: MatrixCell): Markup {
  const { result } = cell
  if (result === null) return markup``
  return markup`${result.claims.map((claim) => {
    const says = `${claim.verdict}, accepted is ${claim.accepted.verdict}: ${claim.because}`
    const body = `${claim.source}\npromised: ${claim.expected}\nfound: ${claim.measured}\nbecause: ${claim.because}`
    const said = {
      passed: markup`<system-out>${body}</system-out>`,
      failure: markup`<failure type="${claim.verdict}" message="${says}">${body}</failure>`,
      skipped: markup`<skipped message="${says}"/>`,
      error: markup`<error type="invalid" message="the run is invalid and judges nothing">${result.problems.join('\n')}</error>`,
    }[outcomeOf(result, claim)]
    return markup`    <testcase classname="${cellName(cell)}" name="${claim.id}" time="0">${said}</testcase>
`
  })}`
}

/** JUnit XML with one `testsuite` a cell; durations in seconds. */
export function renderMatrixJunit({ matrix }: MatrixInput): string {
  const { cells, provider, pace } = matrix
  const seconds = cells.reduce((sum, cell) => sum + secondsOf(cell), 0).toFixed(3)
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="clusterdrill matrix (${provider}, ${pace})" ${countsOf(cells)} time="${seconds}">
${cells.map(
  (
    cell,
  ) => markup`  <testsuite name="${cellName(cell)}" ${countsOf([cell])} time="${secondsOf(cell).toFixed(3)}" timestamp="${cell.tries.at(-1)?.startedAt ?? matrix.startedAt}">
    <properties><property name="provider" value="${provider}"/><property name="pace" value="${pace}"/><property name="run" value="${cell.result?.run ?? 'none'}"/></properties>
${validityCase(cell)}${claimCases(cell)}  </testsuite>
`,
)}</testsuites>
`.text
}
