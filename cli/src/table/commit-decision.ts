import {
  msSince,
  SiltError,
  type Clock,
  type Json,
  type ObjectStore,
  type ParquetReader,
  type Random,
} from '@silt/core'
import { encodeCommitRecord, probeKey, type Decision } from '@silt/contracts'
import {
  commitEntry,
  commitInfo,
  completeCommit,
  loadState,
  lookBegan,
  proveNewest,
  requireWritable,
  type Action,
  type TableState,
} from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { probePutIfAbsent } from '@silt/object-store'

export interface DecisionDeps {
  readonly store: ObjectStore
  readonly reader: ParquetReader
  readonly clock: Clock
  readonly random: Random
  readonly readBack: boolean
}

/** What an operator's decision does to the table as it is now. */
export interface DecidedChange {
  readonly operation: string
  readonly decisions: readonly Decision[]
  /** Beside the provenance: `txn`, `metaData`; files where it restores. */
  readonly actions: readonly Action[]
  readonly operationParameters?: Readonly<Record<string, string>>
  readonly operationMetrics?: Readonly<Record<string, string>>
  /** Committed as any engine would, without Silt's record: its committer is to take it for another's. */
  readonly isAnyEngines?: true
}

const attemptsMax = 20
/** How long what was read is known to be the newest (I8a): a slow store, many versions to look back over, a machine that slept. */
const baseProofMaxMs = 60_000

/**
 * Commits an operator's decision as one version; `decide` runs again on the newest state after every conflict, and throws where the
 * decision no longer applies. Idempotent as far as `decide` is. Answers the version; undefined where `decide` found nothing to commit.
 * A store that does not refuse a second put is not written to (I11), nor is one without a table.
 * Errors: `store/no-put-if-absent` (unsupported), `decision/no-table` (invalid), `decision/contended` (unavailable), `decision/unknown` (ambiguous), `delta/unsupported-feature`.
 */
export function commitDecision(deps: DecisionDeps, decide: (state: TableState) => DecidedChange): Promise<number>
export function commitDecision(
  deps: DecisionDeps,
  decide: (state: TableState) => Promise<DecidedChange | undefined>,
): Promise<number | undefined>
export async function commitDecision(
  deps: DecisionDeps,
  decide: (state: TableState) => DecidedChange | Promise<DecidedChange | undefined>,
): Promise<number | undefined> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const began = await lookBegan(deps.store, deps.clock)
    const state = await loadState(deps.store, deps.reader)
    if (state === undefined)
      throw new SiltError(
        'invalid',
        'decision/no-table',
        `there is no Delta table at ${deps.store.location}; correct the path or DELTA_TABLE_PATH, or start Silt first, which makes it`,
      )
    requireWritable(state, judgeRowRules)
    const change = await decide(state)
    if (change === undefined) return undefined
    if (attempt === 1) await probePutIfAbsent(deps.store, probeKey)
    if (msSince(began, deps.clock, deps.store) > baseProofMaxMs && (await proveNewest(deps.store, state)) !== 'newest')
      continue
    const token = deps.random.uuid()
    const version = state.version + 1
    const silt: Json = encodeCommitRecord({ v: 1, units: [], deadLetters: [], decisions: change.decisions })
    const { operation, operationParameters, operationMetrics, isAnyEngines } = change
    const provenance = commitInfo({
      timestampMs: deps.clock.nowMs(),
      operation,
      ...(operationParameters === undefined ? {} : { operationParameters }),
      ...(operationMetrics === undefined ? {} : { operationMetrics }),
      engineInfo: 'silt/0.1.0',
      token,
      ...(isAnyEngines === true ? {} : { silt }),
    })
    const outcome = await commitEntry(deps.store, {
      version,
      actions: completeCommit(state, [provenance, ...change.actions], deps.clock.nowMs()),
      token,
      readBack: deps.readBack,
    })
    if (outcome.kind === 'committed') {
      // The put's own answer can tell that it came late: below a log that was cleaned meanwhile nobody reads it.
      if (msSince(began, deps.clock, deps.store) <= baseProofMaxMs) return version
      if ((await proveNewest(deps.store, state)) !== 'reload') return version
      continue
    }
    if (outcome.kind === 'unknown') {
      const message = `whether version ${version} was committed is not known; look with "silt table history" before trying again`
      throw new SiltError('ambiguous', 'decision/unknown', message, { cause: outcome.cause })
    }
  }
  throw new SiltError('unavailable', 'decision/contended', `${attemptsMax} other commits came first; try again`)
}
