import type { CollectedEvent } from '../../src/events/split-events.ts'
import type { AppendFailure, EventSink } from '../../src/sink.ts'

/** Takes what it is given, once it is told to where it is held. */
export class FakeSink implements EventSink {
  readonly taken: CollectedEvent[] = []
  readonly signals: AbortSignal[] = []
  /** Answers an append in place of taking it. */
  answer: ((events: readonly CollectedEvent[]) => readonly AppendFailure[]) | undefined
  away: Error | undefined
  closed = false
  #held: Promise<void> = Promise.resolve()

  /** Appends wait until the function it returns is called. */
  hold(): () => void {
    let letGo = (): void => undefined
    this.#held = new Promise((resolve) => (letGo = resolve))
    return letGo
  }

  async append(events: readonly CollectedEvent[], signal: AbortSignal): Promise<readonly AppendFailure[]> {
    this.signals.push(signal)
    await this.#held
    if (this.answer !== undefined) return this.answer(events)
    this.taken.push(...events)
    return []
  }

  check(): Promise<void> {
    return this.away === undefined ? Promise.resolve() : Promise.reject(this.away)
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}
