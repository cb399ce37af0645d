import { parseWriteJob, partitionProgress, type WriteJob } from '@silt/contracts'
import type { Json } from '@silt/core'
import type { Violation } from './history.ts'

/**
 * What is promised of jobs and files on their way (L1a, I6), which no log tells: neither loses or doubles anything, each costs.
 *
 *     L1a-shared-ahead    a shared unit with a range that starts past `txn`: units can come to wait for each other
 *     L1a-new-boundaries  an ingestor that has heard of nothing new plans an unmoved partition again, with other boundaries
 *     L1a-behind-written  a writer puts files of a job that was behind `txn` before it took it
 *     I6-file-replaced    a file is put over another one: each run of a unit has names of its own
 */
export class JobWatch {
  readonly violations: Violation[] = []
  readonly #txns: ReadonlyMap<string, number>
  /** Ends of the ranges each ingestor has planned, by where they start, until it hears of anything. */
  readonly #planned = new Map<string, Map<string, number>>()
  readonly #unsettled = new Map<string, number>()
  readonly #jobs = new Map<string, WriteJob>()
  /** Whether a job was behind each time a writer took it. */
  readonly #alwaysBehind = new Map<string, boolean>()

  /** `txns` of the main table as landed, kept up to date. */
  constructor(txns: ReadonlyMap<string, number>) {
    this.#txns = txns
  }

  /** `by` begins to put a write job into its queue. */
  sent(by: string, data: Json): void {
    const job = parseWriteJob(data)
    this.#jobs.set(job.unitId, job)
    const ahead = job.ranges.find((range) => range.start > (this.#nextOf(job, range.partition) ?? -1))
    if (job.ranges.length > 1 && ahead !== undefined)
      this.#say('L1a-shared-ahead', `${by} shares partition ${ahead.partition} from ${ahead.start} in ${job.unitId}`)
    const planned = this.#planned.get(by) ?? new Map<string, number>()
    this.#planned.set(by, planned)
    for (const { partition, start, endExclusive } of job.ranges) {
      const place = `${job.topicId}:${partition} from ${start}`
      const before = planned.get(place)
      if (before !== undefined && before !== endExclusive)
        this.#say('L1a-new-boundaries', `${by} planned ${place} to ${before}, then to ${endExclusive}`)
      planned.set(place, endExclusive)
    }
  }

  /** An ingestor hears what became of a job. That all of it was written tells it nothing of where to cut. */
  heard(by: string, id: string, result: Json): void {
    const job = this.#jobs.get(id)
    if (job !== undefined && isAllWritten(job, result)) return
    this.learnt(by)
  }

  /** An ingestor has read the log, or got other partitions: what it plans from here on may be cut otherwise. */
  learnt(by: string): void {
    this.#unsettled.set(by, looksToSettle)
    this.#planned.delete(by)
  }

  /** An ingestor has the answer about its partitions' ends: it plans next. What it had heard by its last step is folded in. */
  looked(by: string): void {
    const left = this.#unsettled.get(by) ?? 0
    if (left === 0) return
    this.#unsettled.set(by, left - 1)
    this.#planned.delete(by)
  }

  /** A writer begins a write job: it looks at the log next. */
  taken(by: string, data: Json): void {
    const job = parseWriteJob(data)
    const isBehind = job.ranges.some(({ partition, start }) => start < (this.#nextOf(job, partition) ?? 0))
    const key = `${by} ${job.unitId}`
    this.#alwaysBehind.set(key, isBehind && this.#alwaysBehind.get(key) !== false)
  }

  filePut(by: string, key: string, body: Uint8Array, before: Uint8Array | undefined): void {
    const unitId = /(?:^|\/)part-([0-9a-f]{16})-/.exec(key)?.[1]
    if (unitId !== undefined && this.#alwaysBehind.get(`${by} ${unitId}`) === true)
      this.#say('L1a-behind-written', `${by} put ${key}, whose job was behind when it was taken`)
    if (before !== undefined && Buffer.compare(before, body) !== 0)
      this.#say('I6-file-replaced', `${by} put another ${key} over the one that was there`)
  }

  #nextOf({ topic, topicId }: WriteJob, partition: number): number | undefined {
    return partitionProgress(this.#txns, topic, topicId, partition)?.next
  }

  #say(name: string, detail: string): void {
    this.violations.push({ name, detail })
  }
}

/** What comes while a step is under way is folded in by the next one; a step asks for ends a few times at most. */
const looksToSettle = 6

function isAllWritten(job: WriteJob, result: Json): boolean {
  const { outcome, ranges } = result as { outcome?: Json; ranges?: readonly Record<string, Json>[] }
  if (outcome !== 'written' || ranges?.length !== job.ranges.length) return false
  return job.ranges.every(({ partition, start, endExclusive }, index) => {
    const found = ranges[index]
    return found?.['partition'] === partition && found['start'] === start && found['endExclusive'] === endExclusive
  })
}
