// One LZ4 frame, as Kafka stores it in a record batch with compression 3, decompressed into a slab's bytes.
//
//   frame    => magic:u32le FLG BD [content size:u64le] HC block* 0:u32le [content checksum:u32le]
//   FLG      => bits 7-6 version (01), 5 blocks independent, 4 block checksum, 3 content size, 2 content checksum, 0 dictionary
//   BD       => bits 6-4 largest block: 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB
//   block    => size:u32le (bit 31: stored) bytes [checksum:u32le]
//   bytes    => (token literal-length* literals distance:u16le match-length*)*, the last sequence ends after its literals
//
// Checksums are skipped: the batch's CRC covers every byte.
import { contentEnd, contentStart, extendContent, growContent } from '../batch/content';
import { refuse } from '../batch/refusal';
import { Slab } from '../slab/slab';
import { copy16, copyWide } from '../wide';
import { copyMatch, preparePatterns } from './copy';

const MAGIC: u32 = 0x184d2204;
const HEADER_BYTES: u32 = 7;
/** More than the token, literals and distance of a sequence without length bytes take of the source, and its literals of the target. */
const NEAR_BYTES: u32 = 32;
/** A length byte stands for at most 255 bytes of content. */
const EXPANSION_MAX: u64 = 255;

/** Makes the content, of at most `contentBytesMax`, or refuses. `[at, end)` is followed by SLACK readable bytes. */
export function lz4Frame(s: Slab, at: usize, end: usize, contentBytesMax: u32): void {
  if (end - at < 11 || load<u32>(at) != MAGIC) return refuse();
  const flags = <u32>load<u8>(at, 4);
  if (flags >> 6 != 1) return refuse();
  if ((flags & 1) != 0) return refuse();
  const sizeCode = ((<u32>load<u8>(at, 5)) >> 4) & 7;
  if (sizeCode < 4) return refuse();
  const blockBytesMax: u32 = (<u32>1) << (8 + 2 * sizeCode);
  const checksumBytes: u32 = (flags & 16) != 0 ? 4 : 0;
  const isIndependent = (flags & 32) != 0;
  preparePatterns();
  at += (flags & 8) != 0 ? HEADER_BYTES + 8 : HEADER_BYTES;
  while (true) {
    if (at + 4 > end) return refuse();
    const word = load<u32>(at);
    at += 4;
    if (word == 0) return;
    const size = word & 0x7fffffff;
    if (size > <u32>(end - at)) return refuse();
    const room = min(blockBytesMax, contentBytesMax - <u32>(contentEnd() - contentStart()));
    if (word >>> 31 != 0) {
      if (size > room) return refuse();
      growContent(s, size);
      memory.copy(contentEnd(), at, size);
      extendContent(contentEnd() + size);
    } else {
      const reachable = <u32>min(<u64>room, <u64>size * EXPANSION_MAX);
      growContent(s, reachable);
      const from = contentEnd();
      const to = lz4Block(at, at + size, from, from + reachable, isIndependent ? from : contentStart());
      if (to == 0) return;
      extendContent(to);
    }
    at += size + checksumBytes;
  }
}

/** Decodes one block; matches reach back no further than `low`. Returns the end of the content, or 0 where it refuses. */
function lz4Block(at: usize, end: usize, to: usize, toEnd: usize, low: usize): usize {
  // Away from both ends a sequence without length bytes needs no look at them. One cut off at the end runs over it, into the SLACK, and out of the loop.
  const atNear = end - at > NEAR_BYTES ? end - NEAR_BYTES : at,
    toNear = toEnd - to > NEAR_BYTES ? toEnd - NEAR_BYTES : to;
  while (at < end) {
    const token = <u32>load<u8>(at++);
    let literals = token >> 4;
    if (literals < 15) {
      copy16(to, at);
      if (at >= atNear || to >= toNear) {
        if (literals > <u32>(end - at) || literals > <u32>(toEnd - to)) return none();
        if (at + literals == end) return to + literals;
      }
    } else {
      let byte: u32,
        long: u64 = 15;
      do {
        if (at >= end) return none();
        byte = <u32>load<u8>(at++);
        long += byte;
      } while (byte == 255);
      if (long > <u64>(end - at) || long > <u64>(toEnd - to)) return none();
      literals = <u32>long;
      copyWide(to, at, literals);
      if (at + literals == end) return to + literals;
    }
    at += literals;
    to += literals;
    const distance = <u32>load<u16>(at);
    at += 2;
    // Half of all matches have one length byte: taken without a branch, as nobody could foretell it.
    const nibble = token & 15,
      isLong = <u32>(nibble == 15);
    let length = nibble + 4 + ((<u32>load<u8>(at)) & (0 - isLong));
    at += isLong;
    if (length == 19 + 255) {
      let byte: u32,
        long: u64 = length;
      do {
        if (at >= end) return none();
        byte = <u32>load<u8>(at++);
        long += byte;
      } while (byte == 255);
      length = <u32>min(long, 0xffffffff);
    }
    if (distance - 1 >= <u32>(to - low) || length > <u32>(toEnd - to)) return none();
    copyMatch(to, distance, length);
    to += length;
  }
  return none();
}

function none(): usize {
  refuse();
  return 0;
}
