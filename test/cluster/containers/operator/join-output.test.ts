/** What etcd refused, read from kubeadm's output as it writes it. */
import { expect, it } from 'vitest'
import {
  certificateKeyIn,
  lastWordsOf,
  refusalsIn,
  takenAtMs,
  tokenIn,
} from '../../../../harness/cluster/containers/operator/join-output.ts'

const said = (...texts: string[]) => texts.map((text, index) => ({ atMs: index * 500, text }))

const refused = (reason: string) =>
  `I0806 12:14:14.655123     812 etcd.go:473] Failed to add etcd member: etcdserver: ${reason}`

it('counts each refusal once, by its reason', () => {
  const lines = said(
    'I0806 12:14:13.1     812 etcd.go:451] [etcd] Adding etcd member "https://172.28.0.3:2380" as learner',
    refused('unhealthy cluster'),
    '{"level":"warn","msg":"retrying of unary invoker failed","error":"rpc error: code = Unavailable desc = etcdserver: unhealthy cluster"}',
    refused('unhealthy cluster'),
    refused('too many learner members in cluster'),
    refused('re-configuration failed due to not enough started members'),
    refused('request timed out'),
    'I0806 12:14:19.1     812 etcd.go:630] [etcd] Promoting the learner 8e9e05c52164694d failed: etcdserver: can only promote a learner member which is in sync with leader',
  )
  expect(refusalsIn(lines)).toEqual({
    unhealthy: 2,
    learner: 1,
    notStarted: 1,
    other: 1,
    promotion: 1,
  })
})

it('counts none where nothing was refused', () => {
  expect(refusalsIn(said('[etcd] Announced new etcd member joining'))).toEqual({
    unhealthy: 0,
    learner: 0,
    notStarted: 0,
    other: 0,
    promotion: 0,
  })
})

it('knows when the member was taken', () => {
  const line = '[etcd] Announced new etcd member joining to the existing etcd cluster'
  expect(takenAtMs(said('[preflight] skipped', line))).toBe(500)
  expect(takenAtMs(said(refused('unhealthy cluster')))).toBeNull()
})

it('takes the error for its last words, else the last line', () => {
  const failed = said(
    'etcdserver: unhealthy cluster',
    'error execution phase etcd-join: error creating local etcd static pod manifest file',
    'To see the stack trace of this error execute with --v=5 or higher',
    '',
  )
  expect(lastWordsOf(failed)).toBe(
    'error execution phase etcd-join: error creating local etcd static pod manifest file',
  )
  expect(lastWordsOf(said('one', 'two', ' '))).toBe('two')
  expect(lastWordsOf([])).toBe('')
})

it('finds the token and the key among the warnings', () => {
  const key = 'f'.repeat(64)
  const upload = `W0806 12:00:00 1 config.go] a warning\n[upload-certs] Using certificate key:\n${key}\n`
  expect(certificateKeyIn(upload)).toBe(key)
  expect(certificateKeyIn('[upload-certs] Skipping phase.')).toBeNull()
  expect(tokenIn('W0806 12:00:00 1 config.go] a warning\nabcdef.0123456789abcdef\n')).toBe(
    'abcdef.0123456789abcdef',
  )
  expect(tokenIn('nothing')).toBeNull()
})
