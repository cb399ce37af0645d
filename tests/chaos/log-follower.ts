import { isSiltError, systemClock, type ObjectStore } from '@silt/core'
import { readEntry } from '@silt/delta'
import type { Deployment } from '../support/deployment.ts'
import { tableStore } from '../support/table-store.ts'

const pollMs = 300

/** Follows a table's log as it grows, through every absence of the store. */
export class LogFollower {
  /** The version to come; so many there are. */
  versions = 0
  rows = 0
  readonly #store: ObjectStore
  readonly #topic: string
  readonly #onProgress: (partition: number, next: number) => void
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(target: Deployment, onProgress: (partition: number, next: number) => void) {
    this.#store = tableStore(target)
    this.#topic = target.topic
    this.#onProgress = onProgress
    this.#running = this.#follow()
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
    while (!signal.aborted) if (!(await this.#readNext())) await systemClock.sleep(pollMs, signal)
  }

  async #readNext(): Promise<boolean> {
    try {
      const entry = await readEntry(this.#store, this.versions)
      if (entry === undefined) return false
      this.versions++
      for (const action of entry.actions) {
        if ('add' in action) {
          const { numRecords } = JSON.parse(action.add.stats ?? '{}') as { readonly numRecords?: number }
          this.rows += numRecords ?? 0
        }
        if ('txn' in action && action.txn.appId.startsWith(`silt:${this.#topic}:`))
          this.#onProgress(Number(action.txn.appId.split(':').at(-1)), action.txn.version)
      }
      return true
    } catch (error) {
      if (isSiltError(error) && (error.kind === 'unavailable' || error.kind === 'ambiguous')) return false
      throw error
    }
  }
}
