/**
 * The sentences that every renderer shares: the headline with its number, where the result comes
 * from, how the verdicts compare with the accepted ones, and how to run it again. One place, so
 * that a web page, a terminal and a pull-request comment cannot tell different stories.
 */

import type {
  ClaimResult,
  FaultRecord,
  RunRecord,
  RunVerdict,
  VantageMeasure,
} from '../harness/model/record.ts'
import { releaseNamed, usualRelease } from '../harness/model/release.ts'
import { type TimerName, timerFacts, timersOf } from '../harness/model/timers.ts'
import { formatInterval, formatMs, overlap } from '../harness/model/units.ts'
import { harmOf, isPartial, judgedOutages, judgedVantage, sawNoOutage } from './figures.ts'

/** Says the verdict without colour. */
export const verdictSymbol: Record<RunVerdict, string> = {
  confirmed: '✓',
  contradicted: '✗',
  undetermined: '?',
  invalid: '!',
}

export interface Provenance {
  word: 'MEASURED' | 'SIMULATED'
  /** The word and what stands behind it, e.g. `MEASURED on a real kind cluster`. */
  text: string
}

/** `kubernetes`: of a simulated result; absent: of the usual release. */
interface Origin extends Pick<RunRecord, 'provider'> {
  kubernetes?: string | undefined
}

/** One that the model knows, and takes only when it is told to. */
const isUnusual = (kubernetes: string): boolean =>
  kubernetes !== usualRelease && releaseNamed(kubernetes) !== null

/** Whether the result was measured or simulated; the two never look alike. */
export function provenanceOf({ provider, kubernetes = usualRelease }: Origin): Provenance {
  if (provider === 'sim') {
    const release = isUnusual(kubernetes) ? ` of Kubernetes ${kubernetes}` : ''
    return { word: 'SIMULATED', text: `SIMULATED by the model${release}, not measured` }
  }
  const where = provider === 'existing' ? 'an existing cluster' : `a real ${provider} cluster`
  return { word: 'MEASURED', text: `MEASURED on ${where}` }
}

/** What must stand beside every figure of a brisk run; null at the documented pace. */
export function paceNoteOf({ pace }: Pick<RunRecord, 'pace'>): string | null {
  return pace === 'brisk'
    ? 'brisk: every Kubernetes timer at a tenth, leader election at a fifth'
    : null
}

const happenings: Readonly<Record<string, string>> = {
  'power.kill': 'lost power',
  'power.stop': 'was shut down',
  'power.reboot': 'was rebooted',
  'power.pause': 'froze',
  'process.kubelet-stop': 'lost its kubelet',
  'process.container-kill': 'lost a container',
  'network.cut': 'was cut',
  'network.cut-one-way': 'was cut one way',
  'network.loss': 'lost packets',
  'network.delay': 'was delayed',
  'network.route': 'got a route that leads astray',
  'operator.pod-delete': 'had a pod deleted',
  'operator.force-delete': 'was cleared of stuck pods by force',
  'operator.forget-images': 'alone kept the images',
  'operator.eject': 'was ejected',
  'operator.join-together': 'and another joined at the same time',
  'operator.backup': 'was backed up',
  'operator.restore': 'was made the control plane from the backup',
  'operator.move-load-balancer': 'got another address for its API',
}

/** `lost power`, `was cut`: what happened to the target. A kind not known here is named as it is. */
export function happeningOf({ kind }: Pick<FaultRecord, 'kind'>): string {
  return happenings[kind] ?? `was hit by ${kind}`
}

/** The two sites of a fault on the link between them, in the order of its target; else null. */
export function linkOf({
  kind,
  target,
}: Pick<FaultRecord, 'kind' | 'target'>): [string, string] | null {
  const at = target.indexOf('/')
  if (!kind.startsWith('network.') || at === -1) return null
  return [target.slice(0, at), target.slice(at + 1)]
}

