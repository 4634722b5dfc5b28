/** Which Go can build, and which can only fetch one that can. */
import { expect, test } from 'vitest'
import { isUsable } from '../../toolchain/build/go-command.ts'

test.each([
  ['go1.26.8', true],
  ['go1.21', true],
  ['go1.21rc3\n', true],
  ['go2.0', true],
  ['go1.20.14', false],
  ['go1.19.8', false],
  ['', false],
  ['devel +abc', false],
])('%s', (version, usable) => {
  expect(isUsable(version)).toBe(usable)
})
