// LZ4 blocks (github.com/lz4/lz4, lz4_Block_format.md), which Parquet calls LZ4_RAW: sequence*
//   sequence => token:u8 (literals << 4 | match - 4), 15 goes on in bytes of 255 ; literals ; offset:u16 ; more of the match's length
//   The last 5 bytes are literals, and no match begins in the last 12.
import { alloc } from '../memory';

const HASH_BITS: u32 = 14;
let table: usize = 0;

/** Bytes that `length` bytes can become, and what writing may touch behind them. */
export function lz4Bound(length: u32): u32 {
  return 64 + length + length / 255;
}

// @ts-ignore: decorator
@inline
function slotOf(word: u32): usize {
  return table + (((word * 2654435761) >> (32 - HASH_BITS)) << 2);
}

/** Bytes written at `out`. `from` is followed by at least 16 readable bytes. */
export function lz4Encode(from: usize, length: u32, out: usize): u32 {
  const begin = out,
    end = from + length;
  let literal = from;
  if (length > 12) {
    if (table == 0) table = alloc(65536);
    memory.fill(table, 0, 65536);
    const matchLimit = end - 12,
      lastLiterals = end - 5;
    let p = from + 1,
      skip: u32 = 64;
    while (p < matchLimit) {
      const word = load<u32>(p),
        slot = slotOf(word),
        match = from + <usize>load<u32>(slot);
      store<u32>(slot, <u32>(p - from));
      if (p - match > 65535 || load<u32>(match) != word) {
        p += skip++ >> 6;
        continue;
      }
      let matched: u32 = 4;
      while (p + matched < lastLiterals && load<u8>(p + matched) == load<u8>(match + matched)) matched++;
      out = sequence(literal, <u32>(p - literal), <u32>(p - match), matched, out);
      p += matched;
      literal = p;
      skip = 64;
    }
  }
  return <u32>(literals(literal, <u32>(end - literal), 0, out) - begin);
}

function sequence(literal: usize, count: u32, offset: u32, matched: u32, out: usize): usize {
  const more = matched - 4;
  out = literals(literal, count, min<u32>(more, 15), out);
  store<u16>(out, <u16>offset);
  return more < 15 ? out + 2 : rest(more - 15, out + 2);
}

/** A token with its literals. */
function literals(from: usize, count: u32, low: u32, out: usize): usize {
  store<u8>(out++, <u8>((min<u32>(count, 15) << 4) | low));
  if (count >= 15) out = rest(count - 15, out);
  memory.copy(out, from, count);
  return out + count;
}

function rest(length: u32, out: usize): usize {
  while (length >= 255) {
    store<u8>(out++, 255);
    length -= 255;
  }
  store<u8>(out++, <u8>length);
  return out;
}
