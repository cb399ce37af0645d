import { assert, isSiltError, SiltError, type ObjectStore } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { decodeEntry, encodeEntry } from '../actions/entry-body.ts'
import { entryFaults } from './entry-rules.ts'
import { commitKey } from './file-names.ts'

/** Bytes of the largest commit body that is sent. */
const commitBytesMax = 64 * 1024 * 1024

/** One attempt at a version. */
export interface CommitSpec {
  readonly version: number
  /** The whole commit, its `commitInfo.txnId` equal to `token`. Prepared anew for every attempt (I7). */
  readonly actions: readonly Action[]
  /** Fresh per prepared body: tells our commit from everyone else's (I6). */
  readonly token: string
  /** Count the commit only after reading our token back (I11). */
  readonly readBack: boolean
}

/**
 * How an attempt ended. `committed`: our body is this version. `conflict`: someone else's is. `unknown`: it may be, or may yet become,
 * ours. After anything but `committed`, state comes only from the log as read (I6).
 */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly storeTimeMs: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unknown'; readonly cause: unknown }

/**
 * Tries to make `actions` the given version: one conditional PUT, and one GET where the answer leaves doubt.
 *
 * The story: our PUT may land and its answer be lost; a retry below us then meets our own body and reports `exists`. A store may also
 * claim to have created what it did not (lost quorum). The token in the body settles all of these: what is read back is ours or not.
 *
 * Errors, nothing sent: `delta/commit-too-large` (invalid), and the store's `invalid` and `unsupported` ones.
 */
export async function commitEntry(store: ObjectStore, spec: CommitSpec): Promise<CommitOutcome> {
  const body = prepareBody(spec)
  const key = commitKey(spec.version)
  try {
    const put = await store.putIfAbsent(key, body)
    if (put.kind === 'created' && !spec.readBack) return { kind: 'committed', storeTimeMs: put.storeTimeMs }
    return await settle(store, key, spec.token, put.kind === 'unknown' ? put.cause : undefined)
  } catch (error) {
    if (!isSiltError(error) || (error.kind !== 'unavailable' && error.kind !== 'ambiguous')) throw error
    return settle(store, key, spec.token, error)
  }
}

function prepareBody(spec: CommitSpec): Uint8Array {
  const faults = entryFaults(spec.actions)
  assert(faults.length === 0, `version ${spec.version} would not be a valid commit: ${faults.join('; ')}`)
  assert(commitInfoOf(spec.actions)?.txnId === spec.token, `version ${spec.version} does not carry its token`)
  const body = encodeEntry(spec.actions)
  if (body.byteLength > commitBytesMax) {
    const message = `the commit has ${body.byteLength} bytes, more than ${commitBytesMax}; commit fewer files at once`
    throw new SiltError('invalid', 'delta/commit-too-large', message, { context: { version: spec.version } })
  }
  return body
}

/** Never throws: once the PUT was sent, a failing read only means that we do not know. */
async function settle(store: ObjectStore, key: string, token: string, cause: unknown): Promise<CommitOutcome> {
  try {
    const found = await store.get(key)
    if (found.kind === 'missing') return { kind: 'unknown', cause: cause ?? new Error(`${key} cannot be read back`) }
    if (tokenOf(key, found.body) !== token) return { kind: 'conflict' }
    const storeTimeMs = store.newestAnswerMs() ?? (await store.head(key))?.modifiedMs
    if (storeTimeMs === undefined) return { kind: 'unknown', cause: new Error(`${key} vanished after it was read`) }
    return { kind: 'committed', storeTimeMs }
  } catch (error) {
    return { kind: 'unknown', cause: error }
  }
}

// A body that is broken is certainly not ours.
function tokenOf(key: string, body: Uint8Array): string | undefined {
  try {
    return commitInfoOf(decodeEntry(key, body))?.txnId
  } catch {
    return undefined
  }
}
