import type * as clientS3 from '@aws-sdk/client-s3'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import { SiltError } from '@silt/core'

export type S3Sdk = typeof clientS3

export interface LoadedSdk {
  readonly sdk: S3Sdk
  readonly NodeHttpHandler: typeof NodeHttpHandler
}

/**
 * 40 MB of a process, so it is loaded by the first request to a bucket, and a process with tables in folders does without.
 * Rejects with `store/no-sdk` (internal) where it is not installed whole.
 */
export async function loadS3Sdk(): Promise<LoadedSdk> {
  try {
    const [sdk, http] = await Promise.all([import('@aws-sdk/client-s3'), import('@smithy/node-http-handler')])
    return { sdk, NodeHttpHandler: http.NodeHttpHandler }
  } catch (cause) {
    const message = `the AWS SDK cannot be loaded: ${String(cause)}; run "npm ci" in Silt's folder`
    throw new SiltError('internal', 'store/no-sdk', message, { cause })
  }
}
