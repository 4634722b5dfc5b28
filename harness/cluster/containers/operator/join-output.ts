/**
 * What `kubeadm join` says while a control plane joins, read for what etcd refused. kubeadm asks
 * every half second for two minutes and tells of each refusal at verbosity 5; the client library
 * writes some of them a second time as JSON, which is not counted. Pure.
 */

export interface SaidLine {
  /** Session time at which it was read. */
  atMs: number
  text: string
}

/** How often etcd refused to take a member, by its reason, and to let one vote. */
export interface Refusals {
  /** 'unhealthy cluster': a voting member has not been connected to the others for five seconds. */
  unhealthy: number
  /** 'too many learner members in cluster': the other one has not been promoted yet. */
  learner: number
  /** 're-configuration failed due to not enough started members', as document 003 has it. */
  notStarted: number
  /** For any other reason, and where no answer came. */
  other: number
  /** Of members that were taken: not yet in step with the leader. */
  promotion: number
}

const notAdded = /\bFailed to add etcd member: (.*)$/
const notPromoted = /\bPromoting the learner \S+ failed: /

export function refusalsIn(lines: readonly SaidLine[]): Refusals {
  const counted: Refusals = { unhealthy: 0, learner: 0, notStarted: 0, other: 0, promotion: 0 }
  for (const { text } of lines) {
    const reason = notAdded.exec(text)?.[1]
    if (reason !== undefined) counted[reasonOf(reason)] += 1
    else if (notPromoted.test(text)) counted.promotion += 1
  }
  return counted
}

function reasonOf(words: string): Exclude<keyof Refusals, 'promotion'> {
  if (words.includes('unhealthy cluster')) return 'unhealthy'
  if (words.includes('too many learner')) return 'learner'
  if (words.includes('not enough started')) return 'notStarted'
  return 'other'
}

/** When etcd took the member; null where it never did. */
export function takenAtMs(lines: readonly SaidLine[]): number | null {
  return lines.find(({ text }) => text.includes('Announced new etcd member'))?.atMs ?? null
}

/** For a reader: the error with which it ended, else its last line. */
export function lastWordsOf(lines: readonly SaidLine[]): string {
  const said = lines.map(({ text }) => text.trim()).filter((text) => text !== '')
  return said.findLast((text) => /^error\b/i.test(text)) ?? said.at(-1) ?? ''
}

/** The key under which `kubeadm init phase upload-certs` stored the certificates. */
export function certificateKeyIn(output: string): string | null {
  return /^\s*([0-9a-f]{64})\s*$/m.exec(output)?.[1] ?? null
}

/** The token that `kubeadm token create` prints; warnings may stand before it. */
export function tokenIn(output: string): string | null {
  return /^\s*([a-z0-9]{6}\.[a-z0-9]{16})\s*$/m.exec(output)?.[1] ?? null
}
