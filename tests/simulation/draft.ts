import type { CallRates, CallTarget } from './call-faults.ts'
import type { Disturbance } from './disturbance.ts'
import type { Append } from './append.ts'
import type { Draws } from './draws.ts'
import type { RecordKind } from './truth-keeper.ts'

/** What a theme may add to. */
export interface Draft {
  rates: Record<CallTarget, CallRates>
  redis: { resultLost: number; resultTwice: number; outOfOrder: number }
  recordKinds: RecordKind[]
  decoderDeathRate: number
  memoryShort: number
  deadlyToWriters: boolean
  jobsHeldMax: number
  unitBytesMax: number
  /** Produced beside what is drawn. */
  backlog: Append[]
  disturbances: Disturbance[]
  readonly draws: Draws
  readonly spanMs: number
  readonly actors: Record<'ingestor' | 'writer' | 'committer', number>
  readonly partitions: number
}
