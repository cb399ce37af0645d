import { describe, expect, it } from 'vitest'
import { encodeBatch, type TestRecord } from '../../../source/test/kafka/batch-encoder.ts'
import { locateBatches } from '../../../source/test/kafka/batches.ts'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { leaveRoom } from './unit-fixtures.ts'

const MIB = 1024 * 1024
const limits = { answerBytesMax: 32 * MIB, batchBytesMax: 64 * MIB, batchRecordsMax: 1 << 20, recordBytesMax: 16 * MIB }
const one = (bytes: number): TestRecord[] => [{ offset: 0, value: Buffer.alloc(bytes, 'a') }]
const many = Array.from({ length: 20_000 }, (_, offset) => ({ offset, value: 'a' }))

/** Whether a plane with so much room beyond what it reserves takes an answer, and whether it takes the batch in it. */
function take(spareBytes: number, bytes: Buffer): { landed: boolean; read: boolean } {
  const engine = new Engine()
  leaveRoom(engine, engine.bytes.length / 4 + spareBytes)
  const encoder = new PlaneEncoder({ engine, touchedBytesMax: engine.bytes.length })
  const reading = encoder.reading(limits)
  const answer = reading.landing()
  const landed = answer.take(bytes.byteLength)
  landed.set(bytes)
  const collector = reading.collectorOf(0)
  const [batch] = locateBatches(landed, { topic: 'events', partition: 0 })
  const read = collector.add(batch!, 0, Number.MAX_SAFE_INTEGER)
  collector.close()
  answer.release()
  expect(encoder.isSpent).toBe(false)
  return { landed: landed.buffer === engine.bytes.buffer, read }
}

describe('what a plane cannot spare is read outside of it', () => {
  it.each([
    ['zstd', 0.3, 40],
    ['gzip', 0.3, 40],
    ['lz4', 0.3, 40],
    ['snappy', 2, 40],
  ] as const)('a batch of 5 MiB by %s', (codec, little, enough) => {
    const bytes = encodeBatch({ records: one(5 * MIB), codec })
    expect(take(enough * MIB, bytes)).toEqual({ landed: true, read: true })
    expect(take(little * MIB, bytes)).toEqual({ landed: true, read: false })
    expect(take(0, bytes)).toEqual({ landed: false, read: false })
  })

  it('an answer, whose block may be twice its size', () => {
    const bytes = encodeBatch({ records: one(5 * MIB) })
    expect(take(40 * MIB, bytes)).toEqual({ landed: true, read: true })
    expect(take(9 * MIB, bytes)).toEqual({ landed: false, read: false })
  })

  it('the arrays of many records', () => {
    const bytes = encodeBatch({ records: many })
    expect(take(8 * MIB, bytes)).toEqual({ landed: true, read: true })
    expect(take(2 * MIB, bytes)).toEqual({ landed: true, read: false })
  })
})
