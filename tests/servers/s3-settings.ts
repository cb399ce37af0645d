import { randomBytes } from 'node:crypto'
import type { S3Credentials } from './signed-request.ts'
import { REGION, statusOf } from './signed-request.ts'

/** Where a bucket is and the keys of a user who may use that bucket and nothing else. */
export interface S3Settings extends S3Credentials {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** The owner of the server, for tests that need more than one bucket. */
  readonly root: S3Credentials
  /** The authority (PEM) its certificate is signed by, where it speaks TLS. */
  readonly ca?: string
}

export function newS3Settings(port: number, ca?: string): S3Settings {
  return {
    endpoint: `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    ...(ca === undefined ? {} : { ca }),
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
export async function answers(url: string, ca?: string): Promise<boolean> {
  const status = await statusOf(new URL(url), { method: 'GET', ca })
  return status >= 200 && status < 300
}
