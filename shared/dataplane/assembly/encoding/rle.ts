// Parquet's RLE / bit-packing hybrid (parquet-format Encodings.md).
//   run => header:uleb128 body ; header even: body repeated (header >> 1) times, ceil(width / 8) bytes ; odd: (header >> 1) groups of 8 values, bit-packed
import { differ16 } from '../wide';

/** Writes v as uleb128; returns the end. */
export function uleb(out: usize, v: u64): usize {
  while (v > 127) {
    store<u8>(out++, <u8>(v | 128));
    v >>= 7;
  }
  store<u8>(out++, <u8>v);
  return out;
}

/** Levels of width 1 held one a byte (0 or 1): a single run where all are alike, else bit-packed. Returns the end. */
export function bitLevels(levels: usize, count: u32, ones: u32, out: usize): usize {
  if (ones == count || ones == 0) {
    out = uleb(out, <u64>count << 1);
    store<u8>(out, ones == 0 ? 0 : 1);
    return out + 1;
  }
  const groups = (count + 7) >> 3;
  out = uleb(out, (<u64>groups << 1) | 1);
  // Bytes behind the last level are in the slack of their block; what they say is padding.
  memory.fill(levels + count, 0, 16);
  if (ASC_FEATURE_SIMD)
    for (let i: u32 = 0; i < count; i += 16)
      store<u16>(out + (i >> 3), <u16>i8x16.bitmask(i8x16.ne(v128.load(levels + i), i8x16.splat(0))));
  // The product's highest byte has the lowest bit of each byte, in their order.
  else for (let i: u32 = 0; i < count; i += 8) store<u8>(out + (i >> 3), <u8>((load<u64>(levels + i) * 0x0102040810204080) >> 56));
  return out + groups;
}

/** Values of any width up to 8 held one a byte, as runs of at least 8 alike and bit-packed groups between them. Returns the end. */
export function byteLevels(levels: usize, count: u32, width: u32, out: usize): usize {
  let i: u32 = 0;
  while (i < count) {
    const value = load<u8>(levels + i);
    let run: u32 = 1;
    while (i + run < count && load<u8>(levels + i + run) == value) run++;
    if (run >= 8 || i + run == count) {
      out = uleb(out, <u64>run << 1);
      store<u8>(out++, value);
      i += run;
      continue;
    }
    // Groups of 8 until 8 alike begin at a group's border.
    const header = out;
    let groups: u32 = 0;
    out++;
    do {
      let bits: u64 = 0;
      for (let k: u32 = 0; k < 8; k++)
        bits |= (i + k < count ? <u64>load<u8>(levels + i + k) : 0) << <u64>(k * width);
      store<u64>(out, bits);
      out += width;
      i += 8;
      groups++;
    } while (i < count && groups < 63 && !alike(levels + i, count - i));
    store<u8>(header, <u8>((groups << 1) | 1));
  }
  return out;
}

function alike(p: usize, left: u32): bool {
  if (left < 8) return true;
  const first = load<u8>(p);
  for (let k = 1; k < 8; k++) if (load<u8>(p + k) != first) return false;
  return true;
}

/** u32 values (0 or 1) as bits, least significant first: how PLAIN stores booleans. Returns the end. */
export function booleans(values: usize, count: u32, out: usize): usize {
  return pack(values, count, 1, out, (count + 7) >> 3);
}

/** u32 values at `width` bits (1 to 32): runs where enough are alike, bit-packed groups of 8 between them. Returns the end. */
export function packed(values: usize, count: u32, width: u32, out: usize): usize {
  // A run costs its header, its value and the header of what follows.
  const runMin: u32 = width >= 8 ? 8 : width >= 4 ? 16 : 64;
  let i: u32 = 0;
  while (i < count) {
    const run = runLength(values, i, count);
    if (run >= runMin || i + run == count) {
      out = uleb(out, <u64>run << 1);
      store<u32>(out, load<u32>(values + (i << 2)));
      out += (width + 7) >> 3;
      i += run;
    } else {
      let to = i + 8;
      while (to < count && !(isAlike(values + (to << 2)) && runLength(values, to, count) >= runMin)) to += 8;
      to = min(to, count);
      const groups = (to - i + 7) >> 3;
      out = uleb(out, (<u64>groups << 1) | 1);
      out = pack(values + (i << 2), to - i, width, out, groups * width);
      i = to;
    }
  }
  return out;
}

/** Values from `from` on that are alike. */
function runLength(values: usize, from: u32, count: u32): u32 {
  const value = load<u32>(values + (from << 2));
  let i = from + 1;
  while (i < count && load<u32>(values + (i << 2)) == value) i++;
  return i - from;
}

/** Whether 8 values are alike; they may end in the slack of their block. */
// @ts-ignore: decorator
@inline
function isAlike(p: usize): bool {
  if (!ASC_FEATURE_SIMD) {
    const two = load<u64>(p);
    return two == rotl<u64>(two, 32) && !differ16(p, p + 16) && two == load<u64>(p, 8);
  }
  const first = v128.load32_splat(p);
  return !v128.any_true(v128.or(v128.xor(v128.load(p), first), v128.xor(v128.load(p, 16), first)));
}

/** `bytes` bytes of bits, zeros behind the last value. */
function pack(values: usize, count: u32, width: u32, out: usize, bytes: u32): usize {
  const end = out + bytes;
  let acc: u64 = 0,
    bits: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    acc |= <u64>load<u32>(values + (i << 2)) << <u64>bits;
    bits += width;
    if (bits >= 32) {
      store<u32>(out, <u32>acc);
      out += 4;
      acc >>= 32;
      bits -= 32;
    }
  }
  while (out < end) {
    store<u8>(out++, <u8>acc);
    acc >>= 8;
  }
  return end;
}
