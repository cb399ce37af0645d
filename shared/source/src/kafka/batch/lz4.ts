import type { ByteArena } from './byte-arena.ts'
import { MalformedBatch } from './malformed-batch.ts'
import { copyWords, OVERLAP_MIN, SLACK_BYTES, viewOf } from './word-copy.ts'

const MAGIC = 0x184d2204

/**
 * Appends the content of one LZ4 frame, as Kafka stores it in a record batch with compression 3.
 *
 *     frame    => magic:u32le FLG BD [content size:u64le] HC block* 0:u32le [content checksum:u32le]
 *     FLG      => bits 7-6 version (01), 5 blocks independent, 4 block checksum, 3 content size, 2 content checksum, 0 dictionary
 *     BD       => bits 6-4 largest block: 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB
 *     block    => size:u32le (bit 31: stored) bytes [checksum:u32le]
 *     bytes    => (token literal-length* literals offset:u16le match-length*)*, the last sequence ends after its literals
 *
 * Checksums are skipped: the batch's CRC covers every byte. Bounded: reads stay in `input`, at most `contentBytesMax` are written.
 * Throws `MalformedBatch`.
 */
export function appendLz4Frame(input: Uint8Array, arena: ByteArena, contentBytesMax: number): void {
  if (input.length < 11 || u32le(input, 0) !== MAGIC) throw new MalformedBatch('no LZ4 frame')
  const flags = input[4] as number
  if (flags >>> 6 !== 1) throw new MalformedBatch(`LZ4 frame version ${flags >>> 6}`)
  if ((flags & 1) !== 0) throw new MalformedBatch('an LZ4 frame with a dictionary')
  const sizeCode = ((input[5] as number) >>> 4) & 7
  if (sizeCode < 4) throw new MalformedBatch(`LZ4 block size code ${sizeCode}`)
  const blockBytesMax = 1 << (8 + 2 * sizeCode)
  const checksumBytes = (flags & 16) !== 0 ? 4 : 0
  const independent = (flags & 32) !== 0
  const frameStart = arena.length
  let at = (flags & 8) !== 0 ? 15 : 7
  for (;;) {
    if (at + 4 > input.length) throw new MalformedBatch('a cut-off LZ4 frame')
    const word = u32le(input, at)
    at += 4
    if (word === 0) return
    const size = word & 0x7fffffff
    if (size > input.length - at) throw new MalformedBatch('an LZ4 block beyond its frame')
    const roomBytes = Math.min(blockBytesMax, frameStart + contentBytesMax - arena.length)
    if (word >= 0x80000000) {
      if (size > roomBytes) throw new MalformedBatch('an LZ4 block beyond its bound')
      arena.append(input.subarray(at, at + size))
    } else {
      arena.reserve(roomBytes + SLACK_BYTES)
      const low = independent ? arena.length : frameStart
      arena.length = lz4Block(input, at, at + size, arena.bytes, arena.length, arena.length + roomBytes, low)
    }
    at += size + checksumBytes
  }
}

/**
 * Decodes one block; matches reach back no further than `low`. Returns the end of what was written.
 * `output` goes on for `SLACK_BYTES` behind `outputEnd`.
 */
function lz4Block(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outputStart: number,
  outputEnd: number,
  low: number,
): number {
  const source = viewOf(input)
  const target = viewOf(output)
  let at = start
  let to = outputStart
  while (at < end) {
    const token = input[at++] as number
    let literals = token >>> 4
    if (literals === 15) {
      let byte: number
      do {
        if (at >= end) throw new MalformedBatch('an LZ4 length beyond its block')
        byte = input[at++] as number
        literals += byte
      } while (byte === 255)
    }
    if (literals > end - at || literals > outputEnd - to) throw new MalformedBatch('LZ4 literals beyond their block')
    if (literals <= input.length - SLACK_BYTES - at) {
      copyWords(source, at, target, to, literals)
      at += literals
      to += literals
    } else for (const stop = at + literals; at < stop;) output[to++] = input[at++] as number
    if (at === end) return to
    if (end - at < 2) throw new MalformedBatch('a cut-off LZ4 match')
    const distance = (input[at] as number) | ((input[at + 1] as number) << 8)
    at += 2
    let length = token & 15
    if (length === 15) {
      let byte: number
      do {
        if (at >= end) throw new MalformedBatch('an LZ4 length beyond its block')
        byte = input[at++] as number
        length += byte
      } while (byte === 255)
    }
    length += 4
    let from = to - distance
    if (distance === 0 || from < low || length > outputEnd - to) throw new MalformedBatch('an LZ4 match out of bounds')
    if (distance >= OVERLAP_MIN) {
      copyWords(target, from, target, to, length)
      to += length
    } else for (const stop = to + length; to < stop;) output[to++] = output[from++] as number
  }
  throw new MalformedBatch('an LZ4 block that ends in a match')
}

function u32le(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  )
}
