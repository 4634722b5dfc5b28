/**
 * The S3 store that a backup goes to: a server over a folder, in a container of its own beside the
 * nodes, so that it is there whichever site is lost. It carries our label and goes, with its data,
 * when the cluster is removed. Requests are signed here; a node that sends or fetches is handed the
 * signature of that one request, never the secret.
 */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../model/clock.ts'
import { InvalidRunError, MachineError, messageOf } from '../../../model/errors.ts'
import { formatMs } from '../../../model/units.ts'
import { until } from '../../monotonic-clock.ts'
import { networkOf, ownerLabel } from '../engine.ts'
import type { OwnedNode } from '../ownership.ts'
import {
  emptySha256,
  type S3Credentials,
  type S3Request,
  sha256,
  signedHeaders,
} from './signed-request.ts'
import { inNode, type OperatorSite } from './site.ts'

export interface ObjectStore {
  /** `http://ADDRESS:PORT/BUCKET`, as nodes and the host reach it. */
  url: string
  credentials: S3Credentials
}

/** One object and what it must be. */
export interface StoredObject {
  key: string
  bytes: number
  sha256: string
}

type StoreSite = Pick<OperatorSite, 'engine' | 'state' | 'folders' | 'clock'>

const port = 7070
const bucket = 'control-plane'
const command = '/usr/local/bin/versitygw'
/** Objects, and what the server notes of them: not every file system keeps extended attributes. */
const [objects, notes] = ['/data/objects', '/data/notes']
const answersWithinMs = 20_000
const requestWithinMs = 10_000
/** A snapshot of some megabytes, on a machine that is busy. */
const transferWithinS = 60

export const storeContainer = (cluster: string): string => `${cluster}-object-store`

/** Starts an empty store with fresh credentials; one that an earlier drill left is removed. */
export async function startObjectStore(site: StoreSite): Promise<ObjectStore> {
  const { engine, state, folders, clock } = site
  const server = await serverOf(site)
  const container = storeContainer(state.name)
  await removeEarlier(site, container)
  const credentials = {
    accessKey: randomBytes(10).toString('hex'),
    secretKey: randomBytes(30).toString('base64url'),
  }
  const environment = join(folders.root, 'object-store.env')
  // Not on the command line, which errors quote.
  const lines = [
    `ROOT_ACCESS_KEY_ID=${credentials.accessKey}`,
    `ROOT_SECRET_ACCESS_KEY=${credentials.secretKey}`,
  ]
  await writeFile(environment, `${lines.join('\n')}\n`, { mode: 0o600 })
  await engine.docker([
    ...['run', '--detach', '--name', container, '--hostname', container],
    ...['--network', networkOf(state.name), '--label', `${ownerLabel}=${state.name}`],
    ...['--env-file', environment, '--volume', `${server}:${command}:ro`, '--volume', '/data'],
    ...['--entrypoint', 'sh', engine.tools.images.node, '-c'],
    `mkdir -p ${objects} ${notes} && exec ${command} --port :${port} posix --sidecar ${notes} ${objects}`,
  ])
  const placed = await engine.inspect(container)
  const store = { url: `http://${placed?.address}:${port}/${bucket}`, credentials }
  let said = 'nothing yet'
  const made = await until(clock, answersWithinMs, 200, async () => {
    const answer = await send(store, clock, { method: 'PUT', key: '' })
    said = answer.text
    return answer.status === 200
  })
  if (made && placed) return store
  const log = await engine.docker(['logs', '--tail', '5', container]).catch(() => '')
  throw new MachineError({
    what: `the S3 store ${container} took no bucket within ${formatMs(answersWithinMs)}: ${said}; ${log}`,
    changed: 'the cluster stands as it was',
    next: 'Run it again; `pnpm run doctor` checks the machine.',
  })
}

/** The path of the S3 server; built now where it was not yet. */
export async function serverOf({ engine }: Pick<OperatorSite, 'engine'>): Promise<string> {
  if (engine.tools.objectStore) return await engine.tools.objectStore()
  throw new InvalidRunError({
    what: 'there is no S3 server for backups among the tools',
    changed: 'nothing was broken',
    next: 'Set the machine up with `pnpm run setup kind`, then run it again.',
  })
}

