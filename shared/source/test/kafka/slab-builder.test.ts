import { createHash } from 'node:crypto'
import { isSiltError } from '@silt/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locateBatches, verifyChecksum } from '../../src/kafka/batch/record-batch.ts'
import { SlabBuilder } from '../../src/kafka/batch/slab-builder.ts'
import { encodeBatch, resealed, type TestBatch, type TestRecord } from './batch-encoder.ts'
import { slabRecords } from './slab-records.ts'

const place = { topic: 'events', partition: 3 }
const limits = { batchBytesMax: 1 << 24, recordBytesMax: 1 << 20 }

function read(bytes: Buffer, from = 0, to = Number.MAX_SAFE_INTEGER, within = limits) {
  const builder = new SlabBuilder(place, within)
  for (const batch of locateBatches(bytes, place)) {
    verifyChecksum(batch, place)
    builder.add(batch, from, to)
  }
  return builder.take(from, to)
}

function failure(run: () => unknown): { code: string; kind: string; context: unknown } {
  try {
    run()
  } catch (error) {
    if (isSiltError(error)) return { code: error.code, kind: error.kind, context: error.context }
    throw error
  }
  throw new Error('nothing was thrown')
}

const records: readonly TestRecord[] = [
  { offset: 2 ** 31 + 5, key: 'k', value: 'one', timestampMs: 1_800_000_000_000 },
  { offset: 2 ** 31 + 6, key: null, value: null, timestampMs: 1_799_999_999_000 },
  {
    offset: 2 ** 31 + 9,
    key: '',
    value: '',
    headers: [
      ['trace', 'abc'],
      ['empty', null],
    ],
  },
]

describe('reading record batches', () => {
  it.each(['none', 'gzip', 'snappy', 'snappy-xerial', 'lz4', 'zstd'] as const)(
    'reads keys, values, headers and times: %s',
    (codec) => {
      const slab = read(encodeBatch({ records, codec }))
      expect(slabRecords(slab)).toEqual([
        { offset: 2 ** 31 + 5, timestampMs: 1_800_000_000_000, key: 'k', value: 'one', headers: null },
        { offset: 2 ** 31 + 6, timestampMs: 1_799_999_999_000, key: null, value: null, headers: null },
        {
          offset: 2 ** 31 + 9,
          timestampMs: 1_700_000_000_000,
          key: '',
          value: '',
          headers: '\x04\x0atrace\x06abc\x0aempty\x01',
        },
      ])
    },
  )

  it('takes the broker time of a log-append-time batch for all its records', () => {
    const slab = read(encodeBatch({ records, logAppendTimeMs: 1_900_000_000_000 }))
    expect([...slab.timestampsMs]).toEqual([1_900_000_000_000, 1_900_000_000_000, 1_900_000_000_000])
  })

  it.each([2n ** 63n - 1n, -(2n ** 63n), 9_161_370_000_000_001n, 2n ** 53n + 1n])(
    'keeps the times of good records to the millisecond beside one of %s, first or later',
    (absurd) => {
      const good = [1_700_000_000_001, 1_799_999_999_999, 0]
      for (const at of [0, 1, 3]) {
        const times: (number | bigint)[] = [...good]
        times.splice(at, 0, absurd)
        const slab = read(encodeBatch({ records: times.map((timestampMs, offset) => ({ offset, timestampMs })) }))
        expect([...slab.timestampsMs]).toEqual(times.map(Number))
      }
    },
  )

  it('trims batches that overlap the start and the end of a range', () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ offset: 100 + index, value: `v${index}` }))
    const bytes = Buffer.concat([encodeBatch({ records: many.slice(0, 6) }), encodeBatch({ records: many.slice(6) })])
    expect(slabRecords(read(bytes, 103, 108)).map(({ offset }) => offset)).toEqual([103, 104, 105, 106, 107])
  })

  it('reads a batch that compaction has emptied', () => {
    expect(read(encodeBatch({ records: [], baseOffset: 7, lastOffset: 9, codec: 'lz4' })).count).toBe(0)
  })

  it('leaves a cut-off last batch out', () => {
    const whole = encodeBatch({ records: [{ offset: 0, value: 'a' }] })
    const next = encodeBatch({ records: [{ offset: 1, value: 'b' }] })
    for (const bytes of [0, 11, 16, 17, 40, next.length - 1])
      expect(read(Buffer.concat([whole, next.subarray(0, bytes)])).count).toBe(1)
  })

  it('keeps the digest, not the bytes, of a value beyond the bound, and what stands around it', () => {
    const value = 'x'.repeat(5000)
    const slab = read(
      encodeBatch({
        records: [
          { offset: 0, value: 'a' },
          { offset: 1, key: 'k', value, headers: [['h', 'v']] },
          { offset: 2, value: 'c' },
        ],
      }),
      0,
      3,
      { ...limits, recordBytesMax: 4999 },
    )
    expect(slabRecords(slab).map(({ key, value, headers }) => ({ key, value, headers }))).toEqual([
      { key: null, value: 'a', headers: null },
      { key: 'k', value: null, headers: '\x02\x02h\x02v' },
      { key: null, value: 'c', headers: null },
    ])
    expect([...slab.oversized]).toEqual([
      [1, { lengthBytes: 5000, sha256Hex: createHash('sha256').update(value).digest('hex') }],
    ])
    expect(slab.bytes.length).toBeLessThan(200)
  })

  it('builds slab after slab without one leaking into the next', () => {
    const builder = new SlabBuilder(place, limits)
    const [batch] = locateBatches(encodeBatch({ records: [{ offset: 0, value: 'a' }] }), place)
    if (batch === undefined) throw new Error('no batch')
    builder.add(batch, 0, 1)
    const first = builder.take(0, 1)
    builder.add(batch, 0, 1)
    const second = builder.take(0, 1)
    expect(slabRecords(second)).toEqual(slabRecords(first))
    expect(first.bytes.buffer).not.toBe(second.bytes.buffer)
    expect(first.bytes.byteLength).toBe(first.bytes.buffer.byteLength)
  })
})

