import { systemClock, type ObjectStore } from '@silt/core'
import { readEntry, type LogEntry } from '@silt/delta'
import type { Deployment } from './deployment.ts'
import { tableStore } from './table-store.ts'

const pollMs = 50

interface SeenVersion {
  readonly version: number
  /** Wall time at which it could first be read, ms; late by at most one poll. */
  readonly seenAtMs: number
  /** Next offset by partition, of the partitions this version moved. */
  readonly next: ReadonlyMap<number, number>
}

/** Reads a table's log as it grows and keeps when each version could first be read. */
export class TableWatch {
  readonly versions: SeenVersion[] = []
  readonly #store: ObjectStore
  readonly #topic: string
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(target: Deployment) {
    this.#store = tableStore(target)
    this.#topic = target.topic
    this.#running = this.#follow()
  }

  /** When the log first said that `partition` is committed beyond `offset`; undefined while it does not. */
  committedAtMs(partition: number, offset: number): number | undefined {
    return this.versions.find(({ next }) => (next.get(partition) ?? 0) > offset)?.seenAtMs
  }

  /** Next offset of a partition as of the newest version; 0 where there is none. */
  next(partition: number): number {
    return this.versions.findLast(({ next }) => next.has(partition))?.next.get(partition) ?? 0
  }

  /** Ends; throws what kept it from reading. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#store.close()
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const entry = await readEntry(this.#store, this.versions.length)
      if (entry === undefined) await systemClock.sleep(pollMs, signal)
      else this.versions.push({ version: entry.version, seenAtMs: Date.now(), next: this.#progress(entry) })
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
