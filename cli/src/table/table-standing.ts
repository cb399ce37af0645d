import { parkedError, parkingAt } from '@silt/committer'
import { parseCommitRecord, pauseOf } from '@silt/contracts'
import type { ObjectStore } from '@silt/core'
import { commitInfoOf, readEntry, type TableState } from '@silt/delta'

/** What an operator wants to know of a paused table. */
export interface PauseReport {
  readonly version: number
  /** ISO time. */
  readonly since: string
  /** Null once the commit that paused it has been cleaned away. */
  readonly by: string | null
  readonly reason: string | null
}

/** Why a table takes no events at a version, if anything keeps it. */
export interface TableStanding {
  readonly paused: PauseReport | null
  /** What another engine did, and the command that releases the table. */
  readonly parked: string | null
}

export async function standingOf(store: ObjectStore, state: TableState): Promise<TableStanding> {
  const parked = await parkingAt(store, state)
  return {
    paused: (await readPause(store, state)) ?? null,
    parked: parked === undefined ? null : parkedError(parked).message,
  }
}

/** Undefined while the table is not paused. */
export async function readPause(store: ObjectStore, state: TableState): Promise<PauseReport | undefined> {
  const paused = pauseOf(state.txns)
  if (paused === undefined) return undefined
  const entry = await readEntry(store, paused.version)
  const record = entry && parseCommitRecord(commitInfoOf(entry.actions)?.silt)
  const decision = record?.decisions.find(({ kind }) => kind === 'pause')
  return {
    version: paused.version,
    since: new Date(paused.sinceMs).toISOString(),
    by: decision?.by ?? null,
    reason: decision !== undefined && 'reason' in decision && decision.reason !== '' ? decision.reason : null,
  }
}

/** `paused since … by … (version 12): moving the bucket`. */
export function pauseLine({ since, by, version, reason }: PauseReport): string {
  const who = by === null ? 'by someone whose commit is no longer in the log' : `by ${by}`
  return `paused since ${since} ${who} (version ${version})${reason === null ? '' : `: ${reason}`}; silt table resume lets it go on`
}