describe('refusing record batches', () => {
  const context = { topic: 'events', partition: 3, baseOffset: 40 }
  const good = (): Buffer =>
    encodeBatch({
      records: [
        { offset: 40, value: 'abc' },
        { offset: 41, value: 'def' },
      ],
    })

  it('names the place of a batch whose checksum is wrong', () => {
    const bytes = good()
    bytes[70] = (bytes[70] ?? 0) ^ 1
    expect(failure(() => read(bytes))).toEqual({ code: 'source/corrupt', kind: 'data', context })
  })

  it.each([0, 1])('names message format %i as the one it does not read', (magic) => {
    const bytes = good()
    bytes[16] = magic
    expect(failure(() => read(bytes))).toEqual({
      code: 'source/unsupported',
      kind: 'unsupported',
      context: { ...context, magic },
    })
  })

  it('refuses an unknown compression by number', () => {
    const bytes = good()
    bytes[22] = 5
    expect(failure(() => read(resealed(bytes))).code).toBe('source/unsupported')
  })

  it.each<[string, (bytes: Buffer) => void]>([
    ['more records than bytes for them', (bytes) => bytes.writeInt32BE(2_000_000_000, 57)],
    ['fewer records than its bytes hold', (bytes) => bytes.writeInt32BE(1, 57)],
    ['a negative count', (bytes) => bytes.writeInt32BE(-1, 57)],
    ['a last offset before its first', (bytes) => bytes.writeInt32BE(-1, 23)],
    ['an offset behind its last', (bytes) => bytes.writeInt32BE(0, 23)],
    ['a negative base offset', (bytes) => bytes.writeBigInt64BE(-5n, 0)],
    ['a base offset beyond 2^53', (bytes) => bytes.writeBigInt64BE(2n ** 60n, 0)],
  ])('refuses %s', (_what, damage) => {
    const bytes = good()
    damage(bytes)
    expect(failure(() => read(resealed(bytes))).code).toBe('source/corrupt')
  })

  it('refuses offsets that do not ascend, in a batch and from batch to batch', () => {
    const descending = encodeBatch({ records: [{ offset: 41 }, { offset: 40 }], baseOffset: 40, lastOffset: 41 })
    expect(failure(() => read(descending)).code).toBe('source/corrupt')
    expect(failure(() => read(Buffer.concat([good(), good()]))).code).toBe('source/corrupt')
  })

  it('decodes or refuses any damage behind a valid checksum, in bounded time and memory', () => {
    const codecs = ['none', 'gzip', 'snappy', 'snappy-xerial', 'lz4', 'zstd'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...codecs),
        fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (codec, values, changes) => {
          const batch: TestBatch = {
            codec,
            records: values.map((value, offset) => ({
              offset,
              value,
              key: value.slice(0, 5),
              headers: [['h', value]],
            })),
          }
          const bytes = encodeBatch(batch)
          for (const [at, byte] of changes) bytes[21 + (at % (bytes.length - 21))] = byte
          try {
            const slab = read(resealed(bytes), 0, Number.MAX_SAFE_INTEGER, {
              batchBytesMax: 1 << 20,
              recordBytesMax: 1 << 16,
            })
            for (let row = 0; row < slab.count; row++) {
              expect(slab.valueEnds[row] ?? 0).toBeLessThanOrEqual(slab.bytes.length)
              expect(slab.headerEnds[row] ?? 0).toBeLessThanOrEqual(slab.bytes.length)
            }
          } catch (error) {
            if (!isSiltError(error)) throw error
            expect(['source/corrupt', 'source/unsupported']).toContain(error.code)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
