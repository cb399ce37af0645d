import { acceptGapOf, restart, resumeTable, type DecisionOutcome } from './decide.ts'
import type { Look } from './look.ts'
import type { OperatorDeps } from './operator-deps.ts'

export interface RemedyOptions {
  /**
   * What the actors' readiness says (the alert SiltTableParked): they saw it happen, where clean-up may since have taken the version that parked
   * the table. Left out: as the log says.
   */
  readonly alertSaysParked?: boolean
}

const reason = 'looked at: what is gone stays gone'

/**
 * Does what the runbooks say about `seen`, and nothing about what came after it: a parked or paused table is resumed as of the version seen, a
 * retention gap accepted, every other stop answered by a restart. Answers one outcome a command; what was refused is to be looked at again.
 */
export async function remedy(
  deps: OperatorDeps,
  seen: Look,
  options: RemedyOptions = {},
): Promise<readonly DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = []
  const isHeld = seen.parked !== undefined || (seen.parkingUnknown && options.alertSaysParked === true)
  if (seen.version !== undefined && (isHeld || seen.paused !== undefined))
    outcomes.push(await resumeTable(deps, seen.version, reason))
  for (const { partition, code } of seen.stopped) {
    const isGap = code === 'partition/retention-gap'
    outcomes.push(await (isGap ? acceptGapOf(deps, partition) : restart(deps, partition)))
  }
  return outcomes
}
