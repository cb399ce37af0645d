import { hasProgress, pauseOf } from '@silt/contracts'
import { isSiltError } from '@silt/core'
import { requireWritable } from '@silt/delta'
import type { Invariant, TableView, Turn } from './turn.ts'

/**
 * I12: a table that lists a feature Silt does not implement is refused; a foreign RESTORE or overwrite parks the table for an operator, where rows
 * may vanish while `txn` stays: before any partition has begun there are none of Silt's, and no `txn`. A paused table (docs/design.md § 3) takes nothing either.
 *
 *     I12-committed-while-parked  events or begins of partitions after a RESTORE or overwrite that nobody has released
 *     I12-unsupported             events in a table with a feature Silt does not implement
 *     I12-committed-while-paused  events or begins of partitions in a table an operator paused
 */
export function i12Foreign(): Invariant {
  let parkedAt: number | undefined
  return (turn, report) => {
    const { step, before, where } = turn
    if (takesEvents(turn)) {
      if (parkedAt !== undefined)
        report('I12-committed-while-parked', `version ${parkedAt} parked the table, nobody released it (${where})`)
      if (pauseOf(before.txns) !== undefined) report('I12-committed-while-paused', `the table is paused (${where})`)
      const refusal = refusalOf(before)
      if (refusal !== undefined) report('I12-unsupported', `${refusal} (${where})`)
    }
    const removesAll = step.kind === 'restore' || step.kind === 'overwrite'
    if (!step.isSilts && step.entry.version > 0 && removesAll && hasProgress(before.txns)) parkedAt = step.entry.version
    for (const decision of step.record?.decisions ?? [])
      if (decision.kind === 'resume' && parkedAt !== undefined && decision.atVersion >= parkedAt) parkedAt = undefined
  }
}

/** Units, or a partition that begins without an operator's decision. */
function takesEvents({ step, moves }: Turn): boolean {
  if (!step.isSilts || step.record === undefined) return false
  return step.record.units.length > 0 || (moves.length > 0 && step.record.decisions.length === 0)
}

function refusalOf({ protocol, metadata, schema }: TableView): string | undefined {
  if (protocol === undefined || metadata === undefined || schema === undefined) return 'there is no table yet'
  try {
    requireWritable({ protocol, metadata, schema, domains: new Map() })
    return undefined
  } catch (error) {
    if (!isSiltError(error)) throw error
    return error.message
  }
}
