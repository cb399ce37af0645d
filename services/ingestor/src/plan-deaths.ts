import type { DeadlyRange, UnitRange } from '@silt/contracts'
import type { DeadlyPiece, OutstandingUnit, PartitionPlan } from './plan-state.ts'

/**
 * What a partition remembers of decoders that died (L1a): by offsets, not by unit id, so that it outlives the unit, and in memory only. Forgotten, it
 * is found out anew; it decides how units are cut, never what becomes of a record.
 */

/** The plan after a decoder died over `died`: the pieces known there are replaced by its halves. */
export function withDeath(plan: PartitionPlan, died: DeadlyRange): PartitionPlan {
  const { start, middle, endExclusive } = died
  const halves: DeadlyPiece[] =
    middle === null
      ? [{ start, endExclusive }]
      : [
          { start, endExclusive: middle },
          { start: middle, endExclusive },
        ]
  const others = plan.deadly.flatMap((piece) => [
    { start: piece.start, endExclusive: Math.min(piece.endExclusive, start) },
    { start: Math.max(piece.start, endExclusive), endExclusive: piece.endExclusive },
  ])
  const deadly = [...others, ...halves]
    .filter((piece) => piece.start < piece.endExclusive)
    .sort((a, b) => a.start - b.start)
  return Object.freeze({ ...plan, deadly: deadlyFrom(deadly, plan.next) })
}

/** What is left of the pieces once everything below `next` is committed. */
export function deadlyFrom(deadly: readonly DeadlyPiece[], next: number): readonly DeadlyPiece[] {
  if ((deadly[0]?.start ?? Infinity) >= next) return deadly
  return Object.freeze(
    deadly
      .filter((piece) => piece.endExclusive > next)
      .map((piece) => (piece.start < next ? { ...piece, start: next } : piece)),
  )
}

/** How far a unit that begins at `start` may reach at most, and whether it begins where a decoder died. */
export function deadlyLimit(plan: PartitionPlan, start: number): { readonly apart: boolean; readonly endMax: number } {
  for (const piece of plan.deadly) {
    if (piece.start > start) return { apart: false, endMax: piece.start }
    if (piece.endExclusive > start) return { apart: true, endMax: piece.endExclusive }
  }
  return { apart: false, endMax: Infinity }
}

/**
 * The part of a writer's answer that concerns one range of its unit; undefined: it was not begun. A range that had company is cut alone first, and whole.
 */
export function deathIn(
  unit: OutstandingUnit,
  range: UnitRange,
  answered: readonly DeadlyRange[],
): DeadlyRange | undefined {
  const died = answered.find((each) => each.partition === range.partition && each.start === range.start)
  if (died === undefined) return undefined
  const endExclusive = Math.min(died.endExclusive, range.endExclusive)
  const isAlone = unit.ranges.length === 1
  const middle = isAlone && died.middle !== null && died.middle < endExclusive ? died.middle : null
  return { partition: range.partition, start: range.start, endExclusive, middle }
}

/** Whether cutting anew would only make the same unit again. */
export function isStuck(unit: OutstandingUnit, died: DeadlyRange): boolean {
  const [range, ...others] = unit.ranges
  return unit.apart && others.length === 0 && died.middle === null && died.endExclusive === range?.endExclusive
}