/** `worker-b lost power`, `the link between site-a and site-b was cut`. */
export function faultSentence(fault: Pick<FaultRecord, 'kind' | 'target'>): string {
  const link = linkOf(fault)
  if (link === null) return `${fault.target} ${happeningOf(fault)}`
  const words = fault.kind === 'network.cut-one-way' ? ['from', 'to'] : ['between', 'and']
  return `the link ${words[0]} ${link[0]} ${words[1]} ${link[1]} ${happeningOf(fault)}`
}

const requests: Record<VantageMeasure['kind'], string> = {
  'api-read': 'API reads',
  'api-write': 'API writes',
  page: 'Page loads',
  save: 'Saves',
  report: 'Reports',
}

const small = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** `two claims`: small counts in words. */
export function countOf(count: number, noun: string): string {
  return `${small[count] ?? count} ${noun}${count === 1 ? '' : 's'}`
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `one`, `one and two`, `one, two and three`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** Keeps a figure and its unit on one line. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (?=(?:ms|s|min|%)(?![\w-]))/g, '$1\u{a0}')
}

/** What took something away, each said once. */
function happened(record: RunRecord): string[] {
  const counts = new Map<string, number>()
  for (const sentence of harmOf(record).map(faultSentence)) {
    counts.set(sentence, (counts.get(sentence) ?? 0) + 1)
  }
  return [...counts].map(([sentence, count]) =>
    count === 1 ? sentence : `${sentence} ${count === 2 ? 'twice' : `${count} times`}`,
  )
}

function outageSentence(record: RunRecord): string {
  const after = record.faults.length === 0 ? '' : ` after ${listed(happened(record))}`
  const { outageMs } = record.recovery
  if (outageMs === null) return `No outage of the service that was hit could be measured${after}.`
  if (sawNoOutage(record)) {
    const bound = outageMs[1] > 0 ? ` longer than ${formatMs(outageMs[1])}` : ''
    return `No client outage${bound} was seen${after}.`
  }
  const vantage = judgedVantage(record)
  const subject = vantage === undefined ? 'Requests' : requests[vantage.kind]
  const outages = judgedOutages(record)
  const failed = outages.reduce((sum, outage) => sum + outage.failed, 0)
  const probes = outages.reduce((sum, outage) => sum + outage.probes, 0)
  const counts = failed < probes ? ` (${failed} of ${probes} probes)` : ''
  const share = outages.some(isPartial) ? ` in part${counts}` : counts
  const pieces = outages.length > 1 ? `, in ${countOf(outages.length, 'piece')},` : ''
  const said = `${subject} failed${share} for`
  if (outages.every(({ ended }) => ended)) {
    return `${said} ${formatInterval(outageMs)}${pieces}${after}.`
  }
  return `${said} at least ${formatMs(outageMs[0])}${pieces}${after}, and still did when the run ended.`
}

function claimsSentence({ claims }: RunRecord): string {
  const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict).length
  const contradicted = count('contradicted')
  const undetermined = count('undetermined')
  if (claims.length === 0) return 'No documented claim was judged.'
  const say = (many: number, rest: string) =>
    `${capitalised(countOf(many, 'documented claim'))} ${many === 1 ? 'is' : 'are'} ${rest}.`
  if (contradicted > 0) return say(contradicted, 'contradicted')
  if (undetermined > 0) return say(undetermined, 'undetermined')
  if (claims.length === 2) return 'Both documented claims are confirmed.'
  return claims.length === 1
    ? 'The one documented claim is confirmed.'
    : `All ${countOf(claims.length, 'documented claim')} are confirmed.`
}

/** Why nothing was played: for want of capabilities, or as the provider refused; null where it was. */
export function lacksSentence({ lacks = [], provider }: RunRecord): string | null {
  if (lacks.length === 0) return null
  const refusals = lacks.filter((lack) => lack.includes(' '))
  const capabilities = lacks.filter((lack) => !refusals.includes(lack))
  const reasons = refusals.map((refusal) => refusal.replace(/\.$/, ''))
  if (capabilities.length > 0) {
    reasons.unshift(
      `${provider} lacks ${listed(capabilities)}, and there is no fault that does nothing`,
    )
  }
  return `Not played: ${reasons.join('; ')}.`
}

