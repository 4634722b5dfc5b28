/**
 * The process that a node container is: k3s with its kubelet, the page that pods would serve, and
 * on a server the API. It says in its log what k3s says there, and is silent as soon as the
 * container is killed or frozen.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { ApiServerStandIn } from '../../kubernetes/api-server-stand-in.ts'
import { answerFrom } from './api.ts'
import { folder, read, say } from './state.ts'

const name = process.env.CONTAINER ?? ''
const address = process.env.ADDRESS ?? ''
const container = read().containers[name]
if (!container) throw new Error(`no container ${name}`)

const pem = (file: string) => readFileSync(join(folder, file), 'utf8')
const material = { cert: pem('server.crt'), key: pem('server.key'), ca: pem('ca.crt') }
const log = (message: string) =>
  say(name, `time="${new Date().toISOString()}" level=info msg="${message.replaceAll('"', '\\"')}"`)

/** Arguments of k3s that are meant for one of the components in its process. */
const passedOn = (component: string): string =>
  container.command
    .filter((word) => word.startsWith(`--${component}-arg=`))
    .map((word) => ` --${word.slice(`--${component}-arg=`.length)}`)
    .join('')
const running = (component: string, own: string) =>
  log(`Running ${component} ${own}${passedOn(component)}`)

const page = createServer((request, response) => {
  if (request.method !== 'POST') response.end(JSON.stringify({ saves: [] }))
  else request.resume().on('end', () => response.writeHead(201).end())
})
const kubelet = createTlsServer(material, (socket) => socket.on('error', () => undefined))
await new Promise<void>((resolve) => kubelet.listen(10_250, address, resolve))
await new Promise<void>((resolve) => page.listen(30_080, address, resolve))
if (container.role === 'server') {
  running('kube-apiserver', '--advertise-port=6443 --bind-address=127.0.0.1')
  running('kube-scheduler', '--bind-address=127.0.0.1 --profiling=false')
  running('kube-controller-manager', '--allocate-node-cidrs=true --cluster-cidr=10.42.0.0/16')
  await new ApiServerStandIn(material, answerFrom).listen(6_443, address)
  log('k3s is up and running')
} else log(`Successfully registered node ${name}`)
