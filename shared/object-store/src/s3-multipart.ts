import { assert, shouldRetry, type SiltError } from '@silt/core'
import type { RetryCourse } from './retry-course.ts'
import { requestBody } from './s3-body.ts'
import type { S3Connection } from './s3-connection.ts'
import { isObjectOfParts, type Part } from './s3-multipart-etag.ts'
import type { S3Sdk } from './s3-sdk.ts'
import type { Slots } from './slots.ts'

export interface MultipartPut {
  readonly connection: S3Connection
  readonly target: { readonly Bucket: string; readonly Key: string }
  readonly body: Uint8Array
  /** The last part may be smaller; S3 takes none below 5 MiB but the last, and 10,000 of them. */
  readonly partBytes: number
  /** Shared by all uploads of a store: they bound the parts that are sent at a time. */
  readonly slots: Slots
  /** The tries of one request. */
  readonly beginCourse: (signal?: AbortSignal) => RetryCourse
  /** A request's error. `upload`: nothing of it can be seen before all is. `write`: it makes the object. */
  readonly errorOf: (thrown: unknown, does: 'upload' | 'write') => SiltError
}

/**
 * Puts a large body in parts. Returns the store's time at which the upload began, ms: S3 dates the object by it, others by its end, so
 * nobody takes the object for older than this.
 *
 * Each request is tried again by itself, and an upload that fails is given back. It is not after a completion whose answer was lost, because the store
 * may be at it: MinIO takes the parts away under a completion that is under way. What is never completed nor given back (this process died) cannot be
 * seen; the bucket's rule for such uploads ends it. No checksum is set on any request: set on only some of them, they are refused.
 */
export async function putMultipart(put: MultipartPut): Promise<number> {
  const { uploadId, beganMs } = await create(put)
  const parts = await uploadParts(put, uploadId).catch(async (error: unknown) => {
    await abortQuietly(put, uploadId)
    throw error
  })
  await complete(put, uploadId, parts)
  return beganMs
}

async function create(put: MultipartPut): Promise<{ readonly uploadId: string; readonly beganMs: number }> {
  const { output, storeTimeMs } = await tried(put, put.beginCourse(), async () => {
    const command = (sdk: S3Sdk) => new sdk.CreateMultipartUploadCommand(put.target)
    return await put.connection.call(async ({ client, sdk }, options) => await client.send(command(sdk), options))
  })
  assert(output.UploadId !== undefined, 'a created multipart upload has an id')
  return { uploadId: output.UploadId, beganMs: storeTimeMs }
}

/** Ends only when no part is under way any more, so that an abort leaves nothing behind. */
async function uploadParts(put: MultipartPut, uploadId: string): Promise<Part[]> {
  const partCount = Math.ceil(put.body.byteLength / put.partBytes)
  const failed = new AbortController()
  const uploadNext = async (index: number): Promise<Part> => {
    failed.signal.throwIfAborted()
    try {
      return await tried(put, put.beginCourse(failed.signal), async () => await uploadPart(put, uploadId, index))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }
  const uploads = Array.from({ length: partCount }, async (_, index) => {
    return await put.slots.run(async () => await uploadNext(index))
  })
  await Promise.allSettled(uploads)
  failed.signal.throwIfAborted()
  return await Promise.all(uploads)
}

async function uploadPart({ connection, target, body, partBytes }: MultipartPut, uploadId: string, index: number) {
  const bytes = body.subarray(index * partBytes, (index + 1) * partBytes)
  const sent = await requestBody(bytes)
  const command = (sdk: S3Sdk) =>
    new sdk.UploadPartCommand({
      ...target,
      UploadId: uploadId,
      PartNumber: index + 1,
      Body: sent,
      ContentLength: bytes.byteLength,
    })
  const { output } = await connection.call(
    async ({ client, sdk }, options) => await client.send(command(sdk), options),
    bytes.byteLength,
  )
  assert(output.ETag !== undefined, 'an uploaded part has an ETag')
  return { PartNumber: index + 1, ETag: output.ETag }
}

/**
 * 1. Answered at once: the object is there.
 * 2. Refused: it is not, nor will it be.
 * 3. Answer lost: asked again. Then only the listing counts, which every identity may read: MinIO answers that there is no such upload to who
 *    asks again, and versitygw that all is well while it is still putting the object together.
 */
async function complete(put: MultipartPut, uploadId: string, parts: Part[]): Promise<void> {
  const course = put.beginCourse()
  let lost: SiltError | undefined
  for (;;) {
    const error = await completeOnce(put, uploadId, parts)
    if (error?.kind === 'ambiguous') lost ??= error
    if (lost === undefined) {
      if (error === undefined) return
      if (mayHelpAgain(error) && (await course.again(error))) continue
      await abortQuietly(put, uploadId)
      throw error
    }
    if (await isObjectOfParts(put.connection, put.target, parts)) return
    if (error?.kind === 'invalid' || !(await course.again(lost))) throw lost
  }
}

async function completeOnce(put: MultipartPut, uploadId: string, parts: Part[]): Promise<SiltError | undefined> {
  const command = (sdk: S3Sdk) =>
    new sdk.CompleteMultipartUploadCommand({
      ...put.target,
      UploadId: uploadId,
      MultipartUpload: { Parts: parts },
    })
  try {
    await put.connection.call(async ({ client, sdk }, options) => await client.send(command(sdk), options))
    return undefined
  } catch (error) {
    return put.errorOf(error, 'write')
  }
}

async function tried<T>(put: MultipartPut, course: RetryCourse, request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request()
    } catch (thrown) {
      const error = put.errorOf(thrown, 'upload')
      if (!mayHelpAgain(error) || !(await course.again(error))) throw error
    }
  }
}

/** An upload that somebody ended, or that lost a part, is begun anew by whoever tries the put again. */
function mayHelpAgain(error: SiltError): boolean {
  return shouldRetry(error) && !['NoSuchUpload', 'InvalidPart'].includes(String(error.context['vendorCode']))
}

async function abortQuietly({ connection, target }: MultipartPut, uploadId: string): Promise<void> {
  const command = (sdk: S3Sdk) => new sdk.AbortMultipartUploadCommand({ ...target, UploadId: uploadId })
  await connection
    .call(async ({ client, sdk }, options) => await client.send(command(sdk), options))
    .catch(() => undefined)
}
