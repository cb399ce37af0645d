import type { AddFile, OffsetRange, StructType } from '@silt/core'
import type { CountedRange, UnitRange } from './unit-range.ts'

interface JobBase {
  /** Version of the job's shape; a process leaves a newer one to a newer process. */
  readonly v: number
  /** `metaData.id` of the main table. */
  readonly tableId: string
  readonly topic: string
  readonly topicId: string | null
}

/** "Turn these ranges into files." */
export interface WriteJob extends JobBase {
  readonly unitId: string
  /** Sorted by partition; at most one range a partition. */
  readonly ranges: readonly UnitRange[]
  /** When the ingestor cut it, ms: record timestamp of sources without one. */
  readonly cutAtMs: number
  /** Cut because it was as large as a unit may be: committed without waiting for a slot. */
  readonly full: boolean
  /** Cut where a decoder died: to be decoded in a process of its own. */
  readonly apart?: true
}

/** "These files hold these ranges." */
export interface UnitCommitJob extends JobBase {
  readonly kind: 'unit'
  readonly unitId: string
  readonly ranges: readonly CountedRange[]
  readonly full: boolean
  readonly cutAtMs: number
  /** The schema the files were written with (I9). */
  readonly schema: StructType
  /** Digest of what else the table asked of its files then (mapped columns, rules of rows); left out where it asked nothing. */
  readonly layout?: string
  readonly adds: readonly AddFile[]
  /** Adds of the dead-letter table, already put there. */
  readonly deadLetterAdds: readonly AddFile[]
  /** Store clock when the first of the files was put, ms (I10a). */
  readonly putAt: number
}

/** "This partition begins here" (I3a): accepted only while the table has no progress for it. */
export interface StartCommitJob extends JobBase {
  readonly kind: 'start'
  readonly partition: number
  readonly offset: number
  readonly first: number
}

export type CommitJob = UnitCommitJob | StartCommitJob

/** Result of a write job. `written`: the commit job is in its queue, for these ranges (short: the rest is to be planned). */
export type WriteResult =
  | {
      readonly outcome: 'written'
      readonly ranges: readonly {
        readonly partition: number
        readonly start: number
        readonly endExclusive: number
        readonly read: number
      }[]
      /** Decoded bytes read, to learn bytes per offset. */
      readonly bytes: number
    }
  | { readonly outcome: 'behind' }
  /** The decoder died over these ranges (of the job; those not begun are left out): to be cut smaller. Nothing was published. */
  | { readonly outcome: 'decoder-died'; readonly ranges: readonly DeadlyRange[] }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }

/** What a decoder had been given when it died. */
export interface DeadlyRange extends OffsetRange {
  /** Where its second half begins: `start < middle < endExclusive`, records on both sides as far as they were read; null: cannot be halved. */
  readonly middle: number | null
}

/** Result of a commit job: a hint for ingestors; `txn` in the log is the truth. */
export interface CommitNotice {
  /** `duplicate`: already in. `stale`: plan its ranges again. `refused`: other table, other topic id. */
  readonly outcome: 'committed' | 'duplicate' | 'stale' | 'refused'
  readonly version: number
  /** Next offset of the job's partitions, by partition number, after `version`. */
  readonly txn: Readonly<Record<string, number>>
  /** Wall time of the next slot for small units, ms. */
  readonly nextSlot: number
  /** The ranges as written, for learning. */
  readonly ranges: readonly {
    readonly partition: number
    readonly start: number
    readonly endExclusive: number
    readonly read: number
  }[]
}

/** `commitInfo.silt` of a main-table commit (I5, I6). */
export interface CommitRecord {
  readonly v: 1
  readonly units: readonly {
    readonly unitId: string
    readonly topic: string
    readonly topicId: string | null
    readonly ranges: readonly CountedRange[]
  }[]
  /** Adds for the dead-letter table, to be applied there once (I5). */
  readonly deadLetters: readonly AddFile[]
  readonly decisions: readonly Decision[]
}

/** What an operator decided, committed by the CLI. */
export type Decision =
  | {
      readonly kind: 'accept-gap'
      readonly topic: string
      readonly topicId: string | null
      readonly partition: number
      readonly restart: number
      readonly from: number
      readonly to: number
      readonly by: string
    }
  | {
      readonly kind: 'restart'
      readonly topic: string
      readonly topicId: string | null
      readonly partition: number
      readonly restart: number
      readonly at: number
      readonly by: string
    }
  | { readonly kind: 'adopt'; readonly startFrom: string; readonly by: string }
  | { readonly kind: 'resume'; readonly reason: string; readonly atVersion: number; readonly by: string }
  | { readonly kind: 'pause' | 'unpause'; readonly reason: string; readonly by: string }
