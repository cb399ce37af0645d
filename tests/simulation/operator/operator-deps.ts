import type { Clock, ObjectStore, ParquetReader, Random, Source } from '@silt/core'

/** A person at a terminal with `silt`: the table and the topic as they reach them. */
export interface OperatorDeps {
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  readonly source: Source
  readonly reader: ParquetReader
  readonly clock: Clock
  readonly random: Random
  readonly topic: string
  /** As COMMIT_READ_BACK has it. */
  readonly readBack: boolean
}

/** For the record of each decision. */
export const operatorName = 'operator'
