import { createHash } from 'node:crypto'
import type { S3Connection } from './s3-connection.ts'
import type { S3Sdk } from './s3-sdk.ts'

/** A part as the store named it. */
export interface Part {
  readonly PartNumber: number
  readonly ETag: string
}

/**
 * Whether the object at the target is the one of these parts. Asks by a listing, because a writer may not read data files. False as well where nobody
 * answers, or where the store makes its ETags otherwise (by a key of its own, SSE-KMS).
 */
export async function isObjectOfParts(
  connection: S3Connection,
  target: { readonly Bucket: string; readonly Key: string },
  parts: readonly Part[],
): Promise<boolean> {
  const etag = etagOf(parts)
  if (etag === undefined) return false
  const command = (sdk: S3Sdk) =>
    new sdk.ListObjectsV2Command({ Bucket: target.Bucket, Prefix: target.Key, MaxKeys: 1 })
  try {
    // The key itself is the first of those that begin with it.
    const { output } = await connection.call(
      async ({ client, sdk }, options) => await client.send(command(sdk), options),
    )
    const first = output.Contents?.[0]
    return first?.Key === target.Key && bare(first.ETag ?? '') === etag
  } catch {
    return false
  }
}

/** The MD5 of the parts' MD5s, and how many they are. */
function etagOf(parts: readonly Part[]): string | undefined {
  const hash = createHash('md5')
  for (const part of parts) {
    const md5 = bare(part.ETag)
    if (!/^[0-9a-f]{32}$/.test(md5)) return undefined
    hash.update(md5, 'hex')
  }
  return `${hash.digest('hex')}-${parts.length}`
}

function bare(etag: string): string {
  return etag.replaceAll('"', '')
}
