/** An object as the store lists it. `key` is relative to the store's root, `/`-separated, no leading slash. */
export interface ObjectInfo {
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

export type GetResult = { readonly kind: 'found'; readonly body: Uint8Array } | { readonly kind: 'missing' }

export interface PutResult {
  /**
   * The store's own clock, ms: when it answered (S3: Date header; local: the file's mtime), or when the upload of an object in parts began. A listing
   * does not date the object earlier, beyond the fractions of a second that S3 leaves out, so whoever deletes by age (I10a) spares it at least as long.
   */
  readonly storeTimeMs: number
}

/**
 * Outcome of a conditional put.
 * `created`: this call made the object. `exists`: something is there, which a network that repeats requests can make this very
 * call's body. `unknown`: sent, answer lost; it may have landed or land yet; read back to learn more.
 * It throws only when nothing landed nor will, so `unavailable` is safe to try again.
 */
export type PutIfAbsentResult =
  | { readonly kind: 'created'; readonly storeTimeMs: number }
  | { readonly kind: 'exists' }
  | { readonly kind: 'unknown'; readonly cause: unknown }

/**
 * A flat store of immutable objects below one root (a folder, or `s3://bucket/prefix`).
 *
 * 1. A put is all or nothing: a reader sees the whole object or none.
 * 2. `putIfAbsent` has at most one `created` per key, over all processes.
 * 3. After a put or `created` has answered, get and list (of every process) show it.
 * 4. `list` is in ascending order of the key's UTF-8 bytes.
 *
 * Errors: `store/unavailable`, `store/clock-skewed` (unavailable), `store/denied` (invalid), `store/ambiguous` (ambiguous, from `put`), `store/full` (unavailable),
 * `store/invalid-key`, `store/invalid-range`, `store/no-bucket`, `store/refused` (invalid), `store/too-large`, `store/no-put-if-absent`,
 * `store/unordered-list` (unsupported).
 */
export interface ObjectStore {
  /** For people: `s3://bucket/prefix` or the folder's path. */
  readonly location: string
  get(key: string, range?: { readonly startByte: number; readonly endByteExclusive: number }): Promise<GetResult>
  head(key: string): Promise<ObjectInfo | undefined>
  /** Overwrites. For names nobody else uses, and hints such as `_last_checkpoint`. */
  put(key: string, body: Uint8Array): Promise<PutResult>
  putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult>
  /** Keys that start with `prefix` and are greater than `startAfter`, streamed in pages. */
  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectInfo>
  /** Store clock of the newest answer, ms; undefined before the first. */
  newestAnswerMs(): number | undefined
  close(): Promise<void>
}
