import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../source/test/kafka/batches.ts'
import { placedAtEnd } from './plane.ts'
import { lz4FrameOf, pieces, snappyOf, type Compressed } from './random-content.ts'
import { onEachBuild } from '../each-build.ts'

const CONTENT_BYTES_MAX = 1 << 22

onEachBuild((plane, runs) => {
  /** Decompressed as the records of a batch of codec 2 or 3. */
  function decompressed(codec: number, input: Uint8Array, bytesMax = CONTENT_BYTES_MAX): Buffer | 'refused' {
    const batch = Buffer.concat([Buffer.alloc(61), input])
    batch[22] = codec
    const { byteOffset, length } = placedAtEnd(plane, batch, 0xff)
    const { newSlab, inflate, receive, releaseSlab } = plane.exports
    const slab = newSlab(1)
    // Not the first of the slab: the content before it must stay.
    const before = receive(slab, 0)
    const size = inflate(slab, byteOffset, byteOffset + length, bytesMax)
    const content = size < 0 ? 'refused' : Buffer.from(plane.bytes.subarray(before, before + size))
    releaseSlab(slab)
    return content
  }

  function expectContent(codec: number, { compressed, content }: Compressed): void {
    const found = decompressed(codec, compressed)
    if (found === 'refused' || !found.equals(content)) expect(found).toEqual(content)
  }

  describe('lz4', () => {
    it('gives back pieces of all lengths, distances and overlaps, in linked and independent blocks', () => {
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 4 }), fc.boolean(), (blocks, isLinked) => {
          expectContent(3, lz4FrameOf(blocks, isLinked))
        }),
        { numRuns: runs(300) },
      )
    })

    it('reads what a linked block repeats of the one before, and refuses it of an independent one', () => {
      const block = [{ literals: Buffer.from('abcdef') }]
      const { compressed, content } = lz4FrameOf([block, [{ distance: 6, length: 40 }]], true)
      expect(decompressed(3, compressed)).toEqual(content)
      const independent = Buffer.from(compressed)
      independent[4] = 0x60
      expect(decompressed(3, independent)).toBe('refused')
    })

    it('does not overflow on a length that goes on for ever', () => {
      const size = Buffer.alloc(4)
      const endless = Buffer.concat([Buffer.from([0xf0]), Buffer.alloc(17_000_000, 255), Buffer.from([0])])
      size.writeUInt32LE(endless.length)
      const frame = Buffer.concat([
        Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0]),
        size,
        endless,
        Buffer.alloc(4),
      ])
      expect(decompressed(3, frame)).toBe('refused')
    })

    it('stops at the bound on what comes out', () => {
      const { compressed, content } = lz4FrameOf(
        [[{ literals: Buffer.from('abc') }, { distance: 3, length: 900 }]],
        true,
      )
      expect(decompressed(3, compressed, content.length)).toEqual(content)
      expect(decompressed(3, compressed, content.length - 1)).toBe('refused')
    })
  })

  describe('snappy', () => {
    it('gives back literals and copies of every kind', () => {
      fc.assert(
        fc.property(pieces, (block) => expectContent(2, snappyOf(block))),
        { numRuns: runs(300) },
      )
    })

    it('stops at the bound on what comes out', () => {
      const { compressed, content } = snappyOf([{ literals: Buffer.from('abc') }, { distance: 3, length: 64 }])
      expect(decompressed(2, compressed, content.length)).toEqual(content)
      expect(decompressed(2, compressed, content.length - 1)).toBe('refused')
    })
  })

  describe('CRC-32C', () => {
    it('is what others compute, of any length and alignment', () => {
      const check = (bytes: Uint8Array): void => {
        const { byteOffset, length } = placedAtEnd(plane, bytes, 0xff)
        expect(plane.exports.crc32c(byteOffset, length) >>> 0).toBe(crc32c(bytes) >>> 0)
      }
      check(Buffer.from('123456789'))
      const noise = Buffer.from(
        Array.from({ length: 20_000 }, (_, index) => (Math.imul(index, 2_654_435_761) >>> 13) & 255),
      )
      for (let length = 0; length < 400; length++) check(noise.subarray(length, 2 * length))
      for (let length = 1200; length < 1500; length++) check(noise.subarray(0, length))
      for (const length of [4095, 4096, 4386, 4387, 4418, 8191, 8482, 8483, 12_578, 20_000])
        check(noise.subarray(0, length))
      fc.assert(
        fc.property(fc.nat(19_999), fc.nat(64), (end, start) => check(noise.subarray(start, Math.max(start, end)))),
      )
    })
  })
})
