// Snappy raw blocks (github.com/google/snappy, format_description.txt): length:uleb128 element*
//   literal => tag: (length - 1) << 2 where it is below 60, else 59 + n with n bytes of length - 1 ; bytes
//   copy    => tag 1: 3 bits length - 4, 11 bits offset ; tag 2: 6 bits length - 1, u16 offset
// Matches are looked for within blocks of 64 KiB, so offsets fit a u16.
import { alloc } from '../memory';
import { uleb } from '../encoding/rle';

const BLOCK: u32 = 1 << 16;
const HASH_BITS: u32 = 14;
let table: usize = 0;

/** Bytes that `length` bytes can become, and what writing may touch behind them. */
export function snappyBound(length: u32): u32 {
  return 64 + length + length / 6;
}

/** Bytes written at `out`. `from` is followed by at least 16 readable bytes. */
export function snappyEncode(from: usize, length: u32, out: usize): u32 {
  const begin = out;
  out = uleb(out, length);
  while (length > 0) {
    const block = min(length, BLOCK);
    out = encodeBlock(from, block, out);
    from += block;
    length -= block;
  }
  return <u32>(out - begin);
}

// @ts-ignore: decorator
@inline
function slotOf(word: u32): usize {
  return table + (((word * 0x1e35a7bd) >> (32 - HASH_BITS)) << 1);
}

function encodeBlock(base: usize, length: u32, out: usize): usize {
  const end = base + length;
  let literal = base;
  if (length > 15) {
    if (table == 0) table = alloc(32768);
    memory.fill(table, 0, 32768);
    const limit = end - 15;
    let p = base + 1,
      skip: u32 = 32;
    while (p < limit) {
      const word = load<u32>(p),
        slot = slotOf(word),
        match = base + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(p - base));
      if (load<u32>(match) != word) {
        // The longer nothing is found, the wider the steps: what does not repeat costs little.
        p += skip++ >> 5;
        continue;
      }
      if (p > literal) out = writeLiteral(literal, <u32>(p - literal), out);
      let matched: u32 = 4;
      while (p + matched < end && load<u8>(p + matched) == load<u8>(match + matched)) matched++;
      out = writeCopy(<u32>(p - match), matched, out);
      p += matched;
      literal = p;
      skip = 32;
      if (p < limit) store<u16>(slotOf(load<u32>(p - 1)), <u16>(p - 1 - base));
    }
  }
  return literal < end ? writeLiteral(literal, <u32>(end - literal), out) : out;
}

function writeLiteral(from: usize, length: u32, out: usize): usize {
  const less = length - 1;
  if (less < 60) store<u8>(out++, <u8>(less << 2));
  else if (less < 256) {
    store<u8>(out, 60 << 2);
    store<u8>(out + 1, <u8>less);
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out + 1, <u16>less);
    out += 3;
  }
  memory.copy(out, from, length);
  return out + length;
}

function writeCopy(offset: u32, length: u32, out: usize): usize {
  while (length >= 68) {
    out = writeLong(offset, 64, out);
    length -= 64;
  }
  // What is left is at least 4 bytes long in any case.
  if (length > 64) {
    out = writeLong(offset, 60, out);
    length -= 60;
  }
  if (length < 12 && offset < 2048) {
    store<u8>(out, <u8>(1 | ((length - 4) << 2) | ((offset >> 8) << 5)));
    store<u8>(out + 1, <u8>offset);
    return out + 2;
  }
  return writeLong(offset, length, out);
}

function writeLong(offset: u32, length: u32, out: usize): usize {
  store<u8>(out, <u8>(2 | ((length - 1) << 2)));
  store<u16>(out + 1, <u16>offset);
  return out + 3;
}
