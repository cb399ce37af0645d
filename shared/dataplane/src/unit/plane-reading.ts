import { BatchReader, type BatchReaderLimits, type LocatedBatch } from '../batch/batch-reader.ts'
import { planeLanding, type PlaneAnswer } from '../batch/plane-landing.ts'
import type { PlaneSlab } from '../batch/plane-slab.ts'
import type { GuardedPlane } from './guarded-plane.ts'

export interface PlaneReadingLimits extends BatchReaderLimits {
  /** Answers of a broker that are larger land outside the plane. */
  readonly answerBytesMax: number
}

/** A plane as a source reads into it: `KafkaSource`'s options `landing` and `collectorOf`. */
export interface PlaneReading {
  readonly landing: () => PlaneAnswer
  readonly collectorOf: (partition: number) => PlaneCollector
}

export type PlaneCollector = Pick<BatchReader, 'count' | 'sizeBytes' | 'crc32c' | 'add' | 'take' | 'close'>

/** Errors of all calls, but of those that give back: `GuardedPlane.run`'s. What is given back to a plane given up goes with it. */
export function planeReading(plane: GuardedPlane, { answerBytesMax, ...limits }: PlaneReadingLimits): PlaneReading {
  const spareBytes = (): number => plane.spareBytes
  const landing = planeLanding(plane.engine, answerBytesMax, spareBytes)
  return {
    landing: () => {
      const answer = landing()
      return {
        take: (sizeBytes) => plane.run(() => answer.take(sizeBytes)),
        release: () => {
          if (!plane.isGivenUp) plane.run(() => answer.release())
        },
      }
    },
    collectorOf: (partition) =>
      new GuardedReader(
        plane,
        plane.run(() => new BatchReader(plane.engine, partition, limits, spareBytes)),
      ),
  }
}

class GuardedReader implements PlaneCollector {
  readonly #plane: GuardedPlane
  readonly #reader: BatchReader

  constructor(plane: GuardedPlane, reader: BatchReader) {
    this.#plane = plane
    this.#reader = reader
  }

  get count(): number {
    return this.#reader.count
  }

  get sizeBytes(): number {
    return this.#reader.sizeBytes
  }

  crc32c(bytes: Uint8Array): number | undefined {
    return this.#plane.run(() => this.#reader.crc32c(bytes))
  }

  add(batch: LocatedBatch, from: number, to: number): boolean {
    return this.#plane.run(() => this.#reader.add(batch, from, to))
  }

  take(start: number, nextOffset: number): PlaneSlab {
    return this.#plane.run(() => this.#reader.take(start, nextOffset))
  }

  close(): void {
    if (!this.#plane.isGivenUp) this.#plane.run(() => this.#reader.close())
  }
}
