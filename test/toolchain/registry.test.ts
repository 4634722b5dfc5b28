/**
 * Published images, with a docker and a kind made of a few lines of shell: no engine and no registry
 * is needed, and every command that would have reached one is written down.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toolchainDir } from '../../toolchain/build/versions.ts'
import { findPulled, PUBLISHED_NODE, pullAll } from '../../toolchain/registry.ts'

const digest = `sha256:${'d'.repeat(64)}`
const engine = { env: {}, private: false, version: '1' }
const quiet = () => undefined
const commands = async () =>
  (await readFile(join(folder, 'log'), 'utf8')).split('\n').filter((line) => line !== '')
const record = () => join(folder, 'home/cache/registry.json')
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

/** Answers as an engine would; `instead` comes first, where a case is to end otherwise. */
const docker = (instead = '') =>
  program(
    'docker',
    `echo "$*" >>'${folder}/log'
case "$*" in
  ${instead}
  'build --tag '*' -') echo "$BUILDX_NO_DEFAULT_ATTESTATIONS: $(cat)" >>'${folder}/log' ;;
  build*) echo '#7 [programs 2/6] WORKDIR /source' >&2; echo '#8 sha256:ff' >&2 ;;
  *dpkg-query*) printf 'docker-registry 2.8.2+ds1-1+b3\\nkeepalived 1:2.2.7-1+b2\\nnginx 1.22.1-9\\n' ;;
  *RepoDigests*) echo 'name@${digest}' ;;
  *Id*) cat '${folder}/identity' ;;
  create*) echo container ;;
  cp*) for last; do :; done; printf '#!/bin/sh\\n' >"$last"; chmod 755 "$last" ;;
esac`,
  )

beforeEach(async () => {
  await writeFile(join(folder, 'identity'), 'sha256:one')
})

test('the node image by digest, the others by tag with the digest recorded', async () => {
  await docker()
  const toolchain = await pullAll(engine, quiet)
  const log = await commands()
  expect(log).toContain(`pull --quiet ${PUBLISHED_NODE}`)
  expect(log).toContain('tag haproxy:2.6 clusterdrill/haproxy:published-dddddddddddd')
  expect(toolchain.images).toEqual({
    node: PUBLISHED_NODE,
    haproxy: 'clusterdrill/haproxy:published-dddddddddddd',
    database: 'clusterdrill/database:published-dddddddddddd',
    runtime: 'clusterdrill/runtime:published-dddddddddddd',
    toolbox: expect.stringMatching(/^clusterdrill\/toolbox:published-[0-9a-f]{12}$/),
    kubeVip: 'clusterdrill/kube-vip:published-dddddddddddd',
  })
  expect(toolchain.versions).toEqual({
    kind: 'v0.30.0',
    kubernetes: 'v1.34.0',
    haproxy: `haproxy:2.6@${digest}`,
    redis: `redis:7.0@${digest}`,
    node: `node:24-slim@${digest}`,
    'docker-registry': '2.8.2',
    keepalived: '2.2.7',
    nginx: '1.22.1',
    'kube-vip': `ghcr.io/kube-vip/kube-vip:v1.0.4@${digest}`,
  })
  expect(toolchain).toMatchObject({ origin: 'registry', preloaded: false })
  expect(await findPulled(engine)).toEqual(toolchain)
})

test('what goes into nodes is made an image of one platform, without attestations', async () => {
  await docker()
  await pullAll(engine, quiet)
  const log = await commands()
  for (const [part, from] of [
    ['database', 'redis'],
    ['runtime', 'node'],
    ['kube-vip', 'ghcr.io/kube-vip/kube-vip'],
  ]) {
    const at = log.indexOf(`build --tag clusterdrill/${part}:published-dddddddddddd -`)
    expect(log[at + 1]).toBe(`1: FROM ${from}@${digest}`)
  }
})

test('the toolbox is built from our Dockerfile and our programs, and told as it goes', async () => {
  await docker()
  const told: (string | undefined)[] = []
  const { images } = await pullAll(engine, ({ detail }) => told.push(detail))
  expect(await commands()).toContain(
    `build --tag ${images.toolbox} --file ${toolchainDir}toolbox-image/Dockerfile ${toolchainDir}modules/floating-ip`,
  )
  expect(told).toContain('toolbox: [programs 2/6] WORKDIR /source')
  expect(told.join()).not.toContain('sha256:ff')
  const { identities } = JSON.parse(await readFile(record(), 'utf8'))
  expect(identities[images.toolbox ?? '']).toBe('sha256:one')
})

test('a private engine builds the toolbox with the network of the machine', async () => {
  await docker()
  const { images } = await pullAll({ ...engine, private: true }, quiet)
  const building = (await commands()).filter((line) => line.includes('toolbox-image/Dockerfile'))
  expect(building).toEqual([
    expect.stringContaining(`build --network host --tag ${images.toolbox} --file`),
  ])
})

test('a toolbox that cannot be built is said, and nothing is recorded', async () => {
  await docker(`'build --tag clusterdrill/toolbox'*) echo 'no route to mirror' >&2; exit 1 ;;`)
  await expect(pullAll(engine, quiet)).rejects.toMatchObject({
    name: 'MachineError',
    what: expect.stringMatching(/^The toolbox could not be built.*no route to mirror/s),
    next: expect.stringContaining('Debian packages'),
  })
  expect(await findPulled(engine)).toBeNull()
})

test('a toolbox that the engine does not know after its build is refused', async () => {
  await docker(`'image inspect clusterdrill/toolbox'*) exit 1 ;;`)
  await expect(pullAll(engine, quiet)).rejects.toMatchObject({
    what: expect.stringContaining('the engine does not know clusterdrill/toolbox:published-'),
  })
})

test('kube-vip that cannot be had is no error, but said', async () => {
  await docker(`pull*kube-vip*) echo denied >&2; exit 1 ;;`)
  const told: (string | undefined)[] = []
  const toolchain = await pullAll(engine, ({ detail }) => told.push(detail))
  expect(toolchain.images.kubeVip).toBeNull()
  expect(toolchain.versions).not.toHaveProperty('kube-vip')
  expect(told).toContain('kube-vip could not be had: an agent of ours takes its place')
  expect(await findPulled(engine)).toEqual(toolchain)
})

test('an image that the engine has lost, or that became another, is not found', async () => {
  await docker()
  await pullAll(engine, quiet)
  await writeFile(join(folder, 'identity'), 'sha256:two')
  expect(await findPulled(engine)).toBeNull()
})

test.each([
  ['before there was a toolbox', { toolbox: undefined }],
  ['without a toolbox', { toolbox: null }],
  ['with a toolbox of other sources', { toolbox: 'clusterdrill/toolbox:published-000000000000' }],
  ['before kube-vip was asked for', { kubeVip: undefined }],
])('what was pulled %s is not found', async (_, images) => {
  await docker()
  await pullAll(engine, quiet)
  const older = JSON.parse(await readFile(record(), 'utf8'))
  Object.assign(older.toolchain.images, images)
  await writeFile(record(), JSON.stringify(older))
  expect(await findPulled(engine)).toBeNull()
})

test('a registry that does not answer is said, with what to do', async () => {
  await docker('pull*) echo "no route to host" >&2; exit 1 ;;')
  await expect(pullAll(engine, quiet)).rejects.toMatchObject({
    name: 'MachineError',
    what: expect.stringContaining('no route to host'),
    next: expect.stringContaining('registry'),
  })
  expect(await findPulled(engine)).toBeNull()
})
