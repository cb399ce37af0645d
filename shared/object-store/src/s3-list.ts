import type { ObjectInfo } from '@silt/core'
import { SiltError } from '@silt/core'
import { compareKeys, isKey } from './object-key.ts'
import type { S3Connection } from './s3-connection.ts'
import type { S3Location } from './s3-location.ts'
import type { S3Sdk } from './s3-sdk.ts'

export interface S3Listing {
  readonly connection: S3Connection
  readonly place: S3Location
  /** For messages. */
  readonly location: string
  readonly prefix: string
  /** Empty: from the beginning. */
  readonly startAfter: string
  readonly pageKeysMax: number
}

/** Keys relative to the place, in order. Throws the vendor's error, and `store/unordered-list` (unsupported). */
export async function* listS3(listing: S3Listing): AsyncIterable<ObjectInfo> {
  const { keyPrefix } = listing.place
  let after = keyPrefix + listing.startAfter
  for (;;) {
    const page = await listPage(listing, after)
    for (const info of page.infos) {
      if (compareKeys(info.key, after) <= 0) throw unorderedError(listing.location, after, info.key)
      after = info.key
      const key = info.key.slice(keyPrefix.length)
      // A name that is no key (a console's `folder/` marker) cannot have been put here.
      if (isKey(key)) yield { ...info, key }
    }
    if (!page.more) return
  }
}

async function listPage(
  { connection, place, prefix, pageKeysMax }: S3Listing,
  after: string,
): Promise<{ infos: ObjectInfo[]; more: boolean }> {
  const command = (sdk: S3Sdk) =>
    new sdk.ListObjectsV2Command({
      Bucket: place.bucket,
      Prefix: place.keyPrefix + prefix,
      MaxKeys: pageKeysMax,
      // XML cannot hold every character of a key.
      EncodingType: 'url',
      ...(after === '' ? {} : { StartAfter: after }),
    })
  const { output, storeTimeMs } = await connection.call(
    async ({ client, sdk }, options) => await client.send(command(sdk), options),
  )
  const infos: ObjectInfo[] = []
  for (const { Key, Size, LastModified } of output.Contents ?? []) {
    if (Key === undefined) continue
    const key = output.EncodingType === 'url' ? decodeKey(Key) : Key
    infos.push({ key, sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? storeTimeMs })
  }
  const more = output.IsTruncated === true
  // To go on from nowhere is impossible, and to stop would pass a part of the listing off as the whole.
  if (more && infos.length === 0) throw new Error('a page without keys says that more follow')
  return { infos, more }
}

/** Form encoding, where a space may be `+`. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '))
}

function unorderedError(location: string, previous: string, next: string): SiltError {
  return new SiltError(
    'unsupported',
    'store/unordered-list',
    `${location} lists ${JSON.stringify(next)} after ${JSON.stringify(previous)}: not in the order of the names' bytes, so a log cannot be read ` +
      'from it (S3 directory buckets do this); choose a general purpose bucket',
    { context: { location } },
  )
}
