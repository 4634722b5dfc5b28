/** What the command says to bad words: every problem at once, exit 64, and nothing touched. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { scenarios } from '../../scenarios/index.ts'
import { topologies } from '../../topologies/index.ts'
import { newShell, type Shell } from './command.ts'

const all = (named: readonly { name: string }[]) => named.map(({ name }) => name).join(', ')

// Every one of these starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

let shell: Shell
beforeAll(() => {
  shell = newShell()
})
afterAll(() => {
  expect(readdirSync(shell.home)).toEqual([])
  expect(readdirSync(shell.folder)).toEqual(['notes.txt'])
  shell[Symbol.dispose]()
})

describe('bad words', () => {
  it.each([
    [
      ['scenario', 'worker-dwn'],
      `there is no scenario 'worker-dwn'; did you mean 'worker-down'? (${all(scenarios)})`,
    ],
    [
      ['scenario', 'worker-down', '--provider', 'existing'],
      '--provider existing: not built yet; this version has kind, k3d, sim',
    ],
    [
      ['scenario', 'worker-down', '--provider', 'kind', '--kubernetes', 'v1.31'],
      '--kubernetes v1.31: a cluster on kind is of the release of its images; --provider sim can be of another',
    ],
    [
      ['sweep', 'worker-down', '--kubernetes', 'v1.30'],
      '--kubernetes v1.30: the model knows v1.27, v1.31, v1.34, v1.27+k3s,',
    ],
    [['scenario'], `name a scenario: ${all(scenarios)}`],
    [
      ['topology', 'up', 'cx-worker'],
      "there is no topology 'cx-worker'; did you mean 'cx-worker-ha'?",
    ],
  ])('%j are refused', async (words, problem) => {
    const { exitCode, out, err } = await shell.run(...words)
    expect(err).toContain(`\n  - ${problem}`)
    expect(err).toContain('nothing was touched')
    expect(err.match(/^ {2}- /gm)).toHaveLength(1)
    expect([exitCode, out]).toEqual([64, ''])
  })

  it('are all named at once', async () => {
    const { exitCode, err } = await shell.run(
      ...[
        'scenario',
        'worker-dwn',
        '--provider',
        'kid',
        '--topology',
        'cx-worker',
        '--pace',
        'fast',
      ],
      ...['--seed', '1.5', '--set', 'grace=20s', '--set', 'nodeMonitorPeriodMs=2m'],
    )
    expect(exitCode).toBe(64)
    const problems = (err.match(/^ {2}- .*$/gm) ?? []).map((line) => line.slice(4))
    expect(problems).toEqual([
      "--provider kid: a provider is one of auto, kind, k3d, existing, sim; did you mean 'kind'?",
      '--seed 1.5: a seed is a whole number, 0 or more',
      `there is no scenario 'worker-dwn'; did you mean 'worker-down'? (${all(scenarios)})`,
      `there is no topology 'cx-worker'; did you mean 'cx-worker-ha'? (${all(topologies)})`,
      '--pace fast: a pace is one of documented, brisk',
      expect.stringContaining("--set grace=20s: there is no timer 'grace'"),
      expect.stringContaining('nodeMonitorPeriodMs (2 min) must be shorter than'),
    ])
  })

  it('of the matrix are all named at once, too', async () => {
    const words = ['--only', 'worker-dwn', 'kubeadm', '--pace', 'fast', '--set', 'grace=20s']
    const { exitCode, out, err } = await shell.run('matrix', ...words)
    expect([exitCode, out]).toEqual([64, ''])
    const problems = (err.match(/^ {2}- .*$/gm) ?? []).map((line) => line.slice(4, 30))
    expect(problems).toEqual([
      ...['--only worker-dwn: no cell', '--only kubeadm: no cell ha'],
      ...['--pace fast: a pace is one', '--set grace=20s: there is '],
    ])
  })

  it('of the matrix that contradict each other are refused', async () => {
    const { exitCode, err } = await shell.run('matrix', '--resume', 'x', '--pace', 'brisk')
    expect(err).toContain('  - --pace: --resume goes on with what it was begun with\n')
    expect(exitCode).toBe(64)
  })

  it.each([
    [['matrix', '--compare', 'a', 'b', '--fast'], "unknown option '--fast'"],
    [['scenario', 'worker-down', '--fast'], "unknown option '--fast'"],
    [['scenari'], "unknown command 'scenari'"],
    [['judge'], "missing required argument 'run'"],
  ])('%j are refused by the parser', async (words, problem) => {
    const { exitCode, err } = await shell.run(...words)
    expect(err).toContain(problem)
    expect(exitCode).toBe(64)
  })

  it.each(['judge', 'report'])('%s lists every directory that is not a run', async (command) => {
    writeFileSync(join(shell.folder, 'notes.txt'), 'not a run')
    const { exitCode, err } = await shell.run(command, 'nowhere', '.', 'notes.txt')
    expect(err).toContain('  - nowhere: there is no such directory\n')
    expect(err).toContain('  - .: it holds no plan.json, so it is not the directory of a run\n')
    expect(err).toContain('  - notes.txt: it is not a directory\n')
    expect(exitCode).toBe(64)
  })
})

describe('good words', () => {
  it('get help with examples', async () => {
    const { exitCode, out } = await shell.run('scenario', '--help')
    expect(out).toContain('Examples:\n  pnpm scenario worker-down\n')
    expect(out).toContain('--provider')
    expect(exitCode).toBe(0)
  })

  it.each([
    ['matrix', 'pnpm matrix --resume runs/'],
    ['topology', 'up'],
    ['setup', 'pnpm run setup kind'],
  ])('get help for %s', async (command, example) => {
    const { exitCode, out } = await shell.run(command, '--help')
    expect(out).toContain(example)
    expect(exitCode).toBe(0)
  })

  it('get the cells of the matrix, with nothing brought up', async () => {
    const words = ['--only', 'kubeadm-stacked/worker-down', '--pace', 'brisk', '--list']
    const { exitCode, out, err } = await shell.run('matrix', ...words)
    expect(err).toBe('')
    expect(out).toMatch(/^kubeadm-stacked\/worker-down +[\d.]+ s\n/)
    expect(out).toMatch(/\d cells, 1 bring-up, at least .* by the timers \(sim, brisk\)\n$/)
    expect(exitCode).toBe(0)
  })

  it('get the list of commands and exit codes', async () => {
    const { exitCode, out } = await shell.run('--help')
    for (const command of [
      'scenario',
      'matrix',
      'topology',
      'doctor',
      'judge',
      'report',
      'clean',
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    }
    expect(out).toContain('130 interrupted, and healed')
    expect(exitCode).toBe(0)
  })

  it('get the version', async () => {
    const { exitCode, out } = await shell.run('--version')
    expect([exitCode, out]).toEqual([0, `${packageJson.version}\n`])
  })

  it('get what there is to run, as JSON, after the dashes of pnpm too', async () => {
    const { exitCode, out } = await shell.run('scenario', '--', '--list', '--json')
    const listing = JSON.parse(out) as Record<'scenarios' | 'claims' | 'topologies', object[]>
    expect(exitCode).toBe(0)
    expect(listing.scenarios).toContainEqual(
      expect.objectContaining({
        id: 'worker-down',
        topologies: expect.arrayContaining(['cx-worker-ha', 'kubeadm-stacked']),
      }),
    )
    expect(listing.claims).toContainEqual(
      expect.objectContaining({
        id: '004-any-node',
        scenarios: expect.arrayContaining(['worker-down']),
        source: expect.any(String),
      }),
    )
  })
})
