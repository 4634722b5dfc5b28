/**
 * Which of the machine's package sources are used, from apt's answer written by hand.
 */
import { expect, test } from 'vitest'
import { parseIndexTargets, parseRelease } from '../../toolchain/build/sources.ts'

const release = { id: 'debian', codename: 'bookworm' }
const key = '/usr/share/keyrings/archive.gpg'
const line = (...fields: string[]) => fields.join('|')

test('this release and its updates, each once, in order', () => {
  const text = [
    line('Debian', 'bookworm', 'stable', 'http://mirror.test/debian/', 'bookworm', 'main', key),
    line('Debian', 'bookworm', 'stable', 'http://mirror.test/debian/', 'bookworm', 'main', key),
    line(
      'Debian',
      'bookworm-security',
      'x',
      'http://mirror.test/sec/',
      'bookworm-security',
      'main',
      key,
    ),
  ].join('\n')
  expect(parseIndexTargets(text, release)).toEqual([
    `deb [signed-by=${key}] http://mirror.test/debian/ bookworm main`,
    `deb [signed-by=${key}] http://mirror.test/sec/ bookworm-security main`,
  ])
})

test('other vendors, other releases and backports are left out', () => {
  const text = [
    line('Vendor', 'bookworm', 'stable', 'http://vendor.test/', 'bookworm', 'main', ''),
    line('Debian', 'trixie', 'testing', 'http://mirror.test/debian/', 'trixie', 'main', ''),
    line('Debian', 'bookworm-backports', 'x', 'http://mirror.test/debian/', 'b', 'main', ''),
    'not a line',
  ].join('\n')
  expect(parseIndexTargets(text, release)).toEqual([])
})

test('a key that is not a file is not named', () => {
  const text = line('Debian', 'bookworm', 'stable', 'http://mirror.test/', 'bookworm', 'main', '')
  expect(parseIndexTargets(text, release)).toEqual(['deb http://mirror.test/ bookworm main'])
})

test('the release is read with and without quotation marks', () => {
  expect(parseRelease('NAME="X"\nID=debian\nVERSION_CODENAME="bookworm"\n')).toEqual(release)
})
