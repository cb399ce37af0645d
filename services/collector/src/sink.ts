import type { SiltError } from '@silt/core'
import type { CollectedEvent } from './events/split-events.ts'

/** One event that is not known to be durable. Kind `ambiguous`: it may be there all the same; `data`: it never can be. */
export interface AppendFailure {
  readonly index: number
  readonly error: SiltError
}

/**
 * Where events go.
 *
 * 1. An event that is not in the answer of `append` is durable: it survives the death of this process and of one machine of the sink.
 * 2. `append` never rejects; its failures are by position in `events`, in order. An event may be stored and be told as failed, never the other way.
 * 3. Once `signal` has aborted, what was not begun is not begun (`collector/not-taken`, unavailable).
 */
export interface EventSink {
  append(events: readonly CollectedEvent[], signal: AbortSignal): Promise<readonly AppendFailure[]>
  /** Whether events can be taken now; throws why not, naming the setting. Connects where there is no connection. */
  check(): Promise<void>
  /** Ends once what was begun has ended. */
  close(): Promise<void>
}
