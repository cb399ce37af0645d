import { encodeCommitJob, jobVersion, type StartCommitJob } from '@silt/contracts'
import { canonicalJson, isStillThere, sha256Hex, type Json, type PartitionEnds, type Source } from '@silt/core'
import { startOffset, type PlannedStart } from './start-from.ts'

interface SentStart {
  readonly id: string
  readonly data: Json
  /** When it is to be sent (again), ms by the planning clock. */
  readonly dueMs: number
  readonly delayMs: number
}

export interface StartSettings {
  readonly topic: string
  readonly replanAfterMs: number
  readonly replanAfterMaxMs: number
}

/**
 * Starts sent and not yet seen in the log (I3a). An offset is resolved once and remembered, so sending again asks for the same;
 * the first one committed counts, whoever sent it.
 */
export class StartJobs {
  readonly #sent = new Map<number, SentStart>()
  readonly #source: Source
  readonly #settings: StartSettings

  constructor(source: Source, settings: StartSettings) {
    this.#source = source
    this.#settings = settings
  }

  get isPending(): boolean {
    return this.#sent.size > 0
  }

  has(id: string): boolean {
    return [...this.#sent.values()].some((each) => each.id === id)
  }

  /** Forgets starts of partitions that are no longer wanted: seen in the log, or stopped. */
  keep(wanted: ReadonlySet<number>): void {
    for (const partition of this.#sent.keys()) if (!wanted.has(partition)) this.#sent.delete(partition)
  }

  /** Jobs to send now: new starts, and those whose answer is overdue. */
  async due(
    planned: readonly PlannedStart[],
    tableId: string,
    nowMs: number,
  ): Promise<readonly { id: string; data: Json }[]> {
    await this.#resolve(
      planned.filter((each) => !this.#sent.has(each.topicPartition.partition)),
      tableId,
      nowMs,
    )
    const due: SentStart[] = []
    for (const [partition, sent] of this.#sent) {
      if (sent.dueMs > nowMs) continue
      const dueMs = nowMs + sent.delayMs
      this.#sent.set(partition, {
        ...sent,
        dueMs,
        delayMs: Math.min(sent.delayMs * 2, this.#settings.replanAfterMaxMs),
      })
      due.push(sent)
    }
    return due
  }

  async #resolve(planned: readonly PlannedStart[], tableId: string, nowMs: number): Promise<void> {
    if (planned.length === 0) return
    const { topic, replanAfterMs } = this.#settings
    const partitions = planned.map((each) => each.topicPartition.partition)
    const ends = await this.#source.ends(topic, partitions)
    const times = new Map<number, number>()
    for (const timeMs of new Set(planned.flatMap(({ from }) => (from.kind === 'time' ? [from.timeMs] : []))))
      for (const [partition, offset] of await this.#source.offsetAtTime(topic, partitions, timeMs))
        times.set(partition, offset)
    // Offsets are asked for by name: those of a topic made again since its id was read are not the old log's.
    const now = await this.#source.partitions(topic)
    for (const { topicPartition, from } of planned) {
      const { partition, topicId } = topicPartition
      const known: PartitionEnds | undefined = ends.find((each) => each.partition === partition)
      if (known === undefined || !isStillThere(topicPartition, now)) continue
      const offset = startOffset(from, known, times.get(partition))
      const job: StartCommitJob = {
        v: jobVersion,
        tableId,
        topic,
        topicId,
        kind: 'start',
        partition,
        offset,
        first: offset,
      }
      const id = `start-${sha256Hex(canonicalJson({ tableId, topicId, partition, offset })).slice(0, 16)}`
      this.#sent.set(partition, { id, data: encodeCommitJob(job), dueMs: nowMs, delayMs: replanAfterMs })
    }
  }
}
