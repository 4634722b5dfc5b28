/** One context of a kubeconfig: only the one that is named, and an answer in any case. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type ContextApi,
  readContext,
} from '../../../../harness/cluster/kubernetes/sweep-job/context.ts'

const asked: { context: string; token: string | undefined; body: string }[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const [, context = '', path] = (request.url ?? '').split('/')
  asked.push({ context, token: request.headers.authorization, body })
  if (path === 'silent') return
  response.writeHead(path === 'no' ? 403 : 200)
  response.end(path === 'long' ? 'x'.repeat(100) : `${request.method}`)
})
let port = 0
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const kubeconfig = () => `
current-context: prod
contexts:
- { name: prod, context: { cluster: prod, user: prod } }
- { name: dev, context: { cluster: dev, user: dev, namespace: mine } }
- { name: half, context: { cluster: dev, user: nobody } }
clusters:
${['prod', 'dev'].map((name) => `- { name: ${name}, cluster: { server: "http://127.0.0.1:${port}/${name}", insecure-skip-tls-verify: true } }`).join('\n')}
users:
- { name: prod, user: { token: of-prod } }
- { name: dev, user: { token: of-dev } }
`

function dev(): ContextApi {
  const read = readContext(kubeconfig(), 'config', 'dev')
  if ('problem' in read) throw new Error(read.problem)
  return read.api
}

test('the context that is named is used, and the current one is not', async () => {
  const api = dev()
  expect([api.context, api.namespace]).toEqual(['dev', 'mine'])
  const answer = await api.ask('POST', '/jobs', { body: { a: 1 } })
  expect(answer).toEqual({ status: 200, body: 'POST', error: null })
  expect(asked).toEqual([{ context: 'dev', token: 'Bearer of-dev', body: '{"a":1}' }])
})

test('refusals, silence and floods are answers', async () => {
  const api = dev()
  expect(await api.ask('GET', '/no')).toEqual({ status: 403, body: 'GET', error: null })
  const lost = { status: null, body: '', error: expect.any(String) }
  expect(await api.ask('GET', '/silent', { timeoutMs: 50 })).toEqual(lost)
  const flood = await api.ask('GET', '/long', { bytesMax: 99 })
  expect(flood).toEqual({ ...lost, error: 'more than 99 bytes' })
})

test('what names no cluster is refused', () => {
  const problem = (text: string, context: string) => {
    const read = readContext(text, 'config', context)
    return 'problem' in read ? read.problem : null
  }
  expect(problem(kubeconfig(), 'stage')).toBe('--context stage: config has prod, dev, half')
  expect(problem(kubeconfig(), 'half')).toContain('--context half: it lacks')
  expect(problem('[', 'dev')).toContain('config: it is no kubeconfig')
  expect(problem('{}', 'dev')).toContain('config')
})
