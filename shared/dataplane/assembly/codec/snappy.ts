// Snappy data, as Kafka stores it in a record batch with compression 2: one raw block, or the xerial framing that Java producers use.
//
//   xerial  => 82 'SNAPPY' 00 version:i32 compatible:i32 (length:i32be raw{length})*
//   raw     => total:uvarint element*
//   element => tag (bits 1-0): 0 literal (length - 1 in bits 7-2, or in 1 to 4 bytes behind), 1/2/3 copy with 1/2/4 byte distance
import { contentEnd, contentStart, extendContent, growContent } from '../batch/content';
import { isRefused, refuse } from '../batch/refusal';
import { Slab } from '../slab/slab';
import { copyWide } from '../wide';
import { copyMatch, preparePatterns } from './copy';

const XERIAL_MAGIC: u64 = 0x0059_5050_414e_5382;
const XERIAL_HEADER_BYTES: u32 = 16;
/** A copy of three bytes stands for at most 64 bytes of content. */
const EXPANSION_MAX: u64 = 22;

/** Makes the content, of at most `contentBytesMax`, or refuses. `[at, end)` is followed by SLACK readable bytes. */
export function snappy(s: Slab, at: usize, end: usize, contentBytesMax: u32): void {
  preparePatterns();
  if (end - at < XERIAL_HEADER_BYTES || load<u64>(at) != XERIAL_MAGIC) return rawBlock(s, at, end, contentBytesMax);
  at += XERIAL_HEADER_BYTES;
  while (at < end && !isRefused()) {
    if (end - at < 4) return refuse();
    const length = bswap(load<u32>(at));
    at += 4;
    if (length > <u32>(end - at)) return refuse();
    rawBlock(s, at, at + length, contentBytesMax - <u32>(contentEnd() - contentStart()));
    at += length;
  }
}

function rawBlock(s: Slab, at: usize, end: usize, bytesMax: u32): void {
  let total: u64 = 0,
    shift: u64 = 0,
    byte: u64 = 128;
  while (byte > 127) {
    if (at >= end || shift > 28) return refuse();
    byte = <u64>load<u8>(at++);
    total |= (byte & 127) << shift;
    shift += 7;
  }
  if (total > <u64>bytesMax) return refuse();
  growContent(s, <u32>min(total, <u64>(end - at) * EXPANSION_MAX));
  const to = elements(at, end, contentEnd(), contentEnd() + <u32>total);
  if (to != 0) extendContent(to);
}

/** Returns the end of the content, or 0 where it refuses. */
function elements(at: usize, end: usize, low: usize, stop: usize): usize {
  let to = low;
  while (at < end) {
    const tag = <u32>load<u8>(at++),
      kind = tag & 3;
    if (kind == 0) {
      let length: u64 = tag >> 2;
      if (length >= 60) {
        const lengthBytes = <u32>length - 59;
        if (<u32>(end - at) < lengthBytes) return none();
        length = load<u32>(at) & (<u32>0xffffffff >> ((4 - lengthBytes) << 3));
        at += lengthBytes;
      }
      length++;
      if (length > <u64>(end - at) || length > <u64>(stop - to)) return none();
      copyWide(to, at, <u32>length);
      at += <usize>length;
      to += <usize>length;
    } else {
      const distanceBytes: u32 = kind == 3 ? 4 : kind;
      if (<u32>(end - at) < distanceBytes) return none();
      let length: u32 = (tag >> 2) + 1,
        distance: u32;
      if (kind == 2) distance = <u32>load<u16>(at);
      else if (kind == 1) {
        length = ((tag >> 2) & 7) + 4;
        distance = ((tag >> 5) << 8) | <u32>load<u8>(at);
      } else distance = load<u32>(at);
      at += distanceBytes;
      if (distance == 0 || distance > <u32>(to - low) || length > <u32>(stop - to)) return none();
      copyMatch(to, distance, length);
      to += length;
    }
  }
  return to == stop ? to : none();
}

function none(): usize {
  refuse();
  return 0;
}
