// DELTA_BINARY_PACKED (parquet-format Encodings.md): blocks of 128 deltas in 4 miniblocks of 32.
import { uleb } from './rle';

// @ts-ignore: decorator
@inline
function zigzag(out: usize, v: i64): usize {
  return uleb(out, (<u64>v << 1) ^ <u64>(v >> 63));
}

const BLOCK: u32 = 128,
  MINIBLOCK: u32 = 32;
/** Differences of the block at hand; zeros behind the last within its miniblock. */
const deltas: usize = memory.data(128 * 8, 16);

/** i64 values; `out` has room for 10 bytes a value and 64 more. Differences wrap, as the format wants. Returns the end. */
export function deltaPacked(values: usize, count: u32, out: usize): usize {
  out = uleb(uleb(uleb(out, BLOCK), BLOCK / MINIBLOCK), count);
  out = zigzag(out, count == 0 ? 0 : load<i64>(values));
  let i: u32 = 1;
  while (i < count) {
    const some = min(BLOCK, count - i);
    let before = load<i64>(values + ((i - 1) << 3)),
      least = i64.MAX_VALUE;
    for (let k: u32 = 0; k < some; k++) {
      const value = load<i64>(values + ((i + k) << 3)),
        delta = value - before;
      store<i64>(deltas + (k << 3), delta);
      least = min(least, delta);
      before = value;
    }
    out = zigzag(out, least);
    const widths = out;
    store<u32>(widths, 0);
    out += 4;
    for (let from: u32 = 0; from < some; from += MINIBLOCK) {
      let all: u64 = 0;
      for (let k = from; k < from + MINIBLOCK; k++) {
        const above = k < some ? <u64>(load<i64>(deltas + (k << 3)) - least) : 0;
        store<u64>(deltas + (k << 3), above);
        all |= above;
      }
      const width = 64 - <u32>clz(all);
      store<u8>(widths + from / MINIBLOCK, <u8>width);
      packMiniblock(deltas + (from << 3), width, out);
      out += width << 2;
    }
    i += some;
  }
  return out;
}

/** 32 values at `width` bits (0 to 64), least significant first. Up to 8 bytes behind them are written. */
function packMiniblock(from: usize, width: u32, out: usize): void {
  let acc: u64 = 0,
    bits: u32 = 0;
  for (let k: u32 = 0; k < MINIBLOCK; k++) {
    const value = load<u64>(from + (k << 3));
    acc |= value << <u64>bits;
    bits += width;
    if (bits < 64) continue;
    store<u64>(out, acc);
    out += 8;
    bits -= 64;
    // What did not fit; nothing where the value ended with the word.
    acc = bits == 0 ? 0 : value >> <u64>(width - bits);
  }
  store<u64>(out, acc);
}
