import type { ByteArena } from './byte-arena.ts'
import { MalformedBatch } from './malformed-batch.ts'
import { copyWords, OVERLAP_MIN, SLACK_BYTES, viewOf } from './word-copy.ts'

const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00] as const
const XERIAL_HEADER_BYTES = 16

/**
 * Appends the content of snappy data: one raw block, or the xerial framing that Java producers use.
 *
 *     xerial => 82 'SNAPPY' 00 version:i32 compatible:i32 (length:i32be raw{length})*
 *     raw    => total:uvarint element*
 *     element => tag (bits 1-0): 0 literal (length - 1 in bits 7-2, or in 1 to 4 bytes behind), 1/2/3 copy with 1/2/4 byte distance
 *
 * Bounded: reads stay in `input`, at most `contentBytesMax` are written. Throws `MalformedBatch`.
 */
export function appendSnappy(input: Uint8Array, arena: ByteArena, contentBytesMax: number): void {
  if (input.length < XERIAL_HEADER_BYTES || XERIAL_MAGIC.some((byte, index) => input[index] !== byte)) {
    rawBlock(input, 0, input.length, arena, contentBytesMax)
    return
  }
  const contentStart = arena.length
  for (let at = XERIAL_HEADER_BYTES; at < input.length;) {
    if (input.length - at < 4) throw new MalformedBatch('a cut-off snappy frame')
    const length =
      (input[at] as number) * 2 ** 24 +
      (((input[at + 1] as number) << 16) | ((input[at + 2] as number) << 8) | (input[at + 3] as number))
    at += 4
    if (length > input.length - at) throw new MalformedBatch('a snappy block beyond its frame')
    rawBlock(input, at, at + length, arena, contentStart + contentBytesMax - arena.length)
    at += length
  }
}

function rawBlock(input: Uint8Array, start: number, end: number, arena: ByteArena, bytesMax: number): void {
  let at = start
  let total = 0
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 28) throw new MalformedBatch('a snappy length that does not end')
    const byte = input[at++] as number
    total += (byte & 127) * 2 ** shift
    if (byte < 128) break
  }
  if (total > bytesMax) throw new MalformedBatch(`snappy content of ${total} bytes beyond its bound`)
  arena.reserve(total + SLACK_BYTES)
  const output = arena.bytes
  const source = viewOf(input)
  const target = viewOf(output)
  const low = arena.length
  const stop = low + total
  let to = low
  while (at < end) {
    const tag = input[at++] as number
    const kind = tag & 3
    if (kind === 0) {
      let length = tag >>> 2
      if (length >= 60) {
        const lengthBytes = length - 59
        if (end - at < lengthBytes) throw new MalformedBatch('a cut-off snappy literal')
        length = 0
        for (let index = 0; index < lengthBytes; index++) length += (input[at++] as number) * 2 ** (8 * index)
      }
      length++
      if (length > end - at || length > stop - to) throw new MalformedBatch('a snappy literal beyond its block')
      if (length <= input.length - SLACK_BYTES - at) {
        copyWords(source, at, target, to, length)
        at += length
        to += length
      } else for (const literalEnd = at + length; at < literalEnd;) output[to++] = input[at++] as number
      continue
    }
    const distanceBytes = kind === 3 ? 4 : kind
    if (end - at < distanceBytes) throw new MalformedBatch('a cut-off snappy copy')
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    let distance = input[at++] as number
    if (kind === 1) distance |= (tag >>> 5) << 8
    else for (let index = 1; index < distanceBytes; index++) distance += (input[at++] as number) * 2 ** (8 * index)
    let from = to - distance
    if (distance === 0 || from < low || length > stop - to) throw new MalformedBatch('a snappy copy out of bounds')
    if (distance >= OVERLAP_MIN) {
      copyWords(target, from, target, to, length)
      to += length
    } else for (const copyEnd = to + length; to < copyEnd;) output[to++] = output[from++] as number
  }
  if (to !== stop) throw new MalformedBatch('snappy content shorter than it says')
  arena.length = stop
}
