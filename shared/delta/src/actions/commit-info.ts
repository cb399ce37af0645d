import type { Json } from '@silt/core'
import type { Action, CommitInfo } from './action.ts'

/** Who commits, what and when. */
export interface CommitInfoSpec {
  readonly timestampMs: number
  /** As other engines name it: `STREAMING UPDATE`, `CREATE TABLE`, … */
  readonly operation: string
  /** Strings only: engines read a map of strings. */
  readonly operationParameters?: Readonly<Record<string, string>>
  readonly operationMetrics?: Readonly<Record<string, string>>
  /** Name and version of the writer: `silt/0.1.0`. */
  readonly engineInfo: string
  /** Fresh for every prepared body (I6). */
  readonly token: string
  readonly isBlindAppend?: boolean
  readonly silt?: Json
}

/** The provenance action of a commit, to be put first. */
export function commitInfo(spec: CommitInfoSpec): Action {
  const info: CommitInfo = {
    timestamp: spec.timestampMs,
    operation: spec.operation,
    operationParameters: spec.operationParameters ?? {},
    ...(spec.operationMetrics === undefined ? {} : { operationMetrics: spec.operationMetrics }),
    engineInfo: spec.engineInfo,
    ...(spec.isBlindAppend === undefined ? {} : { isBlindAppend: spec.isBlindAppend }),
    txnId: spec.token,
    ...(spec.silt === undefined ? {} : { silt: spec.silt }),
  }
  return { commitInfo: info }
}

/** The commit's provenance; undefined where its writer left none. */
export function commitInfoOf(actions: readonly Action[]): CommitInfo | undefined {
  for (const action of actions) if ('commitInfo' in action) return action.commitInfo
  return undefined
}