async function removeEarlier({ engine, state }: StoreSite, container: string): Promise<void> {
  const earlier = await engine.inspect(container)
  if (!earlier) return
  if (earlier.labels[ownerLabel] !== state.name) {
    throw new MachineError({
      what: `there is a container '${container}' that is not ours`,
      changed: 'nothing was changed',
      next: `Rename or remove it (docker rm ${container}) if it is not needed.`,
    })
  }
  await engine.docker(['rm', '--force', '--volumes', container])
}

/** Reads an object from the host and hashes it: another way than the node's that sent it. */
export async function readObject(
  store: ObjectStore,
  clock: Clock,
  key: string,
): Promise<{ stored: StoredObject } | { missing: string }> {
  const answer = await send(store, clock, { method: 'GET', key })
  if (answer.status !== 200) return { missing: answer.text }
  return { stored: { key, bytes: answer.body.byteLength, sha256: sha256(answer.body) } }
}

/** A file of the node becomes the object; the server compares its hash with the signed one. */
export async function sendFrom(
  { engine, clock }: Pick<OperatorSite, 'engine' | 'clock'>,
  node: OwnedNode,
  store: ObjectStore,
  { key, sha256 }: StoredObject,
  file: string,
): Promise<void> {
  const request = { method: 'PUT', url: urlOf(store, key), payloadSha256: sha256 } as const
  await inNode(engine, node, curl, curlConfig(request, store, clock, [`upload-file = "${file}"`]))
}

/** The object becomes a file of the node. */
export async function fetchTo(
  { engine, clock }: Pick<OperatorSite, 'engine' | 'clock'>,
  node: OwnedNode,
  store: ObjectStore,
  { key }: StoredObject,
  file: string,
): Promise<void> {
  const request = { method: 'GET', url: urlOf(store, key), payloadSha256: emptySha256 } as const
  await inNode(engine, node, curl, curlConfig(request, store, clock, [`output = "${file}"`]))
}

/** What is to be sent comes on standard input, so that no signature stands on a command line. */
export const curl: readonly string[] = [
  ...['curl', '--silent', '--show-error', '--fail', '--noproxy', '*'],
  ...['--max-time', String(transferWithinS), '--config', '-'],
]

function curlConfig(
  request: S3Request,
  { credentials }: ObjectStore,
  clock: Clock,
  more: readonly string[],
): string {
  const headers = signedHeaders(request, credentials, epochMsOf(clock))
  const lines = [
    `url = "${request.url}"`,
    ...Object.entries(headers).map(([name, value]) => `header = "${name}: ${value}"`),
    // Sent at once, without asking first whether it is welcome.
    'header = "expect:"',
    ...more,
  ]
  return `${lines.join('\n')}\n`
}

const urlOf = ({ url }: ObjectStore, key: string): string => (key === '' ? url : `${url}/${key}`)

/** The wall clock, by the session's. */
const epochMsOf = (clock: Clock): number => clock.nowMs() - clock.fromEpochMs(0)

async function send(
  store: ObjectStore,
  clock: Clock,
  { method, key }: { method: 'GET' | 'PUT'; key: string },
): Promise<{ status: number | null; body: Uint8Array; text: string }> {
  const url = urlOf(store, key)
  const request = { method, url, payloadSha256: emptySha256 }
  try {
    const answer = await fetch(url, {
      method,
      headers: signedHeaders(request, store.credentials, epochMsOf(clock)),
      signal: AbortSignal.timeout(requestWithinMs),
    })
    const body = await answer.bytes()
    const said = answer.ok ? '' : ` ${new TextDecoder().decode(body).slice(0, 200)}`
    return { status: answer.status, body, text: `HTTP ${answer.status}${said}` }
  } catch (error) {
    return { status: null, body: new Uint8Array(), text: messageOf(error) }
  }
}
