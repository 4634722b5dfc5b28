/**
 * Which port of this machine a new connection leaves from: the next one in turn, so that none
 * comes back for minutes. A node keeps the connection attempts to a dead pod in its table for two
 * minutes; a client that happened to leave from the same port again within them would be sent to
 * the dead pod once more, and a prober from one address makes connections enough to meet that
 * every few seconds. Many clients with addresses of their own do not.
 */

/** Above the ports of services; 50,000 of them last four minutes at 200 connections a second. */
const firstPort = 10_000
const lastPort = 59_999

/** Kernel's memory of an attempt without an answer: nf_conntrack_tcp_timeout_syn_sent, 120 s. */
export class LocalPorts {
  #next: number

  /** `seed` spreads the first port, so that two probers one after another do not begin alike. */
  constructor(seed: number) {
    this.#next = firstPort + (seed % (lastPort - firstPort + 1))
  }

  next(): number {
    const port = this.#next
    this.#next = port === lastPort ? firstPort : port + 1
    return port
  }
}
