import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { Clock, GetResult, ObjectInfo, ObjectRemoval, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import { SiltError } from '@silt/core'
import { requireObjectBytes, requireRange, type ByteRange } from './byte-range.ts'
import { requireKey, requirePrefix } from './object-key.ts'
import { beginCourse, type RetryCourse, type RetryOptions } from './retry-course.ts'
import { requestBody, type HashedBody } from './s3-body.ts'
import { S3Connection, type S3Settings } from './s3-connection.ts'
import { noConditionalPutError, s3Error, s3Failure, type S3Call } from './s3-errors.ts'
import { listS3 } from './s3-list.ts'
import { parseS3Location, s3LocationText, type S3Location } from './s3-location.ts'
import { putMultipart, type MultipartPut } from './s3-multipart.ts'
import type { S3Sdk } from './s3-sdk.ts'
import { Slots } from './slots.ts'

export interface S3StoreOptions {
  /** `s3://bucket/prefix` */
  readonly location: string
  readonly settings: S3Settings
  /** Stands in where an answer has no Date. */
  readonly clock: Clock
  /** Tries again the single requests of a put in parts; left out, they are tried once as all else. */
  readonly retry?: RetryOptions
  /** A larger body is sent in parts; default 16 MiB. A conditional put is always one request. */
  readonly singlePutBytesMax?: number
  /** Default 8 MiB. */
  readonly partBytes?: number
  /** Of all puts of this store; default 4: other requests find a connection, and a slow line need not carry more within a part's time. */
  readonly partsAtOnceMax?: number
  /** Keys a listing asks for at a time; default 1000, S3's most. */
  readonly pageKeysMax?: number
}

interface Target {
  readonly Bucket: string
  readonly Key: string
}

const triedOnce: RetryCourse = { again: () => Promise.resolve(false) }

/**
 * An S3 bucket, or a prefix of one. Each call is tried once (of a put in parts each request as often as `retry` says): wrap it in `RetryingStore`.
 * `putIfAbsent` throws only when nothing landed; when something may have landed, it answers `unknown`.
 * Further errors: `store/no-bucket`, `store/refused`, `store/http-not-allowed` (invalid), `store/no-put-if-absent` (unsupported).
 */
export class S3Store implements ObjectStore, ObjectRemoval {
  readonly location: string
  readonly #place: S3Location
  readonly #connection: S3Connection
  readonly #retry: RetryOptions | undefined
  readonly #singlePutBytesMax: number
  readonly #partBytes: number
  readonly #partSlots: Slots
  readonly #pageKeysMax: number
  readonly #closing = new AbortController()

  constructor(options: S3StoreOptions) {
    this.#place = parseS3Location(options.location)
    this.location = s3LocationText(this.#place)
    this.#connection = new S3Connection(options.settings, options.clock)
    this.#retry = options.retry
    this.#singlePutBytesMax = options.singlePutBytesMax ?? 16 * 2 ** 20
    this.#partSlots = new Slots(options.partsAtOnceMax ?? 4)
    this.#partBytes = options.partBytes ?? 8 * 2 ** 20
    this.#pageKeysMax = options.pageKeysMax ?? 1000
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    const target = this.#target(key)
    if (range !== undefined) requireRange(range)
    if (range !== undefined && range.startByte === range.endByteExclusive) return await this.#getNothing(key)
    const command = (sdk: S3Sdk) => new sdk.GetObjectCommand({ ...target, ...(range && { Range: rangeHeader(range) }) })
    try {
      const { output } = await this.#connection.call(
        async ({ client, sdk }, options) => await client.send(command(sdk), options),
      )
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
    const command = (sdk: S3Sdk) => new sdk.HeadObjectCommand(this.#target(key))
    try {
      const { output, storeTimeMs } = await this.#connection.call(
        async ({ client, sdk }, options) => await client.send(command(sdk), options),
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
    if (body.byteLength > this.#singlePutBytesMax)
      return { storeTimeMs: await putMultipart(this.#multipart(target, key, body)) }
    try {
      return { storeTimeMs: await this.#putOnce(target, await requestBody(body), body.byteLength) }
    } catch (error) {
      throw this.#error(error, { does: 'write', location: this.location, key })
    }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const target = this.#target(key)
    requireObjectBytes(body.byteLength, 'an object')
    try {
      // Handed over whole: versitygw refuses before it has read all, and what is written after that meets a reset which takes the refusal along.
      const storeTimeMs = await this.#putOnce({ ...target, IfNoneMatch: '*' }, body, body.byteLength)
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
    const pages = listS3({
      connection: this.#connection,
      place: this.#place,
      location: this.location,
      prefix,
      startAfter: options.startAfter ?? '',
      pageKeysMax: this.#pageKeysMax,
    })
    try {
      yield* pages
    } catch (error) {
      throw this.#error(error, { does: 'list', location: this.location, key: this.#place.keyPrefix + prefix })
    }
  }

  /** S3 answers the same whether there was an object. A lost answer is `unavailable`: asking again does no harm. */
  async remove(key: string): Promise<void> {
    const command = (sdk: S3Sdk) => new sdk.DeleteObjectCommand(this.#target(key))
    try {
      await this.#connection.call(async ({ client, sdk }, options) => await client.send(command(sdk), options))
    } catch (error) {
      throw this.#error(error, { does: 'delete', location: this.location, key })
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#connection.newestAnswerMs()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#connection.close()
  }

  /** One request; returns the store's time of its answer. */
  async #putOnce(
    target: Target & { readonly IfNoneMatch?: '*' },
    body: Uint8Array | HashedBody,
    bodyBytes: number,
  ): Promise<number> {
    const command = (sdk: S3Sdk) => new sdk.PutObjectCommand({ ...target, Body: body, ContentLength: bodyBytes })
    const { storeTimeMs } = await this.#connection.call(
      async ({ client, sdk }, options) => await client.send(command(sdk), options),
      bodyBytes,
    )
    return storeTimeMs
  }

  #multipart(target: Target, key: string, body: Uint8Array): MultipartPut {
    const closing = this.#closing.signal
    const retry = this.#retry
    return {
      connection: this.#connection,
      target,
      body,
      partBytes: this.#partBytes,
      slots: this.#partSlots,
      beginCourse: (failed) => {
        if (retry === undefined) return triedOnce
        const signal = failed === undefined ? closing : AbortSignal.any([closing, failed])
        return beginCourse(retry, { operation: 'put', key, signal })
      },
      errorOf: (thrown, does) => this.#error(thrown, { does, location: this.location, key }),
    }
  }

  /** An empty range has no header of its own, but still tells whether the object is there. */
  async #getNothing(key: string): Promise<GetResult> {
    const info = await this.head(key)
    return info === undefined ? { kind: 'missing' } : { kind: 'found', body: new Uint8Array(0) }
  }

  #target(key: string): Target {
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
