import { asSiltError, SiltError } from '@silt/core'
import type { AppendFailure } from './sink.ts'

export interface GroupAppendOptions<T> {
  /** Makes one group durable; answers what failed, by position. Where it throws, all of the group failed. Never called while it runs. */
  readonly write: (items: readonly T[]) => Promise<readonly AppendFailure[]>
  /** A group ends before it would be larger; a single add may be larger. */
  readonly groupBytesMax: number
}

interface Waiting<T> {
  readonly items: readonly T[]
  readonly bytes: number
  readonly signal: AbortSignal
  readonly end: (failures: readonly AppendFailure[]) => void
}

/** One write at a time; what arrives meanwhile shares the next one, so that many small requests cost one sync. Bounded by its callers. */
export class GroupAppend<T> {
  readonly #options: GroupAppendOptions<T>
  readonly #waiting: Waiting<T>[] = []
  #running: Promise<void> = Promise.resolve()
  #isRunning = false

  constructor(options: GroupAppendOptions<T>) {
    this.#options = options
  }

  /** What is not known to be durable, by position; `collector/not-taken` (unavailable) once `signal` has aborted before it was begun. */
  add(items: readonly T[], bytes: number, signal: AbortSignal): Promise<readonly AppendFailure[]> {
    return new Promise((end) => {
      this.#waiting.push({ items, bytes, signal, end })
      if (!this.#isRunning) this.#running = this.#run()
    })
  }

  /** Resolves once nothing waits or runs. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#running
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      const failures = await this.#write(group.flatMap(({ items }) => items))
      let first = 0
      for (const { items, end } of group) {
        const from = first
        const own = failures.filter(({ index }) => index >= from && index < from + items.length)
        end(own.map(({ index, error }) => ({ index: index - from, error })))
        first += items.length
      }
    }
    // In the same turn as the look that found nothing: what is added from here on begins a new run.
    this.#isRunning = false
  }

  async #write(items: readonly T[]): Promise<readonly AppendFailure[]> {
    try {
      return await this.#options.write(items)
    } catch (thrown) {
      return allFailed(items, asSiltError(thrown))
    }
  }

  #nextGroup(): readonly Waiting<T>[] {
    const group: Waiting<T>[] = []
    let bytes = 0
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (group.length > 0 && bytes + next.bytes > this.#options.groupBytesMax) break
      this.#waiting.shift()
      if (next.signal.aborted) {
        next.end(allFailed(next.items, notTaken()))
        continue
      }
      group.push(next)
      bytes += next.bytes
    }
    return group
  }
}

export function allFailed(items: readonly unknown[], error: SiltError): readonly AppendFailure[] {
  return items.map((_, index) => ({ index, error }))
}

function notTaken(): SiltError {
  return new SiltError(
    'unavailable',
    'collector/not-taken',
    'the events waited longer than HTTP_TIMEOUT_MS; not stored',
  )
}
