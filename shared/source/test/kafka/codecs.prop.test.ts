import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteArena } from '../../src/kafka/batch/byte-arena.ts'
import { appendDecompressed, type Codec } from '../../src/kafka/batch/decompress.ts'
import { MalformedBatch } from '../../src/kafka/batch/malformed-batch.ts'
import { VarintCursor } from '../../src/kafka/batch/varint-cursor.ts'
import { zigzag } from './batch-encoder.ts'
import { lz4Frame, snappyRaw, snappyXerial } from './tiny-compressors.ts'

const MIB = 1024 * 1024
const encoders: readonly (readonly [string, Codec, (bytes: Uint8Array) => Buffer])[] = [
  ['lz4', 'lz4', (bytes) => lz4Frame(bytes)],
  [
    'lz4 with content size and block checksums',
    'lz4',
    (bytes) => lz4Frame(bytes, { contentSize: true, blockChecksum: true }),
  ],
  ['snappy', 'snappy', snappyRaw],
  ['snappy in xerial framing', 'snappy', snappyXerial],
  ['gzip', 'gzip', (bytes) => gzipSync(bytes)],
  ['zstd', 'zstd', (bytes) => zstdCompressSync(bytes)],
  ['none', 'none', (bytes) => Buffer.from(bytes)],
]

/** Text that repeats itself near and far, so that matches of all lengths and distances arise. */
const repetitive = fc
  .array(
    fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('a', 'ab', 'abcdefgh', '{"user_id":"u-1","event":"click"}')),
    {
      maxLength: 200,
    },
  )
  .chain((pieces) => fc.array(fc.constantFrom('', ...pieces), { maxLength: 400 }))
  .map((pieces) => Buffer.from(pieces.join('')))

function decompressed(codec: Codec, input: Uint8Array, bytesMax = 64 * MIB): Buffer {
  const arena = new ByteArena()
  arena.append(Buffer.from('before'))
  appendDecompressed(codec, input, arena, bytesMax)
  expect(Buffer.from(arena.bytes.subarray(0, 6)).toString()).toBe('before')
  return Buffer.from(arena.bytes.subarray(6, arena.length))
}

describe.each(encoders)('%s', (_name, codec, encode) => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 3000 })), (bytes) => {
        expect(decompressed(codec, encode(bytes)).equals(Buffer.from(bytes))).toBe(true)
      }),
    )
  })

  it('gives back more than one block of it', () => {
    const line = Buffer.from('{"timestamp":"2026-11-22T10:00:00Z","channel":"web","user_id":"user-17"}')
    const bytes = Buffer.concat(
      Array.from({ length: 3000 }, (_, index) => Buffer.concat([line, Buffer.from(String(index))])),
    )
    expect(decompressed(codec, encode(bytes)).equals(bytes)).toBe(true)
  })

  it('stops at the bound on what comes out', () => {
    if (codec === 'none') return expect(decompressed(codec, Buffer.from('x'))).toHaveLength(1)
    const bytes = Buffer.alloc(200_000, 'abc')
    expect(() => decompressed(codec, encode(bytes), 100_000)).toThrow(MalformedBatch)
  })

  it('decodes or refuses damaged input, and writes nowhere else', () => {
    fc.assert(
      fc.property(
        repetitive,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat()),
        (bytes, changes, cut) => {
          const damaged = Buffer.from(encode(bytes))
          for (const [at, byte] of changes) if (damaged.length > 0) damaged[at % damaged.length] = byte
          const input = cut === null ? damaged : damaged.subarray(0, cut % (damaged.length + 1))
          try {
            expect(decompressed(codec, input, MIB).length).toBeLessThanOrEqual(MIB)
          } catch (error) {
            if (!(error instanceof MalformedBatch)) throw error
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('what is no compressed data at all', () => {
  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('%s refuses noise without reading beyond it', (codec) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        try {
          decompressed(codec, noise, MIB)
        } catch (error) {
          if (!(error instanceof MalformedBatch)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a cut-off gzip and zstd stream instead of handing out its beginning', () => {
    const bytes = Buffer.from('settle '.repeat(5000) + Math.PI)
    for (const [codec, whole] of [
      ['gzip', gzipSync(bytes)],
      ['zstd', zstdCompressSync(bytes)],
    ] as const)
      for (const cut of [1, 5, whole.length >> 1])
        expect(() => decompressed(codec, whole.subarray(0, whole.length - cut))).toThrow(MalformedBatch)
    expect(() => decompressed('gzip', deflateSync(bytes))).toThrow(MalformedBatch)
  })
})

describe('varints', () => {
  it('read back every 32-bit integer', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const bytes = zigzag(BigInt(value))
        const cursor = new VarintCursor(bytes, 0, bytes.length)
        expect(cursor.varint()).toBe(value)
        expect(cursor.at).toBe(bytes.length)
      }),
    )
  })

  it('read back every safe integer as a varlong, and what is beyond when asked for all its bits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer()), (value) => {
        const bytes = zigzag(BigInt(value))
        expect(new VarintCursor(bytes, 0, bytes.length).varlong()).toBe(value)
      }),
    )
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      const bytes = zigzag(value)
      const cursor = new VarintCursor(bytes, 0, bytes.length)
      expect(cursor.varlong()).toBeNaN()
      expect(cursor.at).toBe(bytes.length)
    }
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = zigzag(value)
        expect(new VarintCursor(bytes, 0, bytes.length).wideVarlong(0)).toBe(value)
      }),
    )
  })

  it('refuse to run over the end or on for ever', () => {
    const endless = Buffer.alloc(20, 0xff)
    expect(() => new VarintCursor(endless, 0, 20).varint()).toThrow(MalformedBatch)
    expect(() => new VarintCursor(endless, 0, 20).varlong()).toThrow(MalformedBatch)
    expect(() => new VarintCursor(endless, 0, 3).varlong()).toThrow(MalformedBatch)
    expect(() => new VarintCursor(endless, 0, 0).varint()).toThrow(MalformedBatch)
  })
})
