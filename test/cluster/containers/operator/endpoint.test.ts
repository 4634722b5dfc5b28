/** Whether a certificate is good for an address: real handshakes on loopback, and errors as they read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  certificateWords,
  kubectlError,
  missingName,
  verifiedHandshake,
} from '../../../../harness/cluster/containers/operator/endpoint.ts'
import { MachineError } from '../../../../harness/model/errors.ts'
import { makeAuthority } from '../../../run/prober/certificates.ts'
import { ApiServerStandIn, access } from '../../kubernetes/api-server-stand-in.ts'
import { threeMasters } from './three-masters.ts'

const { ca } = access.credentials
const server = new ApiServerStandIn()
const endpoint = () => ({ host: '127.0.0.1', port: Number(new URL(server.url).port) })

beforeAll(async () => {
  await server.listen()
})
afterAll(() => server[Symbol.asyncDispose]())

describe('a handshake', () => {
  it('is verified for a name that the certificate has', async () => {
    expect(await verifiedHandshake(endpoint(), ca, 'kubernetes')).toEqual({
      verified: true,
      error: '',
    })
  })

  it('names the address that it lacks', async () => {
    const { verified, error } = await verifiedHandshake(endpoint(), ca)
    expect(verified).toBe(false)
    expect(missingName(error)).toBe('127.0.0.1')
  })

  it('names the name that it lacks', async () => {
    const { error } = await verifiedHandshake(endpoint(), ca, 'drill-lb')
    expect(missingName(error)).toBe('drill-lb')
  })

  it('trusts no other authority', async () => {
    const { verified, error } = await verifiedHandshake(
      endpoint(),
      makeAuthority().ca,
      'kubernetes',
    )
    expect(verified).toBe(false)
    expect(missingName(error)).toBe('')
  })

  it('says that nobody is there', async () => {
    const { error } = await verifiedHandshake({ host: '127.0.0.1', port: 1 }, ca)
    expect(error).toContain('ECONNREFUSED')
  })
})

const unknownAuthority =
  'tls: failed to verify certificate: x509: certificate signed by unknown authority'
const wrongAddress =
  'x509: certificate is valid for 10.96.0.1, 172.28.0.3, 127.0.0.1, not 172.28.254.1'

it.each([
  [wrongAddress, '172.28.254.1'],
  ['x509: certificate is valid for kubernetes, drill-master-1, not drill-lb', 'drill-lb'],
  [
    "Hostname/IP does not match certificate's altnames: IP: 172.28.254.1 is not in the cert's list: 10.96.0.1, 172.28.0.3",
    '172.28.254.1',
  ],
  [unknownAuthority, ''],
  ['connect ECONNREFUSED 172.28.254.1:6443', ''],
])('reads in %j that %j is missing', (error, name) => {
  expect(missingName(error)).toBe(name)
})

it('cuts what kubectl says to what it says of the certificate', () => {
  const text = `command failed: kubectl get\nUnable to connect to the server: tls: failed to verify certificate: ${wrongAddress}`
  expect(certificateWords(text)).toBe(wrongAddress)
  expect(certificateWords(' the server is silent\n')).toBe('the server is silent')
})

describe('kubectl', () => {
  const asked = (answer: () => string) =>
    threeMasters({ kind: 'operator.move-load-balancer', answer })

  it('is sent to the address, and its error is kept', async () => {
    const { site, heard } = asked(() => {
      throw new MachineError({
        what: `command failed: kubectl\nUnable to connect to the server: tls: failed to verify certificate: ${wrongAddress}`,
        changed: 'as far as the command came',
        next: 'Run the command above by hand.',
      })
    })
    expect(await kubectlError(site, { host: '172.28.254.1', port: 6443 })).toBe(wrongAddress)
    expect(heard.commands).toEqual([
      'kubectl: --server https://172.28.254.1:6443 --request-timeout 10s get --raw /readyz',
    ])
  })

  it('may be content', async () => {
    expect(await kubectlError(asked(() => 'ok').site, { host: '172.28.254.1', port: 6443 })).toBe(
      '',
    )
  })
})
