import { isSiltError, systemClock, type ObjectStore } from '@silt/core'
import { readEntry, type LogEntry } from '@silt/delta'
import type { Deployment } from './deployment.ts'
import { tableStore } from './table-store.ts'

export interface FollowOptions {
  readonly pollMs: number
  /** Told every version once, in order, with the next offsets by partition that it set for the deployment's topic. */
  readonly onVersion: (entry: LogEntry, next: ReadonlyMap<number, number>) => void
}

/** Follows a table's log as it grows, from version 0, through every absence of the store. */
export class LogFollower {
  readonly #store: ObjectStore
  readonly #topic: string
  readonly #options: FollowOptions
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(target: Deployment, options: FollowOptions) {
    this.#store = tableStore(target)
    this.#topic = target.topic
    this.#options = options
    this.#running = this.#follow()
    // Told by `stop`.
    this.#running.catch(() => undefined)
  }

  /** Ends; throws what kept it from reading. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#store.close()
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    for (let version = 0; !signal.aborted;) {
      const entry = await this.#read(version)
      if (entry === undefined) {
        await systemClock.sleep(this.#options.pollMs, signal)
        continue
      }
      this.#options.onVersion(entry, this.#progress(entry))
      version++
    }
  }

  async #read(version: number): Promise<LogEntry | undefined> {
    try {
      return await readEntry(this.#store, version)
    } catch (error) {
      if (isSiltError(error) && (error.kind === 'unavailable' || error.kind === 'ambiguous')) return undefined
      throw error
    }
  }

  #progress(entry: LogEntry): ReadonlyMap<number, number> {
    const next = new Map<number, number>()
    for (const action of entry.actions) {
      if (!('txn' in action) || !action.txn.appId.startsWith(`silt:${this.#topic}:`)) continue
      next.set(Number(action.txn.appId.split(':').at(-1)), action.txn.version)
    }
    return next
  }
}
