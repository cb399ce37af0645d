import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBatch, type TestBatch } from '../../../source/test/kafka/batch-encoder.ts'
import { mutated } from './mutated.ts'
import { readBothWays } from './differential.ts'
import { onEachBuild } from '../each-build.ts'

const codecs = ['none', 'gzip', 'snappy', 'snappy-xerial', 'lz4', 'zstd'] as const
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', 'x'.repeat(200), 'y'.repeat(201), 'z'.repeat(900)),
)
const timestamp = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000_000_000 }).map(BigInt),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -1n, 9_161_370_000_000_001n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)
const record = fc.record({
  gap: fc.oneof(fc.constant(0), fc.nat(200)),
  key: fc.option(text),
  value: fc.option(text),
  timestampMs: timestamp,
  headers: fc.array(fc.tuple(text, fc.option(text)), { maxLength: 3 }),
})
const batch: fc.Arbitrary<TestBatch> = fc
  .record({
    codec: fc.constantFrom(...codecs),
    base: fc.oneof(fc.nat(1000), fc.constant(2 ** 52)),
    records: fc.array(record, { maxLength: 25 }),
    logAppendTimeMs: fc.option(fc.integer({ min: -1, max: 2_000_000_000_000 }), { nil: undefined }),
  })
  .map(({ codec, base, records, logAppendTimeMs }) => {
    let offset = base - 1
    const placed = records.map(({ gap, ...each }) => ({ ...each, offset: (offset += 1 + gap) }))
    return { codec, baseOffset: base, records: placed, ...(logAppendTimeMs === undefined ? {} : { logAppendTimeMs }) }
  })

onEachBuild((plane, runs) => {
  describe('reading record batches in the plane', () => {
    it('gives the records that the slab builder gives, of all codecs, and none that are not asked for', () => {
      fc.assert(
        fc.property(batch, fc.nat(60), fc.nat(200), (each, skipped, wanted) => {
          const bytes = encodeBatch(each)
          const from = (each.baseOffset ?? 0) + skipped
          const [all] = readBothWays(plane, bytes)
          expect(all).toHaveLength(each.records.length)
          readBothWays(plane, bytes, from, from + wanted)
        }),
        { numRuns: runs(400) },
      )
    })

    it('reads batch after batch into one slab, and one after the other', () => {
      const bytes = Buffer.concat(
        codecs.map((codec, index) =>
          encodeBatch({ codec, records: [{ offset: index, key: codec, value: codec.repeat(10 + index) }] }),
        ),
      )
      const outcomes = readBothWays(plane, bytes)
      expect(outcomes).toHaveLength(codecs.length)
      expect(outcomes.every((outcome) => outcome.length === 1)).toBe(true)
    })

    it('takes and refuses the same mutants', () => {
      fc.assert(
        fc.property(batch, fc.integer(), (each, seed) => {
          readBothWays(plane, mutated(encodeBatch(each), seed))
        }),
        { numRuns: runs(1500) },
      )
    })

    it('reads varints longer than they need be as the slab builder does, and refuses them where it does', () => {
      const none = Buffer.from([0x01])
      const padded = (bytes: number, value = 0): Buffer => Buffer.from([...Array<number>(bytes - 1).fill(0x80), value])
      const area = (length: number, timestamp: number, keyLength: number): Buffer => {
        const body = Buffer.concat([padded(1), padded(timestamp), padded(1), padded(keyLength), none, padded(1)])
        return Buffer.concat([Buffer.from([(2 * body.length) | 0x80]), padded(length - 1), body])
      }
      const outcome = (records: Buffer): unknown => {
        const whole = Buffer.concat([encodeBatch({ records: [{ offset: 0 }] }).subarray(0, 61), records])
        whole.writeInt32BE(whole.length - 12, 8)
        return readBothWays(plane, whole)[0]
      }
      expect(outcome(area(5, 10, 5))).toHaveLength(1)
      for (const records of [area(6, 1, 1), area(2, 11, 1), area(2, 1, 6)]) expect(outcome(records)).toBe('refused')
    })

    it('refuses a batch cut anywhere, as the slab builder does', () => {
      for (const codec of codecs) {
        const records = [0, 1, 2].map((offset) => ({
          offset,
          key: 'k',
          value: `value ${offset}`.repeat(4),
          headers: [['h', 'v']] as const,
        }))
        const whole = encodeBatch({ codec, records })
        for (let length = 62; length < whole.length; length++) {
          const cut = Buffer.from(whole.subarray(0, length))
          cut.writeInt32BE(length - 12, 8)
          readBothWays(plane, cut)
        }
      }
    })
  })
})
