import { acceptGapOf, restart, resumeTable, type DecisionOutcome } from './decide.ts'
import type { Look } from './look.ts'
import type { OperatorDeps } from './operator-deps.ts'

const reason = 'looked at: what is gone stays gone'

/**
 * Does what the runbooks say about `seen`, and nothing about what came after it: a parked or paused table is resumed as of the version seen, a
 * retention gap accepted, every other stop answered by a restart. Answers one outcome a command; what was refused is to be looked at again.
 */
export async function remedy(deps: OperatorDeps, seen: Look): Promise<readonly DecisionOutcome[]> {
  const outcomes: DecisionOutcome[] = []
  if (seen.version !== undefined && (seen.parked !== undefined || seen.paused !== undefined))
    outcomes.push(await resumeTable(deps, seen.version, reason))
  for (const { partition, code } of seen.stopped) {
    const isGap = code === 'partition/retention-gap'
    outcomes.push(await (isGap ? acceptGapOf(deps, partition) : restart(deps, partition)))
  }
  return outcomes
}
