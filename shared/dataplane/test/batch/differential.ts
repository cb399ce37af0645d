import { isSiltError, type RecordSlab } from '@silt/core'
import { deepStrictEqual } from 'node:assert'
import { locateBatches, SlabBuilder, type RecordBatch } from '../../../source/test/kafka/batches.ts'
import type { Engine } from '../../src/wasm/engine.ts'
import { BatchReader } from '../../src/batch/batch-reader.ts'
import { placedAtEnd } from './plane.ts'

const place = { topic: 'events', partition: 3 }
const limits = { batchBytesMax: 1 << 20, recordBytesMax: 200, batchRecordsMax: 1 << 20 }

/** Reused: making one costs more than a small batch. */
const builder = new SlabBuilder(place, limits)

/** What a reader of batches made of them: the records, or that it would not have them. */
export type Outcome = readonly string[] | 'refused'

/** Reads the batches both ways and requires the same of both; returns what that was, by batch. */
export function readBothWays(plane: Engine, bytes: Buffer, from = 0, to = Number.MAX_SAFE_INTEGER): Outcome[] {
  const reader = new BatchReader(plane, place.partition, limits)
  try {
    const outcomes: Outcome[] = []
    for (const [index, slack] of [0, 0xff].entries()) {
      const placed = located(placedAtEnd(plane, bytes, slack))
      for (const [nth, batch] of placed.entries()) {
        const before = Buffer.from(batch.bytes)
        const expected = index === 0 ? byBuilder(batch, from, to) : (outcomes[nth] as Outcome)
        const found = reader.add(batch, from, to) ? rows(reader.take(from, to)) : 'refused'
        if (!same(found, expected)) deepStrictEqual({ batch: nth, found }, { batch: nth, found: expected })
        if (!before.equals(batch.bytes)) throw new Error('the batch was written to')
        outcomes[nth] = expected
      }
    }
    return outcomes
  } finally {
    reader.close()
  }
}

function located(bytes: Buffer): readonly RecordBatch[] {
  try {
    return locateBatches(bytes, place)
  } catch (error) {
    if (isSiltError(error)) return []
    throw error
  }
}

function byBuilder(batch: RecordBatch, from: number, to: number): Outcome {
  try {
    builder.add(batch, from, to)
  } catch (error) {
    // What it had read of the batch is gone with it.
    builder.take(from, to)
    if (isSiltError(error, 'source/corrupt')) return 'refused'
    throw error
  }
  return rows(builder.take(from, to))
}

function same(a: Outcome, b: Outcome): boolean {
  return a.length === b.length && (typeof a === 'string' ? a === b : a.every((row, index) => row === b[index]))
}

function rows(slab: RecordSlab): string[] {
  const { offsets, timestampsMs, keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds, oversized } =
    slab
  const text = (start: number, end: number): string =>
    start < 0 ? `${start} ${end}` : `"${Buffer.from(slab.bytes.subarray(start, end)).toString('latin1')}"`
  return Array.from({ length: slab.count }, (_, row) => {
    const key = text(keyStarts[row] as number, keyEnds[row] as number)
    const value = text(valueStarts[row] as number, valueEnds[row] as number)
    const headers = text(headerStarts[row] as number, headerEnds[row] as number)
    const cut = oversized.get(row)
    const over = cut === undefined ? '' : `${cut.lengthBytes} ${cut.sha256Hex}`
    return [offsets[row], timestampsMs[row], key, value, headers, over].join(' | ')
  })
}
