import type { Deployment } from './deployment.ts'
import { LogFollower } from './log-follower.ts'

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
  readonly #follower: LogFollower

  constructor(target: Deployment) {
    this.#follower = new LogFollower(target, {
      pollMs,
      onVersion: ({ version }, next) => this.versions.push({ version, seenAtMs: Date.now(), next }),
    })
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
  stop(): Promise<void> {
    return this.#follower.stop()
  }
}
