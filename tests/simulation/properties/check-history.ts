import type { History, Violation } from '../history.ts'
import type { SimParquet } from '../sim-parquet.ts'
import { l1Liveness, type Excuses } from './l1-liveness.ts'
import { walk, type Walk, type WalkOptions } from './walk.ts'

export interface CheckOptions {
  /** START_FROM is `earliest` (the default), so a partition may begin above offset 0 only where retention took what lies below. */
  readonly startsAtEarliest?: boolean
}

/**
 * Every invariant of the architecture (§ 4) that what landed can show, at every version of both tables: safety, whatever happened on the way.
 * Empty for a sound history. Pure.
 */
export function checkHistory(history: History, parquet: SimParquet, options: CheckOptions = {}): readonly Violation[] {
  return walkOnce(history, parquet, options).violations
}

/** L1 at the end of a run that was given time to settle. Without what `checkHistory` says. */
export function checkEnd(
  history: History,
  parquet: SimParquet,
  excuses: Excuses = { stopped: new Set(), parked: false },
): readonly Violation[] {
  const violations: Violation[] = []
  l1Liveness(walkOnce(history, parquet, {}), excuses, (name, detail) => violations.push({ name, detail }))
  return violations
}

interface KeptWalk {
  readonly entryCount: number
  readonly options: WalkOptions
  readonly walk: Walk
}

/** Both checks of one history share its walk. */
const kept = new WeakMap<History, KeptWalk>()

function walkOnce(history: History, parquet: SimParquet, options: CheckOptions): Walk {
  const found = kept.get(history)
  const startsAtEarliest = options.startsAtEarliest ?? found?.options.startsAtEarliest ?? true
  if (found?.entryCount === history.entries.length && found.options.startsAtEarliest === startsAtEarliest)
    return found.walk
  const fresh = walk(history, parquet, { startsAtEarliest })
  kept.set(history, { entryCount: history.entries.length, options: { startsAtEarliest }, walk: fresh })
  return fresh
}
