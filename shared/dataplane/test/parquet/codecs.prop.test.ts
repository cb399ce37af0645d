import fc from 'fast-check'
import { snappyUncompress } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { codecOf } from '../../src/parquet/codec.ts'
import { Engine } from '../../src/wasm/engine.ts'

const engine = new Engine()

/** Texts that repeat near and far, runs, noise, and every short length. */
const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(5), { maxLength: 400 }),
    )
    .map(([words, picks]) => Buffer.concat(picks.map((pick) => words[pick % words.length]!))),
  fc
    .tuple(fc.nat(255), fc.nat(200_000), fc.uint8Array({ maxLength: 20 }))
    .map(([byte, length, tail]) => Buffer.concat([Buffer.alloc(length, byte), tail])),
  fc
    .tuple(fc.uint8Array({ minLength: 100, maxLength: 3000 }), fc.integer({ min: 60_000, max: 140_000 }))
    .map(([noise, gap]) => Buffer.concat([noise, Buffer.alloc(gap).map((_, index) => (index * index) >> 3), noise])),
)

function compressed(name: 'snappy' | 'lz4_raw' | 'zstd' | 'none', input: Uint8Array): Buffer {
  const at = engine.copyIn(input)
  const output = codecOf(engine, name, 1).compress(at, input.byteLength)
  engine.exports.release(at)
  return output
}

describe('codecs of the plane', () => {
  it('snappy is read back', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const output = new Uint8Array(input.byteLength)
        const packed = compressed('snappy', input)
        snappyUncompress(packed, output)
        expect(Buffer.compare(output, input)).toBe(0)
        expect(packed.byteLength).toBeLessThanOrEqual(engine.exports.snappyBound(input.byteLength))
      }),
      { numRuns: 300 },
    )
  })

  it('lz4_raw is read back', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        // No page is empty, and hyparquet takes no empty block.
        fc.pre(input.byteLength > 0)
        const packed = compressed('lz4_raw', input)
        const output = compressors.LZ4_RAW!(packed, input.byteLength)
        expect(Buffer.compare(output, input)).toBe(0)
        expect(packed.byteLength).toBeLessThanOrEqual(engine.exports.lz4Bound(input.byteLength))
      }),
      { numRuns: 300 },
    )
  })

  it('make what repeats small', () => {
    const text = Buffer.from('the same words, again and again. '.repeat(3000))
    for (const name of ['snappy', 'lz4_raw', 'zstd'] as const)
      expect(compressed(name, text).byteLength).toBeLessThan(text.byteLength / 15)
  })
})
