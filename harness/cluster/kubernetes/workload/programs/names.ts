/**
 * Looks names up as a long-running server does: an address is kept for half a minute, one look-up
 * is under way at a time, and the last address serves on while a look-up fails. The address of a
 * Service does not change, so a drill sees the loss of pods and machines, and not whether this
 * client happened to ask a lost DNS server. Mounted beside the programs; Node's own modules only.
 */
import { lookup as ask, type LookupAddress, type LookupOptions } from 'node:dns'

/** As long as a JVM keeps an address by default (networkaddress.cache.ttl, 30 s). */
const keptMs = 30_000

interface Known {
  address: LookupAddress
  atMs: number
}
type Answer = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

const known = new Map<string, Known>()
const asked = new Map<string, Promise<LookupAddress>>()

function refresh(name: string): Promise<LookupAddress> {
  const underWay = asked.get(name)
  if (underWay) return underWay
  const answer = new Promise<LookupAddress>((resolve, reject) => {
    ask(name, { family: 4 }, (error, address, family) => {
      asked.delete(name)
      if (error) return reject(error)
      known.set(name, { address: { address, family }, atMs: performance.now() })
      resolve({ address, family })
    })
  })
  asked.set(name, answer)
  return answer
}

/** In the place of `dns.lookup` in `http.request` and `net.connect`. */
export function lookup(name: string, options: LookupOptions, answer: Answer): void {
  const give = (address: LookupAddress) =>
    options.all ? answer(null, [address]) : answer(null, address.address, address.family)
  const kept = known.get(name)
  if (!kept) {
    refresh(name).then(give, (error) => answer(error, ''))
    return
  }
  give(kept.address)
  if (performance.now() - kept.atMs > keptMs) refresh(name).catch(() => undefined)
}
