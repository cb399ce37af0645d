import type { ObjectStore } from '@silt/core'
import type { LogEntry } from '../actions/action.ts'
import { decodeEntry } from '../actions/entry-body.ts'
import { applyActions, entryDigest, type TableState } from '../snapshot/table-state.ts'
import { commitKey } from './file-names.ts'

/** Entries `followLog` reads in one call unless told otherwise. */
const followEntriesMax = 1000

/** One version as the log has it; undefined where it is not there. Throws `delta/broken-log` (data). */
export async function readEntry(store: ObjectStore, version: number): Promise<LogEntry | undefined> {
  const key = commitKey(version)
  const found = await store.get(key)
  return found.kind === 'missing' ? undefined : { version, actions: decodeEntry(key, found.body) }
}

/** Entries `entriesDown` asks for at once, at most. */
const readsAtOnceMax = 16

/**
 * Entries of versions from `version` down to above `above`, newest first, until one is gone. Few are asked for at first, then more at a time: most
 * callers find what they want among the newest.
 */
export async function* entriesDown(store: ObjectStore, version: number, above = -1): AsyncGenerator<LogEntry> {
  let atOnce = 1
  for (let newest = version; newest > above; newest -= atOnce, atOnce = Math.min(atOnce * 2, readsAtOnceMax)) {
    const count = Math.min(atOnce, newest - above)
    const read = await Promise.all(Array.from({ length: count }, (_, index) => readEntry(store, newest - index)))
    for (const entry of read) {
      if (entry === undefined) return
      yield entry
    }
  }
}

/**
 * Reads on from `state`: GET N+1 until there is none, `limit` entries at most; `entries` are those that were new.
 * No LIST, so it costs one request in the steady state. It cannot see that N+1 was cleaned away meanwhile: before a commit use `proveNewest`.
 */
export async function followLog(
  store: ObjectStore,
  state: TableState,
  options: { readonly limit?: number } = {},
): Promise<{ readonly state: TableState; readonly entries: readonly LogEntry[] }> {
  const limit = options.limit ?? followEntriesMax
  const entries: LogEntry[] = []
  let newest = state
  while (entries.length < limit) {
    const entry = await readEntry(store, newest.version + 1)
    if (entry === undefined) break
    entries.push(entry)
    newest = applyActions(newest, entry)
  }
  return { state: newest, entries }
}

/**
 * Proof that `state` is the newest version of the table it was read from (I8a), to be had no longer than 60 s before a commit.
 * `newest`: N.json is the commit this state was made from, and N+1.json is not there. An object: the log went on, here is how.
 * `reload`: N.json is gone or another one; a put-if-absent of N+1 would then succeed on a name nobody reads.
 *
 * N+1 is looked for before N: clean-up deletes from the oldest up, so an N that is still there afterwards means that N+1 was
 * not there yet rather than not there any more.
 */
export async function proveNewest(
  store: ObjectStore,
  state: TableState,
): Promise<'newest' | 'reload' | { readonly state: TableState; readonly entries: readonly LogEntry[] }> {
  const followed = await followLog(store, state)
  // So far behind that a checkpoint is the shorter way; and the end was not seen.
  if (followed.entries.length >= followEntriesMax) return 'reload'
  const base = await readEntry(store, state.version)
  if (base === undefined || state.commitDigest === undefined) return 'reload'
  if (entryDigest(base.actions) !== state.commitDigest) return 'reload'
  return followed.entries.length === 0 ? 'newest' : followed
}
