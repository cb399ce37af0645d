import { createHash, createHmac } from 'node:crypto'
import { SiltError, type Clock } from '@silt/core'

export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface MskIamOptions {
  /** Of the cluster (AWS_REGION). */
  readonly region: string
  /** Asked at each token, so that role credentials may expire. */
  readonly credentials: () => Promise<AwsKeys>
  readonly clock: Clock
}

const tokenSecondsMax = 900

/**
 * Tokens by which Amazon MSK's IAM access control lets an OAUTHBEARER client in: a presigned `kafka-cluster:Connect` request to the region's
 * endpoint, in base64url. Nothing is sent; each connection gets a token of its own, good for 15 minutes.
 * Errors: `source/denied` (invalid) where there are no credentials.
 */
export function mskIamTokens({ region, credentials, clock }: MskIamOptions): () => Promise<string> {
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials().catch(withoutCredentials)
    const { SignatureV4 } = await import('@smithy/signature-v4')
    const signer = new SignatureV4({
      service: 'kafka-cluster',
      region,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
      sha256: NodeSha256,
      applyChecksum: false,
    })
    const hostname = `kafka.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { host: hostname },
      query: { Action: 'kafka-cluster:Connect' },
    }
    const { query } = await signer.presign(request, {
      expiresIn: tokenSecondsMax,
      signingDate: new Date(clock.nowMs()),
    })
    // Told beside the signature, not under it, as Amazon's own signers do.
    const pairs = Object.entries({ ...query, 'User-Agent': 'silt' })
    const text = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    return Buffer.from(`https://${hostname}/?${text.join('&')}`).toString('base64url')
  }
}

function withoutCredentials(error: unknown): never {
  const why = error instanceof Error ? error.message : String(error)
  const remedy = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the AWS credential chain a role or a profile'
  throw new SiltError(
    'invalid',
    'source/denied',
    `no AWS credentials to sign a token for Amazon MSK: ${remedy} (${why})`,
  )
}

type Digest = ReturnType<typeof createHash> | ReturnType<typeof createHmac>

/** SHA-256 and its HMAC as the signer wants them. */
class NodeSha256 {
  readonly #secret: string | Uint8Array | undefined
  #hash: Digest

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#hash = this.#fresh()
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()))
  }

  reset(): void {
    this.#hash = this.#fresh()
  }

  #fresh(): Digest {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
