import { isSiltError } from '@silt/core'
import {
  acceptGap,
  commitDecision,
  commitOnTopic,
  pause,
  restartAll,
  restartPartitions,
  resume,
} from '@silt/cli/operator'
import { operatorName, type OperatorDeps } from './operator-deps.ts'

export type Decided = 'pause' | 'resume' | 'accept-gap' | 'restart'

/**
 * How a command ended. `committed`: its decision is this version. `nothing`: there was nothing to decide. `refused`: the command said no or failed,
 * by `code`; with `decision/unknown` its decision may be in the log, or land yet.
 */
export type DecisionOutcome =
  | { readonly kind: 'committed'; readonly decided: Decided; readonly version: number }
  | { readonly kind: 'nothing'; readonly decided: Decided }
  | { readonly kind: 'refused'; readonly decided: Decided; readonly code: string }

/** `silt table pause`. */
export function pauseTable(deps: OperatorDeps, reason: string): Promise<DecisionOutcome> {
  const decide = pause(reason, operatorName, () => deps.clock.nowMs())
  return outcomeOf('pause', () => commitDecision(deps, decide))
}

/** `silt table resume --at-version`: what came after the version looked at is not released. */
export function resumeTable(deps: OperatorDeps, atVersion: number, reason: string): Promise<DecisionOutcome> {
  const decide = resume({ reason, by: operatorName, atVersion }, deps.store)
  return outcomeOf('resume', () => commitDecision(deps, decide))
}

/** `silt partition accept-gap`. */
export function acceptGapOf(deps: OperatorDeps, partition: number): Promise<DecisionOutcome> {
  return outcomeOf('accept-gap', () =>
    commitOnTopic(deps, deps.topic, (view, state) => acceptGap(view, partition, state, by(deps))),
  )
}

/** `silt partition restart all`, or of one. */
export function restart(deps: OperatorDeps, which: 'all' | number): Promise<DecisionOutcome> {
  return outcomeOf('restart', () =>
    commitOnTopic(deps, deps.topic, (view, state) =>
      which === 'all' ? restartAll(view, state, by(deps)) : restartPartitions(view, [which], state, by(deps)),
    ),
  )
}

function by(deps: OperatorDeps): Parameters<typeof acceptGap>[3] {
  return { sourceKind: deps.source.kind, by: operatorName }
}

async function outcomeOf(decided: Decided, decide: () => Promise<number | undefined>): Promise<DecisionOutcome> {
  try {
    const version = await decide()
    return version === undefined ? { kind: 'nothing', decided } : { kind: 'committed', decided, version }
  } catch (error) {
    if (!isSiltError(error) || error.kind === 'internal') throw error
    return { kind: 'refused', decided, code: error.code }
  }
}
