/**
 * A table an operator paused (architecture.md § 8). It is kept in `txn`, which every checkpoint carries and another engine's RESTORE leaves alone:
 *
 *     silt:paused       2 × the version that paused or released the table, + 1 where it paused it: never decreases (I8)
 *     silt:paused-at    wall ms of the newest pause, or of an earlier one where the clock was set back
 *
 * Neither is the id of a partition: those have three parts after `silt:`.
 */
const pausedAppId = 'silt:paused'
const pausedAtAppId = 'silt:paused-at'

export interface Pause {
  /** The version that paused the table; who decided it stands in its commit, while that is kept. */
  readonly version: number
  readonly sinceMs: number
}

/** How the table is paused, as its `txn` map says; undefined while it runs. */
export function pauseOf(txns: ReadonlyMap<string, number>): Pause | undefined {
  const last = txns.get(pausedAppId) ?? 0
  if (last % 2 === 0) return undefined
  return Object.freeze({ version: (last - 1) / 2, sinceMs: txns.get(pausedAtAppId) ?? 0 })
}

/** The `txn`s with which `version` pauses the table, by app id. */
export function pausingTxns(
  txns: ReadonlyMap<string, number>,
  version: number,
  nowMs: number,
): ReadonlyMap<string, number> {
  const sinceMs = Math.max(Math.floor(nowMs), txns.get(pausedAtAppId) ?? 0)
  return new Map([
    [pausedAppId, 2 * version + 1],
    [pausedAtAppId, sinceMs],
  ])
}

/** The `txn`s with which `version` lets a paused table go on, by app id. */
export function releasingTxns(version: number): ReadonlyMap<string, number> {
  return new Map([[pausedAppId, 2 * version]])
}

/** One sentence for status pages and log lines: since when, and the command that ends it. */
export function pauseText(pause: Pause): string {
  const since = new Date(pause.sinceMs).toISOString()
  return `the table is paused by an operator since ${since} (version ${pause.version}): nothing is cut or committed until silt table resume`
}
