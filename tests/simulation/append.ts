import type { RecordKind } from './truth-keeper.ts'

/** Records produced at a moment of a schedule. */
export interface Append {
  readonly atMs: number
  readonly partition: number
  readonly kinds: readonly RecordKind[]
}
