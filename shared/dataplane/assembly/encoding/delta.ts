// DELTA_BINARY_PACKED (parquet-format Encodings.md): blocks of 128 deltas in 4 miniblocks of 32.
import { uleb } from './rle';

// @ts-ignore: decorator
@inline
function zigzag(out: usize, v: i64): usize {
  return uleb(out, (<u64>v << 1) ^ <u64>(v >> 63));
}

// @ts-ignore: decorator
@inline
function deltaAt(values: usize, i: u32): i64 {
  return load<i64>(values + (i << 3)) - load<i64>(values + (i << 3) - 8);
}

/** i64 values; `out` has room for 10 bytes a value and 64 more. Differences wrap, as the format wants. Returns the end. */
export function deltaPacked(values: usize, count: u32, out: usize): usize {
  out = uleb(uleb(uleb(out, 128), 4), count);
  out = zigzag(out, count == 0 ? 0 : load<i64>(values));
  let i: u32 = 1;
  while (i < count) {
    const block = min<u32>(128, count - i);
    let least = i64.MAX_VALUE;
    for (let k = i; k < i + block; k++) least = min(least, deltaAt(values, k));
    out = zigzag(out, least);
    const widths = out;
    store<u32>(out, 0);
    out += 4;
    for (let b: u32 = 0; b < 4; b++) {
      const from = i + b * 32,
        to = min<u32>(from + 32, i + block);
      if (from >= to) break;
      let all: u64 = 0;
      for (let k = from; k < to; k++) all |= <u64>(deltaAt(values, k) - least);
      const width = 64 - <u32>clz(all);
      store<u8>(widths + b, <u8>width);
      memory.fill(out, 0, (width << 2) + 16);
      let bit: u32 = 0;
      for (let k = from; k < to; k++) {
        const d = <u64>(deltaAt(values, k) - least),
          at = out + (bit >> 3),
          shift = <u64>(bit & 7);
        store<u64>(at, load<u64>(at) | (d << shift));
        if (shift != 0 && width > 56) store<u8>(at, <u8>(d >> (64 - shift)), 8);
        bit += width;
      }
      out += width << 2;
    }
    i += block;
  }
  return out;
}
