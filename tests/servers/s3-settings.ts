import { randomBytes } from 'node:crypto'
import type { S3Credentials } from './signed-request.ts'
import { REGION } from './signed-request.ts'

/** Where a bucket is and the keys of a user who may use that bucket and nothing else. */
export interface S3Settings extends S3Credentials {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** The owner of the server, for tests that need more than one bucket. */
  readonly root: S3Credentials
}

export function newS3Settings(port: number): S3Settings {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    bucket: 'analytics',
    ...newCredentials('user'),
    root: newCredentials('root'),
  }
}

function newCredentials(prefix: string): S3Credentials {
  return {
    accessKeyId: `${prefix}${randomBytes(6).toString('hex')}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  }
}

/** Whether a GET is answered with success. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.ok
}
