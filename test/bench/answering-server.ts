/**
 * A server on loopback that answers every request with 200, in a process of its own, for
 * benchmarks of the prober. With a certificate it speaks TLS. It says its port over the channel
 * and ends with its parent.
 */
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

const answer: http.RequestListener = (request, response) => {
  request.resume().on('end', () => response.end('ok'))
}

process.once('message', ({ leaf }: { leaf: { cert: string; key: string } | null }) => {
  const server = leaf === null ? http.createServer(answer) : https.createServer(leaf, answer)
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
})
process.once('disconnect', () => process.exit(0))
