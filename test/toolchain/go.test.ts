/**
 * The Go programs have tests of their own; this runs them where there is a Go, and those with
 * dependencies where the modules can be had. They are compiled as the toolchain compiles them, so
 * that both share Go's build cache.
 */
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { moduleDir, toolchainDir } from '../../toolchain/build/versions.ts'

const go = await execa('go', ['version'], { reject: false })
const inModule = (cwd: string, args: readonly string[], timeout: number) =>
  execa('go', args, { cwd, timeout, reject: false, all: true, env: { CGO_ENABLED: '0' } })

test.runIf(go.exitCode === 0)(
  "the Go programs' own tests pass",
  async () => {
    const result = await inModule(toolchainDir, ['test', '-trimpath', './...'], 60_000)
    expect(result.exitCode, result.all).toBe(0)
  },
  60_000,
)

test.runIf(go.exitCode === 0)(
  'the tests of the floating IP agent and of the ARP observer pass',
  async ({ skip }) => {
    const module = moduleDir('floating-ip')
    const modules = await inModule(module, ['list', '-test', '-deps', './...'], 120_000)
    skip(modules.exitCode !== 0, 'the modules cannot be had here')
    const result = await inModule(module, ['test', '-trimpath', './...'], 600_000)
    expect(result.exitCode, result.all).toBe(0)
  },
  720_000,
)
