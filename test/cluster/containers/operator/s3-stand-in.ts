/**
 * What a backup needs of an S3 server, on loopback: buckets and objects in memory. It accepts a
 * request only with the signature that its own credentials give, and a payload only with its hash.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import {
  type S3Credentials,
  signedHeaders,
} from '../../../../harness/cluster/containers/operator/signed-request.ts'

export class S3StandIn implements AsyncDisposable {
  readonly objects = new Map<string, Buffer>()
  readonly #buckets = new Set<string>()
  readonly #server: Server

  constructor(credentials: () => S3Credentials) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks)
      const { 'x-amz-date': date = '', 'x-amz-content-sha256': hash = '' } = request.headers
      const path = request.url ?? '/'
      const answer = (status: number, text: string | Buffer = '') => {
        response.statusCode = status
        response.end(text)
      }
      const { authorization } = signedHeaders(
        {
          method: request.method as 'GET' | 'PUT',
          url: `http://${request.headers.host}${path}`,
          payloadSha256: String(hash),
        },
        credentials(),
        Date.parse(String(date).replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5')),
      )
      if (request.headers.authorization !== authorization) return answer(403, 'no such signature')
      if (hash !== createHash('sha256').update(body).digest('hex')) return answer(400, 'other hash')
      const [bucket = '', key = ''] = path.slice(1).split('/')
      if (request.method === 'PUT' && key === '') {
        this.#buckets.add(bucket)
        return answer(200)
      }
      if (!this.#buckets.has(bucket)) return answer(404, 'no such bucket')
      if (request.method === 'PUT') this.objects.set(key, body)
      const found = this.objects.get(key)
      return found ? answer(200, found) : answer(404, 'no such key')
    })
  }

  async listen(address: string): Promise<void> {
    this.#server.listen(7070, address)
    await once(this.#server, 'listening')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}
