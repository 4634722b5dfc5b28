/**
 * Throw-away certificates for servers on loopback: an authority, and leaves that it signed. Made
 * anew in each test run from DER by hand, so that no key lies in the repository and no program
 * outside Node is needed.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Leaf {
  cert: string
  key: string
}

export interface Authority {
  ca: string
  /** A leaf for a server of that DNS name, or for a client of that name. */
  issue(name: string): Leaf
}

export function makeAuthority(): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = 'clusterdrill test authority'
  const issuer = { name, key: pair.privateKey }
  return {
    ca: certificate({ serial: 1, issuer, subject: name, key: pair.publicKey, authority: true }),
    issue: (subject) => {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return {
        cert: certificate({ serial: 2, issuer, subject, key: leaf.publicKey, authority: false }),
        key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  }
}

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: Buffer[]): Buffer => der(0x31, ...parts)
const number = (value: number): Buffer => der(0x02, Buffer.from([value]))
const object = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const text = (value: string): Buffer => der(0x0c, Buffer.from(value))
const bits = (value: Buffer): Buffer => der(0x03, Buffer.from([0]), value)
const octets = (value: Buffer): Buffer => der(0x04, value)
const year = (value: number): Buffer => der(0x18, Buffer.from(`${value}0101000000Z`))
const yes = der(0x01, Buffer.from([0xff]))

const ecdsaWithSha256 = sequence(object('2a8648ce3d040302'))
const commonName = (value: string): Buffer => sequence(set(sequence(object('550403'), text(value))))

interface Request {
  serial: number
  issuer: { name: string; key: KeyObject }
  subject: string
  key: KeyObject
  authority: boolean
}

function certificate({ serial, issuer, subject, key, authority }: Request): string {
  const extension = authority
    ? sequence(object('551d13'), yes, octets(sequence(yes)))
    : sequence(object('551d11'), octets(sequence(der(0x82, Buffer.from(subject)))))
  const body = sequence(
    der(0xa0, number(2)),
    number(serial),
    ecdsaWithSha256,
    commonName(issuer.name),
    sequence(year(2020), year(2120)),
    commonName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuer.key)))
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
