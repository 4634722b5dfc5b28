/**
 * The run as OpenMetrics text, for a collector that reads files. Everything is a gauge: a finished
 * run counts no further. Base units are seconds and ratios, and every sample says scenario,
 * topology, provider and pace, so that simulated and measured figures cannot be added up.
 */
import type { RunRecord } from '../harness/model/record.ts'
import type { Interval } from '../harness/model/units.ts'
import { clockDifference } from './explanation.ts'
import { floatingIpFacts } from './floating-ip.ts'
import { invariantsOf } from './invariants.ts'

type Labels = Readonly<Record<string, string>>

interface MetricSample {
  labels: Labels
  value: number
}

interface Family {
  name: string
  type: 'gauge' | 'info' | 'stateset'
  unit: 'seconds' | 'ratio' | null
  help: string
  samples: readonly MetricSample[]
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function written({ name, type, unit, help, samples }: Family, common: Labels): string[] {
  if (samples.length === 0) return []
  const suffix = type === 'info' ? '_info' : ''
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === null ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ labels, value }) => {
      const pairs = Object.entries({ ...common, ...labels })
      return `${name}${suffix}{${pairs.map(([key, text]) => `${key}="${escaped(text)}"`).join(',')}} ${value}`
    }),
  ]
}

const seconds = (ms: number): number => Math.round(ms * 1_000) / 1_000_000

function bounds(interval: Interval | null, labels: Labels): MetricSample[] {
  if (interval === null) return []
  return [
    { labels: { ...labels, bound: 'lower' }, value: seconds(interval[0]) },
    { labels: { ...labels, bound: 'upper' }, value: seconds(interval[1]) },
  ]
}

function states(
  metric: string,
  all: readonly string[],
  now: string,
  labels: Labels,
): MetricSample[] {
  return all.map((state) => ({
    labels: { ...labels, [metric]: state },
    value: state === now ? 1 : 0,
  }))
}

const verdicts = ['confirmed', 'contradicted', 'undetermined']

function runFamilies(record: RunRecord): Family[] {
  const { recovery, integrity, prediction } = record
  const name = 'clusterdrill_run_verdict'
  const figures = {
    reaction: recovery.reactionMs,
    repair: recovery.repairMs,
    recovery: recovery.recoveryMs,
    outage: recovery.outageMs,
  }
  const gauge = { type: 'gauge', unit: null } as const
  return [
    {
      name: 'clusterdrill_run',
      type: 'info',
      unit: null,
      help: 'The run that these figures come from.',
      samples: [
        {
          labels: { run: record.runId, seed: `${record.seed}`, kubernetes: record.kubernetes },
          value: 1,
        },
      ],
    },
    {
      name: 'clusterdrill_run_start_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When the run began, since the epoch.',
      samples: [{ labels: {}, value: Date.parse(record.startedAt) / 1_000 }],
    },
    {
      name,
      type: 'stateset',
      unit: null,
      help: 'Verdict of the run.',
      samples: states(name, [...verdicts, 'invalid'], record.verdict, {}),
    },
    {
      name: 'clusterdrill_recovery_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Reaction, repair, recovery and outage with their bounds; absent when it did not happen.',
      samples: Object.entries(figures).flatMap(([figure, ms]) => bounds(ms, { figure })),
    },
    {
      name: 'clusterdrill_predicted_outage_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'The outage that the model predicts.',
      samples: bounds(prediction?.outageMs ?? null, {}),
    },
    {
      name: 'clusterdrill_step_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Steps of the recovery, since the fault; equal names are numbered by position.',
      samples: recovery.steps.map((step, index) => ({
        labels: { step: step.name, position: `${index + 1}` },
        value: seconds(step.sinceFaultMs),
      })),
    },
    {
      ...gauge,
      name: 'clusterdrill_saves',
      help: 'Saves that were acknowledged, and those of them that were lost; absent when not read back.',
      samples: [
        { labels: { state: 'acknowledged' }, value: integrity.acknowledgedWrites },
        ...(integrity.readBack ? [{ labels: { state: 'lost' }, value: integrity.lostWrites }] : []),
      ],
    },
    {
      ...gauge,
      name: 'clusterdrill_problems',
      help: 'What weakens the run.',
      samples: [{ labels: {}, value: record.problems.length }],
    },
  ]
}

/** Why it took so long, and what was looked for when all was over. */
function findingFamilies(record: RunRecord): Family[] {
  const { explanation, splitBrain, integrity } = record
  const { dominating, links = [] } = explanation ?? {}
  const gauge = { type: 'gauge', unit: null } as const
  const lost = integrity.apiWrites?.lost
  const apart = clockDifference(record)
  return [
    {
      name: 'clusterdrill_outage_link_ratio',
      type: 'gauge',
      unit: 'ratio',
      help: 'Share of each link of the chain from the fault to the first good answer.',
      samples: links.map(({ name, timer, share }, index) => ({
        labels: { link: name, position: `${index + 1}`, timer: timer ?? '' },
        value: share,
      })),
    },
    {
      name: 'clusterdrill_dominating_timer_ratio',
      type: 'gauge',
      unit: 'ratio',
      help: 'Share of the timer that took most of the outage; absent where none did.',
      samples: dominating ? [{ labels: { timer: dominating.timer }, value: dominating.share }] : [],
    },
    {
      name: 'clusterdrill_dominating_timer_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long that timer was waited for.',
      samples: dominating
        ? [{ labels: { timer: dominating.timer }, value: seconds(dominating.ms) }]
        : [],
    },
    {
      ...gauge,
      name: 'clusterdrill_api_writes_lost',
      help: 'Acknowledged API writes that are gone; absent where that was not read.',
      samples: lost === undefined ? [] : [{ labels: {}, value: lost }],
    },
    {
      ...gauge,
      name: 'clusterdrill_split_brain_findings',
      help: 'Two truths at once, found after the run; absent where nobody looked.',
      samples: splitBrain === undefined ? [] : [{ labels: {}, value: splitBrain.found.length }],
    },
    {
      name: 'clusterdrill_clock_difference_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'The largest difference between two clocks, nodes and run.',
      samples: bounds(apart, {}),
    },
    {
      name: 'clusterdrill_lacking_capability',
      type: 'info',
      unit: null,
      help: 'What the provider cannot do, for want of which nothing was played.',
      samples: (record.lacks ?? []).map((capability) => ({ labels: { capability }, value: 1 })),
    },
  ]
}

