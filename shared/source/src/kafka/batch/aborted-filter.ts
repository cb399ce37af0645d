import type { AbortedTransaction } from '../wire/fetch.ts'
import { isAbortMarker, type BatchPlace, type RecordBatch } from './record-batch.ts'

/**
 * Tells which batches of one Fetch response belong to aborted transactions, by the Java client's rule
 * (CompletedFetch.nextFetchedRecord): taken in offset order, an aborted transaction becomes active for its producer once
 * its first offset is at or before a batch's last; the producer's abort marker ends it; in between that producer's
 * transactional batches are dropped.
 *
 * Made anew for each response: the list a broker sends covers exactly the batches it sends.
 * `isAborted` is to be asked once per batch, in order.
 */
export class AbortedFilter {
  readonly #pending: AbortedTransaction[]
  readonly #active = new Set<bigint>()
  readonly #place: BatchPlace

  constructor(aborted: readonly AbortedTransaction[], place: BatchPlace) {
    // Taken from the end: cheaper than shifting.
    this.#pending = aborted.toSorted((a, b) => b.firstOffset - a.firstOffset)
    this.#place = place
  }

  isAborted(batch: RecordBatch): boolean {
    if (batch.producerId < 0n) return false
    for (
      let next = this.#pending.at(-1);
      next !== undefined && next.firstOffset <= batch.lastOffset;
      next = this.#pending.at(-1)
    ) {
      this.#active.add(next.producerId)
      this.#pending.pop()
    }
    if (isAbortMarker(batch, this.#place)) {
      this.#active.delete(batch.producerId)
      return false
    }
    return batch.transactional && this.#active.has(batch.producerId)
  }
}
