import type { ActorKind } from './actor-kind.ts'
import type { CallTarget } from './call-faults.ts'
import type { TableName } from './history.ts'
import type { ProcessKind } from './process.ts'

/** What another engine does to a table. */
export type EngineDeed =
  | 'append'
  | 'optimize'
  | 'optimize-tagged'
  | 'add-column'
  | 'set-property'
  | 'keep-files-briefly'
  | 'vacuum'
  | 'clean-log'
  | 'restore'
  | 'overwrite'
  | 'delete-rows'
  | 'upgrade-protocol'

/** What another engine does while Silt sleeps. */
export interface Meanwhile {
  readonly afterMs: number
  readonly does: EngineDeed
  readonly table: TableName
}

/** One thing done to the system from outside, at a time. */
export type Disturbance = { readonly atMs: number } & (
  | { readonly kind: 'kill' | 'restart'; readonly actor: ActorKind; readonly number: number }
  | { readonly kind: 'freeze'; readonly actor: ActorKind; readonly number: number; readonly forMs: number }
  | { readonly kind: 'clock-jump'; readonly actor: ActorKind; readonly number: number; readonly byMs: number }
  | { readonly kind: 'outage'; readonly of: CallTarget | 'dead-letters'; readonly forMs: number }
  | { readonly kind: 'redis-flush' | 'redis-backup' | 'redis-restore' | 'redeliver' | 'rebalance' }
  | { readonly kind: 'begin-transaction'; readonly partition: number }
  | { readonly kind: 'end-transaction'; readonly partition: number; readonly isAborted: boolean }
  | { readonly kind: 'compact-topic'; readonly partition: number; readonly share: number }
  | { readonly kind: 'retention'; readonly partition: number; readonly share: number }
  | { readonly kind: 'add-partition' | 'recreate-topic' }
  | { readonly kind: 'engine'; readonly does: EngineDeed; readonly table: TableName }
  | { readonly kind: 'operator'; readonly does: 'pause' | 'remedy' }
  | {
      /**
       * The next time an actor of that kind is about to send such a call, or has its answer, `pass` of them later: right there. `delay`: it is given
       * up and carried out `forMs` later. `cut`: it is carried out, and the process that should hear so stands still.
       */
      readonly kind: 'in-the-act'
      readonly actor: ProcessKind
      readonly operation: string
      /** Only a version put into the log of this table. */
      readonly table?: TableName
      readonly when: 'before' | 'after'
      readonly pass: number
      readonly does: 'kill' | 'freeze' | 'recreate-topic' | 'delay' | 'cut'
      readonly forMs: number
    }
  | {
      readonly kind: 'hibernate'
      /** The command an operator is in the middle of: the question's answer is not heard before they wake. Left out: a committer's job. */
      readonly over?: {
        readonly does: 'pause' | 'remedy'
        readonly operation: 'store.get' | 'store.list'
        readonly pass: number
      }
      readonly forMs: number
      readonly isKilled: boolean
      readonly meanwhile: readonly Meanwhile[]
    }
)