function claimFamilies({ claims }: RunRecord): Family[] {
  const name = 'clusterdrill_claim_verdict'
  return [
    {
      name,
      type: 'stateset',
      unit: null,
      help: 'Verdict on a documented claim.',
      samples: claims.flatMap(({ id, verdict }) => states(name, verdicts, verdict, { claim: id })),
    },
    {
      name: 'clusterdrill_claim_as_accepted',
      type: 'gauge',
      unit: null,
      help: 'Whether the verdict is the one a person accepted.',
      samples: claims.map(({ id, verdict, accepted }) => ({
        labels: { claim: id },
        value: verdict === accepted.verdict ? 1 : 0,
      })),
    },
  ]
}

function clusterFamilies(record: RunRecord): Family[] {
  const { floatingIp } = record
  const byId = Map.groupBy(invariantsOf(record), ({ id }) => id)
  const watched = floatingIp && floatingIp.tenures.length > 0
  return [
    {
      name: 'clusterdrill_invariant_holds',
      type: 'gauge',
      unit: null,
      help: 'Whether what must be so by the document was so before anything was broken.',
      samples: [...byId].map(([invariant, all]) => ({
        labels: { invariant },
        value: all.every(({ holds }) => holds) ? 1 : 0,
      })),
    },
    {
      name: 'clusterdrill_floating_ip',
      type: 'info',
      unit: null,
      help: 'The floating IP, and the program that shared it.',
      samples: floatingIp
        ? [
            {
              labels: {
                address: floatingIp.address,
                engine: floatingIp.engine,
                documented: floatingIp.documented,
              },
              value: 1,
            },
          ]
        : [],
    },
    {
      name: 'clusterdrill_floating_ip_answered_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'For how long nobody, one node and several at once answered for the floating IP.',
      samples: watched
        ? Object.entries(floatingIpFacts(record, floatingIp).watched).map(([owners, ms]) => ({
            labels: { owners },
            value: seconds(ms),
          }))
        : [],
    },
  ]
}

function vantageFamilies({ vantages }: RunRecord): Family[] {
  const gauge = { type: 'gauge', unit: null } as const
  const each = (value: (vantage: RunRecord['vantages'][number]) => number): MetricSample[] =>
    vantages.map((vantage) => ({ labels: { vantage: vantage.id }, value: value(vantage) }))
  return [
    {
      name: 'clusterdrill_vantage_availability_ratio',
      type: 'gauge',
      unit: 'ratio',
      help: 'Good probes of all from the fault to the end of the run.',
      samples: each(({ availability }) => availability),
    },
    {
      ...gauge,
      name: 'clusterdrill_vantage_probes',
      help: 'Probes in the whole run.',
      samples: each(({ samples }) => samples),
    },
    {
      ...gauge,
      name: 'clusterdrill_vantage_failed_probes',
      help: 'Failed probes by class of error.',
      samples: vantages.flatMap(({ id, errors }) =>
        Object.entries(errors).map(([error, value]) => ({ labels: { vantage: id, error }, value })),
      ),
    },
    {
      ...gauge,
      name: 'clusterdrill_vantage_slow_probes',
      help: 'Good probes that were slow.',
      samples: each(({ slow }) => slow),
    },
    {
      ...gauge,
      name: 'clusterdrill_vantage_late_probes',
      help: 'Good probes that had waited for the heal.',
      samples: vantages.flatMap(({ id, late }) =>
        late === undefined ? [] : [{ labels: { vantage: id }, value: late }],
      ),
    },
    {
      ...gauge,
      name: 'clusterdrill_vantage_outages',
      help: 'Outages seen.',
      samples: each(({ outages }) => outages.length),
    },
    {
      name: 'clusterdrill_vantage_outage_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Time in outages, added up.',
      samples: vantages.flatMap(({ id, outages }) => {
        const sum = (end: 0 | 1) =>
          outages.reduce((all, { durationMs }) => all + durationMs[end], 0)
        return bounds([sum(0), sum(1)], { vantage: id })
      }),
    },
    {
      name: 'clusterdrill_vantage_latency_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'Latency of good probes: median, 99th percentile, worst.',
      samples: vantages.flatMap(({ id, latencyMs }) =>
        Object.entries(latencyMs ?? {}).map(([statistic, ms]) => ({
          labels: { vantage: id, statistic },
          value: seconds(ms),
        })),
      ),
    },
  ]
}

/** OpenMetrics text, ending with `# EOF` and a line feed. */
export function renderMetrics(record: RunRecord): string {
  const { scenario, topology, provider, pace } = record
  const common: Labels = { scenario, topology, provider, pace }
  const families = [
    ...runFamilies(record),
    ...findingFamilies(record),
    ...clusterFamilies(record),
    ...claimFamilies(record),
    ...vantageFamilies(record),
  ]
  const lines = families.flatMap((family) => written(family, common))
  return `${[...lines, '# EOF'].join('\n')}\n`
}
