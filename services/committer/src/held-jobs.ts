import type { CommitNotice, StartCommitJob, UnitCommitJob } from '@silt/contracts'
import { partitionKey } from './progress-index.ts'

/** How the waiting handler of a job is told its end. */
export interface JobEnd {
  answer(notice: CommitNotice): void
  /** Puts the job back into its queue. */
  giveBack(error: unknown): void
}

export interface HeldUnit {
  readonly job: UnitCommitJob
  readonly arrivedMs: number
  /** Readings of the log begun when the job arrived. */
  readonly arrivedReading: number
  readonly end: JobEnd
}

export interface HeldStart {
  readonly job: StartCommitJob
  readonly arrivedMs: number
  readonly arrivedReading: number
  readonly end: JobEnd
}

/**
 * The jobs whose handlers wait, in order of arrival, with the units indexed by where their ranges start:
 * which unit comes next in a partition is one look-up. Not bounded here: the queue's concurrency bounds it.
 */
export class HeldJobs {
  readonly #units = new Set<HeldUnit>()
  readonly #starts = new Set<HeldStart>()
  readonly #byStart = new Map<string, Set<HeldUnit>>()

  get size(): number {
    return this.#units.size + this.#starts.size
  }

  get units(): ReadonlySet<HeldUnit> {
    return this.#units
  }

  get starts(): ReadonlySet<HeldStart> {
    return this.#starts
  }

  /** Units with a range that starts there, first come first. */
  startingAt(key: string): Iterable<HeldUnit> {
    return this.#byStart.get(key) ?? []
  }

  addUnit(unit: HeldUnit): void {
    this.#units.add(unit)
    for (const key of startKeys(unit.job)) {
      const there = this.#byStart.get(key)
      if (there === undefined) this.#byStart.set(key, new Set([unit]))
      else there.add(unit)
    }
  }

  addStart(start: HeldStart): void {
    this.#starts.add(start)
  }

  remove(held: HeldUnit | HeldStart): void {
    this.#starts.delete(held as HeldStart)
    if (!this.#units.delete(held as HeldUnit)) return
    const unit = held as HeldUnit
    for (const key of startKeys(unit.job)) {
      const there = this.#byStart.get(key)
      there?.delete(unit)
      if (there?.size === 0) this.#byStart.delete(key)
    }
  }
}

/** Where a range must find its partition to be accepted. */
export function startKey(
  job: UnitCommitJob,
  range: { readonly partition: number; readonly restart: number; readonly start: number },
): string {
  return `${partitionKey(job.topic, job.topicId, range.partition)}:${range.restart}@${range.start}`
}

function startKeys(job: UnitCommitJob): readonly string[] {
  return job.ranges.map((range) => startKey(job, range))
}
