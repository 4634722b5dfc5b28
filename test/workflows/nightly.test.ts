/** The nightly workflow: that it can be read, pins what it uses, and calls commands that exist. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }

interface Step {
  name?: string
  uses?: string
  run?: string
  if?: string
  with?: Record<string, string | number>
}
interface Workflow {
  on: { schedule: { cron: string }[]; workflow_dispatch: null }
  permissions: Record<string, string>
  jobs: Record<
    string,
    {
      'timeout-minutes': number
      strategy: { 'fail-fast': boolean; matrix: { include: Record<string, string>[] } }
      steps: Step[]
    }
  >
}

const root = resolve(import.meta.dirname, '../..')
const workflow = parse(
  readFileSync(resolve(root, '.github/workflows/nightly.yml'), 'utf8'),
) as Workflow
const job = workflow.jobs.matrix
const steps = job?.steps ?? []
const run = steps.map((step) => step.run ?? '').join('\n')
const stepWith = (text: string) =>
  steps.findIndex((step) => (step.run ?? step.uses)?.includes(text))

describe('the nightly workflow', () => {
  it('runs every night and by hand, and may only read', () => {
    expect(workflow.on.schedule[0]?.cron).toMatch(/^\d+ \d+ \* \* \*$/)
    expect(workflow.on).toHaveProperty('workflow_dispatch')
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })

  it('plays kind at the documented pace and k3d at the brisk one, each to its end', () => {
    expect(job?.strategy.matrix.include).toEqual([
      { provider: 'kind', pace: 'documented' },
      { provider: 'k3d', pace: 'brisk' },
    ])
    expect(job?.strategy['fail-fast']).toBe(false)
  })

  it('pins every action to a commit', () => {
    const used = steps.flatMap(({ uses }) => uses ?? [])
    expect(used.length).toBeGreaterThan(4)
    for (const action of used) expect(action).toMatch(/^actions\/[\w/-]+@[0-9a-f]{40}$/)
  })

  it('checks what it downloads', () => {
    const download = steps.find((step) => step.run?.includes('curl'))
    expect(download?.run).toContain('sha256sum --check')
    expect(download?.if).toBe("matrix.provider == 'k3d'")
  })

  it('calls scripts of ours that exist', () => {
    const calls = [...run.matchAll(/npx pnpm (?:run )?([\w:]+)/g)].map(([, name]) => name)
    expect(calls).toEqual(expect.arrayContaining(['setup', 'doctor', 'matrix', 'clean']))
    for (const name of calls) expect(Object.keys(packageJson.scripts)).toContain(name)
  })

  it('calls the matrix with flags that it takes', { timeout: 30_000 }, () => {
    const line = run.split('\n').find((each) => each.includes('pnpm matrix')) ?? ''
    const words = line
      .replace(/.*pnpm matrix/, 'matrix')
      .replace(/\$\{\{ matrix\.provider \}\}/, 'kind')
      .replace(/\$\{\{ matrix\.pace \}\}/, 'documented')
      .trim()
      .split(/\s+/)
    const main = resolve(root, 'harness/cli/main.ts')
    const listed = spawnSync(process.execPath, [main, ...words, '--list'], { encoding: 'utf8' })
    expect(listed.stderr).toBe('')
    expect(listed.stdout).toMatch(/\d+ cells, \d+ bring-ups, at least .* \(kind, documented\)\n$/)
    expect(listed.status).toBe(0)
  })

  it('restores the history before the matrix, and keeps page, summary and history whatever came of it', () => {
    const at = stepWith('pnpm matrix')
    expect(stepWith('actions/cache/restore')).toBeLessThan(at)
    for (const text of ['upload-artifact', 'actions/cache/save', 'GITHUB_STEP_SUMMARY']) {
      expect(stepWith(text)).toBeGreaterThan(at)
      expect(steps[stepWith(text)]?.if).toMatch(/^\$\{\{ !cancelled\(\) \}\}$/)
    }
    const [restored, saved] = ['restore', 'save'].map(
      (what) => steps[stepWith(`actions/cache/${what}`)]?.with,
    )
    expect(saved?.key).toBe(restored?.key)
    expect(`${saved?.key}`.startsWith(`${restored?.['restore-keys']}`)).toBe(true)
  })

  it('heals and says so before the job is cut off', () => {
    const minutes = Number(/--signal=INT .*?(\d+)m \\/.exec(run)?.[1])
    expect(minutes).toBeLessThan((job?.['timeout-minutes'] ?? 0) - 20)
    expect(steps.at(-1)).toMatchObject({ if: 'always()', run: 'npx pnpm run clean' })
  })
})
