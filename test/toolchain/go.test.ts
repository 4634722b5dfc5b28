/**
 * The Go programs have tests of their own; this runs them where there is a Go.
 */
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { toolchainDir } from '../../toolchain/build/versions.ts'

const go = await execa('go', ['version'], { reject: false })

test.runIf(go.exitCode === 0)(
  "the Go programs' own tests pass",
  async () => {
    const result = await execa('go', ['test', './...'], {
      cwd: toolchainDir,
      reject: false,
      all: true,
    })
    expect(result.exitCode, result.all).toBe(0)
  },
  60_000,
)
