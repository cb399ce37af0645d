import {
  isSiltError,
  type Clock,
  type ErrorKind,
  type ObjectStore,
  type ParquetFileWriter,
  type ParquetReader,
  type ParquetWriter,
  type Random,
} from '@silt/core'
import { commitEntry, commitInfo, loadSnapshot, type Action, type Snapshot } from '@silt/delta'

/** One table as another engine has it before it: Spark or delta-rs, which know nothing of Silt. One action at a time per engine. */
export interface EngineDeps {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  readonly parquetWriter: ParquetWriter & ParquetFileWriter
  readonly clock: Clock
  readonly random: Random
  /** Deletes an object: vacuum's and clean-up's alone. A key that is not there is fine. */
  readonly remove: (key: string) => Promise<void>
}

/**
 * How an action ended.
 * - `done`: `did` says what, for people; `version` is the one it made, undefined where it made none (vacuum).
 * - `nothing`: it did not apply to the table as it was, or its engine refused.
 * - `lost`: others committed first, each time or what this one rests on. Nothing of it is in the log.
 * - `failed`: the store was away or an answer was lost; `code` names it. A commit may have landed, or land yet.
 */
export type EngineOutcome =
  | { readonly kind: 'done'; readonly version: number | undefined; readonly did: string }
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly code: string }

/** What an action makes of the newest version. */
export interface Change {
  /** As the engine names it in its provenance; Silt goes by it. */
  readonly operation: string
  readonly operationParameters?: Readonly<Record<string, string>>
  readonly isBlindAppend?: boolean
  /** Beside the provenance. */
  readonly actions: readonly Action[]
  readonly did: string
}

/** `nothing`: stop, for that reason. `lost`: a winner took away what the action rests on. */
export type Decline = { readonly nothing: string } | 'lost'

const attemptsMax = 5
const engineInfo = 'Apache-Spark/3.5.3 Delta-Lake/3.2.1'

/**
 * Commits what `decide` makes of the newest version, as every engine does: conditionally, and after a conflict again from the log as it is then,
 * a bounded number of times. `first` is the version the action began on: what may not have changed since is `decide`'s to compare.
 */
export function commitChange(
  deps: EngineDeps,
  decide: (now: Snapshot, first: Snapshot) => Change | Decline | Promise<Change | Decline>,
): Promise<EngineOutcome> {
  return guarded(async () => {
    let first: Snapshot | undefined
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const now = await loadSnapshot(deps.store, deps.parquetReader)
      first ??= now
      const change = await decide(now, first)
      if (change === 'lost') return { kind: 'lost' }
      if ('nothing' in change) return { kind: 'nothing', because: change.nothing }
      const outcome = await commitOnce(deps, now.version + 1, change)
      if (outcome !== 'conflict') return outcome
    }
    return { kind: 'lost' }
  })
}

/** An action whose failures of the store, and whose table that is not there or beyond it, are outcomes. Everything else is a finding and is thrown. */
export async function guarded(act: () => Promise<EngineOutcome>): Promise<EngineOutcome> {
  try {
    return await act()
  } catch (error) {
    if (isSiltError(error, 'delta/no-table')) return { kind: 'nothing', because: 'there is no table' }
    // The real engine may know the feature; this one is made of Silt's own code.
    if (isSiltError(error) && error.kind === 'unsupported') return { kind: 'nothing', because: error.message }
    if (isSiltError(error) && passingKinds.has(error.kind)) return { kind: 'failed', code: error.code }
    throw error
  }
}

const passingKinds: ReadonlySet<ErrorKind> = new Set(['unavailable', 'ambiguous'])

async function commitOnce(deps: EngineDeps, version: number, change: Change): Promise<EngineOutcome | 'conflict'> {
  const token = deps.random.uuid()
  const provenance = commitInfo({
    timestampMs: deps.clock.nowMs(),
    operation: change.operation,
    operationParameters: change.operationParameters ?? {},
    engineInfo,
    token,
    isBlindAppend: change.isBlindAppend ?? false,
  })
  const actions = [provenance, ...change.actions]
  const outcome = await commitEntry(deps.store, { version, actions, token, readBack: false })
  switch (outcome.kind) {
    case 'committed':
      return { kind: 'done', version, did: change.did }
    case 'conflict':
      return 'conflict'
    case 'unknown':
      return { kind: 'failed', code: 'foreign/outcome-unknown' }
  }
}
