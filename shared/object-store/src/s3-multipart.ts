import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { assert } from '@silt/core'
import type { S3Connection } from './s3-connection.ts'
import { s3Failure } from './s3-errors.ts'

export interface MultipartTarget {
  readonly bucket: string
  readonly key: string
}

const partBytes = 16 * 2 ** 20
const partsAtOnceMax = 4

/**
 * Uploads a large body in parts and returns the store's time, ms. Throws the vendor's error. No checksum is set on any call:
 * set on only some of them, they are refused. What was uploaded is given back on failure, except after a completion whose
 * answer was lost: the object may be there.
 */
export async function putMultipart(
  connection: S3Connection,
  target: MultipartTarget,
  body: Uint8Array,
): Promise<number> {
  const place = { Bucket: target.bucket, Key: target.key }
  const created = await connection.call(
    async (client, options) => await client.send(new CreateMultipartUploadCommand(place), options),
  )
  const uploadId = created.output.UploadId
  assert(uploadId !== undefined, 'a created multipart upload has an id')
  const upload = { ...place, UploadId: uploadId }
  const parts = await uploadParts(connection, upload, body).catch(async (error: unknown) => {
    await abortQuietly(connection, upload)
    throw error
  })
  const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } })
  try {
    const { storeTimeMs } = await connection.call(async (client, options) => await client.send(command, options))
    return storeTimeMs
  } catch (error) {
    if (s3Failure(error).fate !== 'lost') await abortQuietly(connection, upload)
    throw error
  }
}

interface Upload {
  readonly Bucket: string
  readonly Key: string
  readonly UploadId: string
}

interface Part {
  readonly PartNumber: number
  readonly ETag: string
}

/** Ends only when no part is under way any more, so that an abort leaves nothing behind. */
async function uploadParts(connection: S3Connection, upload: Upload, body: Uint8Array): Promise<Part[]> {
  const partCount = Math.ceil(body.byteLength / partBytes)
  const parts: Part[] = []
  let nextIndex = 0
  let failed = false
  const lane = async (): Promise<void> => {
    while (nextIndex < partCount && !failed) {
      const index = nextIndex++
      const bytes = body.subarray(index * partBytes, (index + 1) * partBytes)
      try {
        parts[index] = await uploadPart(connection, upload, index + 1, bytes)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: partsAtOnceMax }, lane))
  for (const each of lanes) if (each.status === 'rejected') throw each.reason
  return parts
}

async function uploadPart(
  connection: S3Connection,
  upload: Upload,
  partNumber: number,
  bytes: Uint8Array,
): Promise<Part> {
  const command = new UploadPartCommand({ ...upload, PartNumber: partNumber, Body: bytes })
  const { output } = await connection.call(
    async (client, options) => await client.send(command, options),
    bytes.byteLength,
  )
  assert(output.ETag !== undefined, 'an uploaded part has an ETag')
  return { PartNumber: partNumber, ETag: output.ETag }
}

/** Parts that stay behind cost space, never correctness: the bucket's lifecycle rule takes them. */
async function abortQuietly(connection: S3Connection, upload: Upload): Promise<void> {
  const command = new AbortMultipartUploadCommand(upload)
  await connection.call(async (client, options) => await client.send(command, options)).catch(() => undefined)
}
