/**
 * Published images, with a docker and a kind made of a few lines of shell: no engine and no registry
 * is needed, and every command that would have reached one is written down.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findPulled, PUBLISHED_NODE, pullAll } from '../../toolchain/registry.ts'

const digest = `sha256:${'d'.repeat(64)}`
const engine = { env: {}, private: false, version: '1' }
const quiet = () => undefined
const before = { PATH: process.env.PATH, CLUSTERDRILL_HOME: process.env.CLUSTERDRILL_HOME }
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clusterdrill-registry-'))
  await mkdir(join(folder, 'programs'))
  process.env.PATH = `${join(folder, 'programs')}:${before.PATH}`
  process.env.CLUSTERDRILL_HOME = join(folder, 'home')
  await program('kind', 'echo 0.30.0')
  await program('kubectl', 'true')
})
afterEach(async () => {
  Object.assign(process.env, before)
  if (before.CLUSTERDRILL_HOME === undefined) delete process.env.CLUSTERDRILL_HOME
  await rm(folder, { recursive: true })
})

async function program(name: string, body: string) {
  const file = join(folder, 'programs', name)
  await writeFile(file, `#!/bin/sh\n${body}\n`)
  await chmod(file, 0o755)
}

const docker = (pull: string) =>
  program(
    'docker',
    `echo "$*" >>'${folder}/log'
case "$*" in
  pull*) ${pull} ;;
  *RepoDigests*) echo 'name@${digest}' ;;
  *Id*) cat '${folder}/identity' ;;
  create*) echo container ;;
  cp*) for last; do :; done; printf '#!/bin/sh\\n' >"$last"; chmod 755 "$last" ;;
esac`,
  )

test('the node image by digest, the others by tag with the digest recorded', async () => {
  await writeFile(join(folder, 'identity'), 'sha256:one')
  await docker('true')
  const toolchain = await pullAll(engine, quiet)
  const log = await readFile(join(folder, 'log'), 'utf8')
  expect(log).toContain(`pull --quiet ${PUBLISHED_NODE}`)
  expect(toolchain.images.database).toBe('clusterdrill/database:published-dddddddddddd')
  expect(toolchain.versions.redis).toBe(`redis:7.0@${digest}`)
  expect(toolchain).toMatchObject({ origin: 'registry', preloaded: false })
  expect(toolchain.images.toolbox).toBeNull()
  expect(await findPulled(engine)).toEqual(toolchain)
})

test('an image that the engine has lost, or that became another, is not found', async () => {
  await writeFile(join(folder, 'identity'), 'sha256:one')
  await docker('true')
  await pullAll(engine, quiet)
  await writeFile(join(folder, 'identity'), 'sha256:two')
  expect(await findPulled(engine)).toBeNull()
})

test('what was pulled before there was a toolbox is not found', async () => {
  await writeFile(join(folder, 'identity'), 'sha256:one')
  await docker('true')
  await pullAll(engine, quiet)
  const file = join(folder, 'home/cache/registry.json')
  const older = JSON.parse(await readFile(file, 'utf8'))
  delete older.toolchain.images.toolbox
  await writeFile(file, JSON.stringify(older))
  expect(await findPulled(engine)).toBeNull()
})

test('a registry that does not answer is said, with what to do', async () => {
  await docker('echo "no route to host" >&2; exit 1')
  await expect(pullAll(engine, quiet)).rejects.toMatchObject({
    name: 'MachineError',
    what: expect.stringContaining('no route to host'),
    next: expect.stringContaining('registry'),
  })
  expect(await findPulled(engine)).toBeNull()
})
