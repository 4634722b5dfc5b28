/**
 * The command line: commands, flags and their help. Every command is a function of a sibling
 * file; this one only reads words and sets the exit code.
 */
import { Command } from 'commander'
import { explain } from './exit.ts'
import { version } from './version.ts'

const collect = (value: string, before: string[]): string[] => [...before, value]

const releaseHelp =
  'in the model only: v1.27, v1.31 or v1.34, each alone, with +k3s or with +rke2; default: v1.34'

function commandLine(): Command {
  const program = new Command('clusterdrill')
    .description('Failure drills for highly available Kubernetes: break it, measure it, judge it.')
    .version(version)
    .exitOverride()
    .showHelpAfterError()
    .addHelpText(
      'after',
      `
Exit codes: 0 every verdict is the accepted one, 1 one is not, 2 invalid or undetermined,
64 the command line or a file is wrong, 69 the machine cannot do it, 70 a bug,
130 interrupted, and healed.`,
    )

  program
    .command('scenario')
    .summary('play a what-if scenario and judge the documented claims')
    .description('Brings the topology up, breaks it, watches, heals, measures, judges, reports.')
    .argument('[name]', 'which scenario; --list shows them')
    .option('--topology <name>', "the topology; default: the scenario's first")
    .option('--provider <name>', 'auto, kind, k3d, existing or sim', 'auto')
    .option('--kubernetes <release>', releaseHelp)
    .option('--balancer <program>', 'in the model only: haproxy (as documented) or envoy')
    .option('--floating-ip <way>', "in the model only: memberlist, MetalLB's own way")
    .option('--pace <pace>', 'documented (real timers) or brisk (a tenth)', 'documented')
    .option(
      '--target <name>',
      'a node, site or role to hit in place of the one the scenario would choose',
    )
    .option('--repeat <times>', 'play it so often on one cluster, and judge the set')
    .option('--seed <number>', 'seed of the run', '1')
    .option('--set <timer=value>', 'change a timer, such as nodeMonitorGraceMs=20s', collect, [])
    .option('--out <folder>', 'where run directories go', 'runs')
    .option('--keep', 'leave the cluster standing for the next run', false)
    .option('--yes', 'install, start and build whatever is missing', false)
    .option('--json', 'print record.json on standard output, progress on standard error', false)
    .option(
      '--explain',
      'print each event from the fault to the end of the outage, with its cause and timer',
      false,
    )
    .option('--list', 'show topologies, scenarios and claims', false)
    .addHelpText(
      'after',
      `
Examples:
  pnpm scenario worker-down
  pnpm scenario worker-down --provider sim --explain
  pnpm scenario worker-down --provider sim --kubernetes v1.31
  pnpm scenario worker-down --pace brisk --keep
  pnpm scenario control-plane-down --topology kubeadm-stacked --pace brisk
  pnpm scenario worker-down --target worker-a --set unreachableTolerationMs=60s
  pnpm scenario worker-down --pace brisk --repeat 10
  pnpm scenario --list --json`,
    )
    .action(async (name: string | undefined, options) => {
      if (options.list) {
        const { list } = await import('./list.ts')
        list(options.json)
        return
      }
      const { runScenario } = await import('./scenario.ts')
      process.exitCode = await runScenario(name, options)
    })

  program
    .command('matrix')
    .summary('play every topology × scenario cell, and put them on one page')
    .description(
      'Plays every cell that a documented claim speaks of, on as few clusters as can be, and writes matrix.html, matrix.md, junit.xml and matrix.json.',
    )
    .option('--provider <name>', 'auto, kind, k3d, existing or sim; default: auto')
    .option('--kubernetes <release>', releaseHelp)
    .option('--pace <pace>', 'documented or brisk; default: documented')
    .option(
      '--only <name...>',
      'cells of these topologies, scenarios, targets or TOPOLOGY/SCENARIO',
    )
    .option('--set <timer=value>', 'change a timer', collect, [])
    .option('--out <folder>', 'the folder of the matrix; default: a new one below runs')
    .option('--resume <folder>', 'play what an interrupted matrix lacks')
    .option('--history <folder>', 'say what changed since the last night in it, and add this one')
    .option('--compare <matrix...>', 'play nothing: compare the verdicts of two matrices')
    .option('--yes', 'install, start and build whatever is missing', false)
    .option('--json', 'print matrix.json on standard output, progress on standard error', false)
    .option('--list', 'show the cells in their order, with the least time they take', false)
    .addHelpText(
      'after',
      `
Examples:
  pnpm matrix --pace brisk
  pnpm matrix --only kubeadm-stacked cx-worker-ha/worker-down --list
  pnpm matrix --resume runs/2026-03-01T01-00-00Z-matrix-kind-documented
  pnpm matrix --pace brisk --out night --history nights
  pnpm matrix --compare nights/one.json nights/two.json

Exit codes: 0 every verdict is the accepted one, 1 one is not (with --compare: one differs),
2 a cell has no valid run or could not be determined.`,
    )
    .action(async (options) => {
      const { runMatrix } = await import('./matrix.ts')
      process.exitCode = await runMatrix(options)
    })

  program
    .command('sweep')
    .summary('play one drill in the model many times, with timers varied')
    .description(
      'Plays a scenario in the model (SIMULATED) with every combination of the timers that are varied, many seeds each, and says how long the outages were and what took most of them. Writes sweep.json and sweep.html.',
    )
    .argument('[name]', 'which scenario; quiet: nothing is broken')
    .option('--topology <name>', "the topology; default: the scenario's first")
    .option('--kubernetes <release>', releaseHelp)
    .option('--pace <pace>', 'documented or brisk; default: documented')
    .option('--target <name>', 'a node, site or role to hit in place of the scenario’s own')
    .option(
      '--vary <timer=values>',
      'a timer and its values, such as tolerationSeconds=30s,300s; again for each timer',
      collect,
      [],
    )
    .option('--set <timer=value>', 'change a timer in every combination', collect, [])
    .option('--loss <shares>', 'quiet: packets lost on the nodes’ links, such as 0%,5%,50%')
    .option('--pause <pauses>', 'quiet: pauses of the machines, such as 8s@10/h,60s@1/d')
    .option('--hours <number>', 'quiet: how long each run is; default: 1')
    .option('--runs <number>', 'seeds for each combination; default: 1000')
    .option('--seed <number>', 'the first of them; default: 1')
    .option('--seeds <from..to>', 'play only these: a part, to be merged with others')
    .option('--merge <folder...>', 'play nothing: put the parts of one sweep together')
    .option('--threads <number>', 'default: as many as there are processors')
    .option('--on <place>', 'kubernetes: an Indexed Job plays it, a pod for each part')
    .option('--context <name>', 'on kubernetes: whose cluster; the current one is never taken')
    .option('--kubeconfig <file>', 'on kubernetes: default: $KUBECONFIG, or ~/.kube/config')
    .option('--namespace <name>', 'on kubernetes: default: that of the context, or default')
    .option('--image <name>', 'on kubernetes: default: that of `pnpm run setup sweep-image`')
    .option('--parts <number>', 'on kubernetes: how many pods; default: 4')
    .option('--out <folder>', 'where its files go; default: a new one below runs')
    .option('--json', 'print sweep.json on standard output', false)
    .addHelpText(
      'after',
      `
Timers have the names of --set, those of their flags, or tolerationSeconds for both tolerations.

Examples:
  pnpm sweep worker-down --vary node-monitor-grace-period=20s,40s --vary tolerationSeconds=30s,300s
  pnpm sweep control-plane-down --topology kubeadm-stacked --pace brisk --runs 200
  pnpm sweep worker-down --vary tolerationSeconds=30s,60s --seeds 1..500 --out part-1
  pnpm sweep worker-down --vary tolerationSeconds=30s,60s --seeds 501..1000 --out part-2
  pnpm sweep --merge part-1 part-2 --out whole
  pnpm sweep worker-down --vary tolerationSeconds=30s,60s --on kubernetes --context dev --parts 8
  pnpm sweep quiet --pause 30s@10/h --vary node-monitor-grace-period=20s,40s,60s

Exit codes: 0 every combination has a valid run, 2 one has none, 64 the command line or a file is
wrong, 69 the cluster cannot do it, 130 interrupted, and what was played is kept.`,
    )
    .action(async (name: string | undefined, options) => {
      const { runSweep } = await import('./sweep.ts')
      process.exitCode = await runSweep(name, options)
    })

  program
    .command('availability')
    .summary('the downtime of a year, from how often things fail')
    .description(
      'Draws failures over many years from a file of rates and plays each in the model (SIMULATED): the expected downtime of workload and API in a year, by cause, with a confidence interval. Writes availability.json.',
    )
    .option('--topology <name>', 'the topology')
    .option('--failures <file>', 'rates and repair times, as docs/failures.example.yaml')
    .option('--years <number>', 'how many', '1000')
    .option('--seed <number>', 'seed of all chance', '1')
    .option('--pace <pace>', 'documented or brisk', 'documented')
    .option('--set <timer=value>', 'change a timer', collect, [])
    .option('--threads <number>', 'default: as many as there are processors')
    .option('--out <folder>', 'where its file goes; default: a new one below runs')
    .option('--json', 'print availability.json on standard output', false)
    .addHelpText(
      'after',
      `
Examples:
  pnpm availability --topology cx-worker-ha --failures docs/failures.example.yaml
  pnpm availability --topology cx-worker-ha --failures my.yaml --set tolerationSeconds=30s

Exit codes: 0 every failure has a valid run, 2 some have none, 64 the command line or the file is
wrong, 130 interrupted, and nothing is written.`,
    )
    .action(async (options) => {
      const { runAvailability } = await import('./availability.ts')
      process.exitCode = await runAvailability(options)
    })

  const topology = program
    .command('topology')
    .summary('clusters to keep: up, down, status')
    .exitOverride()
  topology
    .command('up')
    .description('bring a topology up with its workload, and leave it standing')
    .argument('<name>')
    .option('--provider <name>', 'auto, kind or k3d', 'auto')
    .option('--pace <pace>', 'documented or brisk', 'documented')
    .option('--set <timer=value>', 'change a timer', collect, [])
    .option('--yes', 'install, start and build whatever is missing', false)
    .addHelpText('after', '\nExample:\n  pnpm topology up kubeadm-stacked --pace brisk')
    .action(async (name: string, options) => {
      const { topologyUp } = await import('./topology.ts')
      process.exitCode = await topologyUp(name, options)
    })
  topology
    .command('down')
    .description('remove the clusters of a topology')
    .argument('<name>')
    .option('--pace <pace>', 'only the cluster of this pace')
    .action(async (name: string, options) => {
      const { topologyDown } = await import('./topology.ts')
      await topologyDown(name, options.pace)
    })
  topology
    .command('status')
    .description('show the drill clusters that stand')
    .argument('[name]')
    .option('--json', 'as JSON', false)
    .action(async (name: string | undefined, options) => {
      const { topologyStatus } = await import('./topology.ts')
      await topologyStatus(name, options.json)
    })

  program
    .command('doctor')
    .description('what this machine can and cannot do, and what to install')
    .option('--json', 'as JSON', false)
    .action(async (options) => {
      const { doctor } = await import('./doctor.ts')
      process.exitCode = await doctor(options.json)
    })

  program
    .command('setup')
    .description('get what a provider needs: engine, kind and images')
    .argument('<what>', 'kind, or sweep-image for `pnpm sweep --on kubernetes`')
    .option('--from <source>', 'auto, registry or build', 'auto')
    .addHelpText('after', '\nExamples:\n  pnpm run setup kind\n  pnpm run setup sweep-image')
    .action(async (what: string, options) => {
      const { setUp } = await import('./setup.ts')
      await setUp(what, options.from)
    })

  program
    .command('judge')
    .description('measure and judge saved runs again, and render their reports')
    .argument('<run...>', 'run directories')
    .option('--json', 'print the records', false)
    .action(async (runs: string[], options) => {
      const { judgeAgain } = await import('./again.ts')
      process.exitCode = await judgeAgain(runs, options.json)
    })
  program
    .command('report')
    .description('render the reports of saved runs again, from their records')
    .argument('<run...>', 'run directories')
    .action(async (runs: string[]) => {
      const { reportAgain } = await import('./again.ts')
      await reportAgain(runs)
    })

  program
    .command('calibrate')
    .description('what took time in saved runs without being a timer, for the model to draw from')
    .argument('<run...>', 'run directories, of real clusters')
    .addHelpText(
      'after',
      '\nExample:\n  pnpm calibrate runs/* > harness/cluster/sim/calibrated.json',
    )
    .action(async (runs: string[]) => {
      const { calibrate } = await import('./calibrate.ts')
      await calibrate(runs)
    })

  program
    .command('track-record')
    .description('saved live runs beside what the model predicted of them')
    .argument('<run...>', 'run directories, of real clusters')
    .option('--again', 'predict them all anew, by the model as it is now', false)
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  pnpm track-record runs/*')
    .action(async (runs: string[], options) => {
      const { trackRecord } = await import('./track-record.ts')
      await trackRecord(runs, options)
    })

  program
    .command('clean')
    .description('undo what a killed drill left, and remove the clusters that are ours')
    .option('--keep-clusters', 'only undo', false)
    .option('--engine', 'stop the private engine too', false)
    .action(async (options) => {
      const { clean } = await import('./clean.ts')
      await clean(options)
    })
  return program
}

// A reader or a terminal that went away is no reason to stop, least of all with something to heal.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

// `pnpm scenario -- --flag` hands the dashes on.
const words = process.argv.slice(2).filter((word, index) => word !== '--' || index > 1)
try {
  await commandLine().parseAsync(words, { from: 'user' })
} catch (error) {
  const { text, exitCode } = explain(error)
  if (text) process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
}
