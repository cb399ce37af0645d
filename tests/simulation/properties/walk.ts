import type { History, LandedEntry, TableName, Violation } from '../history.ts'
import type { SimParquet } from '../sim-parquet.ts'
import { i2Counts } from './i2-counts.ts'
import { i2EachOnce } from './i2-each-once.ts'
import { i3Contiguous } from './i3-contiguous.ts'
import { i3aFirst } from './i3a-first.ts'
import { i4Together } from './i4-together.ts'
import { i5Projection } from './i5-projection.ts'
import { i6FilesStay, i6FreshTokens } from './i6-files-and-tokens.ts'
import { i7Rebased } from './i7-rebased.ts'
import { i8Progress } from './i8-progress.ts'
import { i8aReadable } from './i8a-readable.ts'
import { i9Schema } from './i9-schema.ts'
import { i10aFileAge } from './i10a-file-age.ts'
import { i12Foreign } from './i12-foreign.ts'
import { i13TopicId } from './i13-topic-id.ts'
import { Settled } from './settled.ts'
import { readStep } from './step.ts'
import { emptyTable, movesOf, viewAfter, type Invariant, type TableView } from './turn.ts'

export interface WalkOptions {
  /** START_FROM is `earliest`. */
  readonly startsAtEarliest: boolean
}

/** What a walk over everything that landed has found, and where it ended. */
export interface Walk {
  readonly violations: readonly Violation[]
  readonly settled: Settled
  readonly main: TableView
  readonly deadLetters: TableView
}

/** Holds every landed entry, in the order of landing, against every invariant. */
export function walk(history: History, parquet: SimParquet, options: WalkOptions): Walk {
  const violations: Violation[] = []
  const report = (name: string, detail: string): void => void violations.push({ name, detail })
  const settled = new Settled(history.truth)
  const invariants = invariantsOf(history, settled, options)
  const views: Record<TableName, TableView> = { main: emptyTable, 'dead-letters': emptyTable }

  i6FilesStay(history, report)
  history.entries.forEach((entry, landedBefore) => {
    const before = views[entry.table]
    if (!i8aReadable(entry, before.version, report)) return
    const step = readStep({ history, parquet }, entry, landedBefore, report)
    if (step === undefined) return
    const after = viewAfter(before, step)
    const other = views[entry.table === 'main' ? 'dead-letters' : 'main']
    const turn = { history, parquet, step, before, after, other, moves: movesOf(before, step), where: placeOf(entry) }
    for (const invariant of invariants[entry.table]) invariant(turn, report)
    views[entry.table] = after
  })
  return { violations, settled, main: views.main, deadLetters: views['dead-letters'] }
}

function invariantsOf(
  history: History,
  settled: Settled,
  options: WalkOptions,
): Record<TableName, readonly Invariant[]> {
  const i5 = i5Projection()
  const [i6, i10a] = [i6FreshTokens(), i10aFileAge(history)]
  const ofBoth: readonly Invariant[] = [i6, i7Rebased, i8Progress, i10a]
  return {
    main: [
      i2EachOnce(settled),
      i2Counts(),
      i3Contiguous,
      i3aFirst(options),
      i4Together,
      i5.main,
      ...ofBoth,
      i9Schema,
      i12Foreign(),
      i13TopicId(history.truth),
    ],
    'dead-letters': [i5.deadLetters, ...ofBoth, i9Schema],
  }
}

function placeOf({ table, version, by }: LandedEntry): string {
  return `${table} version ${version} by ${by}`
}
