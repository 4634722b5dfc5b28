/** Signature Version 4 against the examples that AWS publishes with its description. */
import { describe, expect, it } from 'vitest'
import {
  emptySha256,
  sha256,
  signedHeaders,
} from '../../../../harness/cluster/containers/operator/signed-request.ts'

/** Of "Signature Calculations for the Authorization Header", Amazon S3 API Reference. */
const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const epochMs = Date.UTC(2013, 4, 24)
const bucket = 'https://examplebucket.s3.amazonaws.com'
const scope = 'Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'

describe('a signed request', () => {
  it('has the published signature when it fetches an object', () => {
    const request = {
      method: 'GET',
      url: `${bucket}/test.txt`,
      payloadSha256: emptySha256,
      headers: { range: 'bytes=0-9' },
    } as const
    expect(signedHeaders(request, credentials, epochMs)).toEqual({
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-amz-date': '20130524T000000Z',
      authorization: `AWS4-HMAC-SHA256 ${scope},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
    })
  })

  it('has the published signature when it sends one whose name must be encoded', () => {
    const request = {
      method: 'PUT',
      url: `${bucket}/test$file.text`,
      payloadSha256: sha256('Welcome to Amazon S3.'),
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
    } as const
    expect(signedHeaders(request, credentials, epochMs).authorization).toMatch(
      /Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/,
    )
  })

  it.each([
    ['/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['/?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('has the published signature with the query of %s', (path, signature) => {
    const request = { method: 'GET', url: `${bucket}${path}`, payloadSha256: emptySha256 } as const
    const { authorization } = signedHeaders(request, credentials, epochMs)
    expect(authorization).toMatch(new RegExp(`Signature=${signature}$`))
  })

  it('names the port in the host it signs, and another time gives another signature', () => {
    const request = { method: 'GET', payloadSha256: emptySha256 } as const
    const of = (url: string, at: number) =>
      signedHeaders({ ...request, url }, credentials, at).authorization
    const first = of('http://172.28.0.5:7070/a', epochMs)
    expect(of('http://172.28.0.5:7071/a', epochMs)).not.toBe(first)
    expect(of('http://172.28.0.5:7070/a', epochMs + 1_000)).not.toBe(first)
    expect(first).not.toContain(credentials.secretKey)
  })
})
