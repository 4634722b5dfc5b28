/** `pnpm availability`: one seed, one answer; bad words and a bad file are told of at once. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Availability, availabilitySchema } from '../../harness/model/availability.ts'
import { newShell, type Shell } from './command.ts'

vi.setConfig({ testTimeout: 60_000 })

let shell: Shell
beforeEach(() => {
  shell = newShell()
})
afterEach(() => shell[Symbol.dispose]())

const file = (text: string) => writeFileSync(join(shell.folder, 'rates.yaml'), text)
const command = ['availability', '--topology', 'kubeadm-stacked', '--failures', 'rates.yaml']

test('one seed is one answer, on any number of threads', async () => {
  file(
    'worker-down: { perYear: 1, repair: 1h }\nload-balancer-down: { perYear: 0.5, repair: 2h }\n',
  )
  const words = [...command, '--years', '6', '--pace', 'brisk']
  const [one, two] = await Promise.all([
    shell.run(...words, '--threads', '1', '--out', 'one'),
    shell.run(...words, '--threads', '3', '--out', 'two'),
  ])
  expect([one.exitCode, two.exitCode]).toEqual([0, 0])
  expect(one.out).toContain('SIMULATED')
  expect(one.out).toContain('95 % confidence')
  const text = readFileSync(join(shell.folder, 'one/availability.json'), 'utf8')
  expect(readFileSync(join(shell.folder, 'two/availability.json'), 'utf8')).toBe(text)
  const found: Availability = availabilitySchema.parse(JSON.parse(text))
  expect(found.causes.map(({ scenario, targets }) => [scenario, targets.length])).toEqual([
    ['worker-down', 3],
    ['load-balancer-down', 1],
  ])
  expect(one.out).toMatch(/worker-down +3 × 1/)
})

test('flags and file are refused together, and nothing is written', async () => {
  file('worker-dwn: { perYear: 1, repair: 1h }\nworker-down: { perYear: x }\n')
  const { exitCode, out, err } = await shell.run(...command, '--years', '0', '--out', 'no')
  expect([exitCode, out]).toEqual([64, ''])
  for (const text of ['--years 0', 'rates.yaml:1:1: ', 'rates.yaml:2:25: ', 'rates.yaml:2:1: ']) {
    expect(err).toContain(text)
  }
  expect(existsSync(join(shell.folder, 'no'))).toBe(false)
  const without = await shell.run('availability')
  expect(without.err).toContain('--topology: name one of')
  expect(without.err).toContain('--failures: name a file')
  expect(readdirSync(shell.folder)).toEqual(['rates.yaml'])
})
