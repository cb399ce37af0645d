import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { Clock, GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import { SiltError } from '@silt/core'
import { requireObjectBytes, requireRange, type ByteRange } from './byte-range.ts'
import { compareKeys, isKey, requireKey, requirePrefix } from './object-key.ts'
import { S3Connection, type S3Settings } from './s3-connection.ts'
import { noConditionalPutError, s3Error, s3Failure, type S3Call } from './s3-errors.ts'
import { parseS3Location, s3LocationText, type S3Location } from './s3-location.ts'
import { putMultipart } from './s3-multipart.ts'

export interface S3StoreOptions {
  /** `s3://bucket/prefix` */
  readonly location: string
  readonly settings: S3Settings
  /** Stands in where an answer has no Date. */
  readonly clock: Clock
  /** A larger body is sent in parts; default 64 MiB. A conditional put is always one request. */
  readonly singlePutBytesMax?: number
  /** Keys a listing asks for at a time; default 1000, S3's most. */
  readonly pageKeysMax?: number
}

/**
 * An S3 bucket, or a prefix of one. Each call is tried once: wrap it in `RetryingStore`.
 * `putIfAbsent` throws only when nothing landed; when something may have landed, it answers `unknown`.
 * Further errors: `store/no-bucket`, `store/refused`, `store/http-not-allowed` (invalid), `store/no-put-if-absent` (unsupported).
 */
export class S3Store implements ObjectStore {
  readonly location: string
  readonly #place: S3Location
  readonly #connection: S3Connection
  readonly #singlePutBytesMax: number
  readonly #pageKeysMax: number

  constructor(options: S3StoreOptions) {
    this.#place = parseS3Location(options.location)
    this.location = s3LocationText(this.#place)
    this.#connection = new S3Connection(options.settings, options.clock)
    this.#singlePutBytesMax = options.singlePutBytesMax ?? 64 * 2 ** 20
    this.#pageKeysMax = options.pageKeysMax ?? 1000
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    const target = this.#target(key)
    if (range !== undefined) requireRange(range)
    if (range !== undefined && range.startByte === range.endByteExclusive) return await this.#getNothing(key)
    const command = new GetObjectCommand({ ...target, ...(range && { Range: rangeHeader(range) }) })
    try {
      const { output } = await this.#connection.call(async (client, options) => await client.send(command, options))
      return { kind: 'found', body: await wholeBody(output, key) }
    } catch (error) {
      const failure = s3Failure(error)
      // No other 404 will do: a proxy's, a missing bucket's, or versitygw's to an unknown access key is not the end of a log.
      if (failure.vendorCode === 'NoSuchKey') return { kind: 'missing' }
      if (failure.status === 416) return { kind: 'found', body: new Uint8Array(0) }
      throw this.#error(error, { does: 'read', location: this.location, key })
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const command = new HeadObjectCommand(this.#target(key))
    try {
      const { output, storeTimeMs } = await this.#connection.call(
        async (client, options) => await client.send(command, options),
      )
      return { key, sizeBytes: output.ContentLength ?? 0, modifiedMs: output.LastModified?.getTime() ?? storeTimeMs }
    } catch (error) {
      const failure = s3Failure(error)
      const call: S3Call = { does: 'read', location: this.location, key }
      if (error instanceof SiltError || failure.fate !== 'refused') throw this.#error(error, call)
      // An answer to HEAD has no body to say why; GET's has, and throws it.
      const asked = await this.get(key, { startByte: 0, endByteExclusive: 1 })
      if (asked.kind === 'missing') return undefined
      throw new SiltError('unavailable', 'store/unavailable', `${key} came while it was looked for in ${this.location}`)
    }
  }

  async put(key: string, body: Uint8Array): Promise<PutResult> {
    const target = this.#target(key)
    requireObjectBytes(body.byteLength, 'an object')
    try {
      if (body.byteLength > this.#singlePutBytesMax) {
        const storeTimeMs = await putMultipart(this.#connection, { bucket: target.Bucket, key: target.Key }, body)
        return { storeTimeMs }
      }
      const command = new PutObjectCommand({ ...target, Body: body, ContentLength: body.byteLength })
      const { storeTimeMs } = await this.#connection.call(
        async (client, options) => await client.send(command, options),
        body.byteLength,
      )
      return { storeTimeMs }
    } catch (error) {
      throw this.#error(error, { does: 'write', location: this.location, key })
    }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const target = this.#target(key)
    requireObjectBytes(body.byteLength, 'an object')
    const command = new PutObjectCommand({ ...target, Body: body, ContentLength: body.byteLength, IfNoneMatch: '*' })
    try {
      const { storeTimeMs } = await this.#connection.call(
        async (client, options) => await client.send(command, options),
        body.byteLength,
      )
      return { kind: 'created', storeTimeMs }
    } catch (error) {
      const failure = s3Failure(error)
      if (failure.status === 412) return { kind: 'exists' }
      const silt = this.#error(error, { does: 'write', location: this.location, key })
      if (failure.status === 501) throw noConditionalPutError(this.location, silt)
      if (error instanceof SiltError || failure.fate !== 'lost') throw silt
      return { kind: 'unknown', cause: silt }
    }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    requirePrefix(prefix)
    const { bucket, keyPrefix } = this.#place
    let after = keyPrefix + (options.startAfter ?? '')
    for (;;) {
      const page = await this.#listPage(bucket, keyPrefix + prefix, after)
      for (const info of page.infos) {
        if (compareKeys(info.key, after) <= 0) throw unorderedError(this.location, after, info.key)
        after = info.key
        const key = info.key.slice(keyPrefix.length)
        // A name that is no key (a console's `folder/` marker) cannot have been put here.
        if (isKey(key)) yield { ...info, key }
      }
      if (!page.more) return
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#connection.newestAnswerMs()
  }

  async close(): Promise<void> {
    this.#connection.close()
  }

  async #listPage(bucket: string, prefix: string, after: string): Promise<{ infos: ObjectInfo[]; more: boolean }> {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: this.#pageKeysMax,
      // XML cannot hold every character of a key.
      EncodingType: 'url',
      ...(after === '' ? {} : { StartAfter: after }),
    })
    try {
      const { output, storeTimeMs } = await this.#connection.call(
        async (client, options) => await client.send(command, options),
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
    } catch (error) {
      throw this.#error(error, { does: 'list', location: this.location, key: prefix })
    }
  }

  /** An empty range has no header of its own, but still tells whether the object is there. */
  async #getNothing(key: string): Promise<GetResult> {
    const info = await this.head(key)
    return info === undefined ? { kind: 'missing' } : { kind: 'found', body: new Uint8Array(0) }
  }

  #target(key: string): { readonly Bucket: string; readonly Key: string } {
    requireKey(key)
    return { Bucket: this.#place.bucket, Key: this.#place.keyPrefix + key }
  }

  #error(error: unknown, call: S3Call): SiltError {
    return error instanceof SiltError ? error : s3Error(s3Failure(error), call)
  }
}

async function wholeBody(output: GetObjectCommandOutput, key: string): Promise<Uint8Array> {
  const { Body, ContentLength } = output
  try {
    requireObjectBytes(ContentLength ?? 0, key)
  } catch (error) {
    // Unread, it would hold its connection for ever.
    if (Body instanceof Readable) Body.destroy()
    throw error
  }
  const body = (await Body?.transformToByteArray()) ?? new Uint8Array(0)
  if (ContentLength === undefined || body.byteLength === ContentLength) return body
  throw Object.assign(new Error(`${body.byteLength} of ${ContentLength} bytes came`), { code: 'EBODYCUT' })
}

function rangeHeader({ startByte, endByteExclusive }: ByteRange): string {
  return `bytes=${startByte}-${endByteExclusive - 1}`
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