/** One or two sentences that carry the number; for an invalid run, why it is none. */
export function headlineOf(record: RunRecord): string {
  const unplayed = lacksSentence(record)
  if (unplayed !== null) return `${unplayed} ${claimsSentence(record)}`
  if (record.verdict === 'invalid') {
    return `Nothing can be concluded: ${record.problems[0] ?? 'the run is invalid, and left no reason'}`
  }
  return `${outageSentence(record)} ${claimsSentence(record)}`
}

/** Claims whose verdict is not the one a person accepted, in either direction. */
export function differingClaims({ claims }: RunRecord): ClaimResult[] {
  return claims.filter((claim) => claim.verdict !== claim.accepted.verdict)
}

/** Whether the verdicts are the accepted ones, in a sentence. */
export function acceptanceOf(record: RunRecord): string {
  if (record.verdict === 'invalid') return 'An invalid run confirms and contradicts nothing.'
  const differing = differingClaims(record)
  if (differing.length === 0) return 'Every verdict is the accepted one.'
  const verb = differing.length === 1 ? 'verdict differs' : 'verdicts differ'
  const ids = listed(differing.map(({ id }) => id))
  return `${capitalised(small[differing.length] ?? `${differing.length}`)} ${verb} from the accepted: ${ids}.`
}

/** What the read-back of acknowledged saves found, in a sentence. */
export function integritySentence({ integrity }: RunRecord): string {
  const acknowledged = `${integrity.acknowledgedWrites} acknowledged ${integrity.acknowledgedWrites === 1 ? 'save' : 'saves'}`
  if (!integrity.readBack) return `${acknowledged} could not be read back.`
  return integrity.lostWrites === 0
    ? `${acknowledged}, none lost.`
    : `${acknowledged}, ${integrity.lostWrites} LOST.`
}

/** Whether the measured outage meets the model's; null where there is nothing to compare. */
export function predictionSentence(record: RunRecord): string | null {
  const { prediction, recovery } = record
  if (prediction === null) return null
  const predicted = formatInterval(prediction.outageMs)
  if (recovery.outageMs === null)
    return `The model predicts an outage of ${predicted}; none was found.`
  const agrees = overlap(recovery.outageMs, prediction.outageMs)
  return agrees
    ? `The model predicts ${predicted}: the two agree.`
    : `The model predicts ${predicted}: the two DISAGREE, and one of them is wrong.`
}

function shellWord(text: string): string {
  return /^[\w./:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The command line that runs it again: same scenario, topology, target, provider, pace and seed. */
export function reproduceCommand(record: RunRecord): string {
  const words = ['pnpm', 'scenario', record.scenario, '--topology', record.topology]
  words.push('--provider', record.provider, '--pace', record.pace, '--seed', `${record.seed}`)
  if (record.provider === 'sim' && isUnusual(record.kubernetes)) {
    words.push('--kubernetes', record.kubernetes)
  }
  if (record.balancer !== undefined) words.push('--balancer', record.balancer)
  if (record.floatingIpSharedBy !== undefined) {
    words.push('--floating-ip', record.floatingIpSharedBy)
  }
  if (typeof record.target === 'string') words.push('--target', record.target)
  for (const name of record.changedTimers) {
    const valueMs = record.timers[name]
    if (valueMs !== undefined) words.push('--set', `${name}=${valueMs}ms`)
  }
  return words.map(shellWord).join(' ')
}

/** `node-monitor-grace-period`-like words for a timer; what is not ours keeps its own name. */
export function timerName(timer: string): string {
  return timer in timerFacts ? timerFacts[timer as TimerName].setBy : timer
}

/**
 * Default of a timer at the documented pace, by the release of the run; null for a name the model
 * does not know.
 */
export function documentedTimerMs(name: string, kubernetes: string): number | null {
  const timers: Readonly<Record<string, number>> = {
    ...timersOf('documented', releaseNamed(kubernetes)),
  }
  return timers[name] ?? null
}
