/**
 * One vantage as a client: sends a probe when told to, and says what became of it. It keeps no
 * schedule. A `new` connection is made for each probe, without session resumption, and closed
 * after it; a `reused` one is kept by an agent that holds a single idle connection and drops it
 * at the first time-out or error.
 */
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { ApiCredentials, Sample, Vantage } from '../../model/vantage.ts'
import { errorClass, type Stage, timeoutClass } from './error-class.ts'
import type { LocalPorts } from './local-ports.ts'
import { burstLimit } from './schedule.ts'

export interface ProbeOptions {
  vantage: Vantage
  secureContext: tls.SecureContext | null
  serverName: string | null
  runId: string
  /** Shared by all vantages of a prober. */
  localPorts: LocalPorts
  nowMs(): number
  onSample(sample: Sample): void
}

/** One for all vantages: reading the key and the authority again for each would cost. */
export function secureContextOf(credentials: ApiCredentials): tls.SecureContext {
  const { ca, cert, key } = credentials
  return tls.createSecureContext({ ca, cert, key })
}

export class Probe {
  /** Probes refused because too many were under way; only a hold-up can bring that about. */
  refused = 0
  readonly #options: ProbeOptions
  readonly #url: URL
  readonly #request: typeof http.request
  readonly #connection: http.RequestOptions
  readonly #inFlightMax: number
  #inFlight = 0
  #number = 0

  /** Throws when the URL is not one, or is secure and there are no credentials. */
  constructor(options: ProbeOptions) {
    const { vantage } = options
    this.#options = options
    this.#url = new URL(vantage.url)
    const secure = this.#url.protocol === 'https:'
    if (secure && options.secureContext === null) {
      throw new Error(`${vantage.id} needs credentials for ${vantage.url}`)
    }
    this.#request = secure ? https.request : http.request
    this.#connection = vantage.connection === 'new' ? this.#fresh(secure) : this.#kept(secure)
    this.#inFlightMax = Math.ceil(vantage.timeoutMs / vantage.intervalMs) + burstLimit + 1
  }

  get inFlight(): number {
    return this.#inFlight
  }

  send(scheduledAtMs: number): void {
    if (this.#inFlight >= this.#inFlightMax) {
      this.refused += 1
      return
    }
    this.#inFlight += 1
    const { vantage, nowMs, onSample } = this.#options
    const { method, contentType, text, number } = this.#ask()
    const headers: http.OutgoingHttpHeaders =
      text === null
        ? {}
        : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }
    let stage: Stage | null = null
    let settled = false
    const sentAtMs = nowMs()

    const settle = (error: string | null): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      this.#inFlight -= 1
      const latencyMs = nowMs() - sentAtMs
      if (error !== null || vantage.connection === 'new') request.destroy()
      onSample({
        vantage: vantage.id,
        scheduledAtMs,
        sentAtMs,
        latencyMs,
        ok: error === null,
        error,
        number,
      })
    }

    const timer = setTimeout(() => {
      // An answer that lies in the socket after this process was held up is still an answer.
      setImmediate(() => settle(stage === null ? 'timeout' : timeoutClass[stage]))
    }, vantage.timeoutMs)
    let portsTried = 0
    const begin = (): http.ClientRequest => {
      const outgoing = this.#request(this.#url, { ...this.#connection, method, headers })
      listen(outgoing)
      outgoing.end(text ?? undefined)
      return outgoing
    }
    const listen = (outgoing: http.ClientRequest): void => {
      outgoing.on('socket', (socket) => {
        stage = socket.connecting ? 'connect' : 'answer'
        if (!socket.connecting) return
        socket.once('connect', () => {
          stage = socket instanceof tls.TLSSocket ? 'tls' : 'answer'
        })
        socket.once('secureConnect', () => {
          stage = 'answer'
        })
      })
      outgoing.on('response', (response) => {
        response.on('end', () => {
          if (response.complete) settle(answerClass(vantage, response.statusCode ?? 0))
          else settle('closed')
        })
        response.on('error', (error) => settle(errorClass(error)))
        response.resume()
      })
      outgoing.on('error', (error) => {
        if (isPortTaken(error) && portsTried < portsTriedMax) {
          portsTried += 1
          request = begin()
        } else settle(errorClass(error))
      })
      outgoing.on('close', () => {
        if (outgoing === request) settle('closed')
      })
    }
    let request = begin()
  }

  #ask(): { method: string; contentType: string; text: string | null; number: number | null } {
    const { vantage, runId } = this.#options
    if (vantage.kind !== 'save' && vantage.kind !== 'api-write') {
      return { method: 'GET', contentType: '', text: null, number: null }
    }
    this.#number += 1
    const number = this.#number
    if (vantage.kind === 'save') {
      const text = JSON.stringify({ run: runId, vantage: vantage.id, number })
      return { method: 'POST', contentType: 'application/json', text, number }
    }
    const text = JSON.stringify({ data: { [vantage.id]: String(number) } })
    return { method: 'PATCH', contentType: 'application/merge-patch+json', text, number }
  }

  #tlsOptions(): tls.ConnectionOptions {
    const { secureContext, serverName } = this.#options
    return {
      ...(secureContext === null ? {} : { secureContext }),
      ...(serverName === null ? {} : { servername: serverName }),
      ALPNProtocols: ['http/1.1'],
    }
  }

  #fresh(secure: boolean): http.RequestOptions {
    const port = Number(this.#url.port || (secure ? 443 : 80))
    const host = this.#url.hostname.replace(/^\[|\]$/g, '')
    const where = () => ({ host, port, noDelay: true, localPort: this.#options.localPorts.next() })
    return {
      createConnection: secure
        ? () => tls.connect({ ...where(), ...this.#tlsOptions() })
        : () => net.connect(where()),
    }
  }

  #kept(secure: boolean): http.RequestOptions {
    const kept = { keepAlive: true, maxFreeSockets: 1, scheduling: 'lifo' } as const
    return {
      agent: secure
        ? new https.Agent({ ...kept, ...this.#tlsOptions(), maxCachedSessions: 0 })
        : new http.Agent(kept),
    }
  }
}

/** Somebody else on this machine listens on or uses the port; the next one will do. */
function isPortTaken(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  return (code === 'EADDRINUSE' && syscall === 'bind') || code === 'EADDRNOTAVAIL'
}

const portsTriedMax = 20

function answerClass(vantage: Vantage, status: number): string | null {
  const good = status === 200 || (vantage.kind === 'save' && status === 201)
  return good ? null : `http-${status}`
}
