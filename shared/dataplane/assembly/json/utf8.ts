// UTF-8 validation by three table lookups a vector (Keiser & Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2020): every error shows
// in the high nibbles of two neighbouring bytes and the low nibble of the first, but the counts of the continuation bytes of 3- and 4-byte characters.

// One bit an error. A byte pair is wrong where all three lookups have one in common.
//   1 too short: lead, then no continuation | 2 too long: ASCII, then a continuation | 4 overlong, 3 bytes | 8 above U+10FFFF
//   16 surrogate | 32 overlong, 2 bytes | 64 overlong, 4 bytes, or above (with F5 and more) | 128 two continuations, told apart by `mustContinue`
const FIRST_HIGH: usize = memory.data<u8>(
  [2, 2, 2, 2, 2, 2, 2, 2, 128, 128, 128, 128, 33, 1, 21, 73],
  16,
);
const FIRST_LOW: usize = memory.data<u8>(
  [231, 163, 131, 131, 139, 203, 203, 203, 203, 203, 203, 203, 203, 219, 203, 203],
  16,
);
const SECOND_HIGH: usize = memory.data<u8>(
  [1, 1, 1, 1, 1, 1, 1, 1, 230, 174, 186, 186, 1, 1, 1, 1],
  16,
);
/** A vector may end with less than these: more is a lead whose character goes on. */
const COMPLETE: usize = memory.data<u8>(
  [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xef, 0xdf, 0xbf],
  16,
);

/** 64 ones, 64 zeros: loads from MASKS + 64 - n on mask the first n bytes. */
const MASKS: usize = memory.data<u64>([-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0], 16);

/** Whether the bytes are UTF-8: no overlong form, surrogate, or code point above U+10FFFF, and no character cut short. */
export function isUtf8(p: usize, length: u32): bool {
  const end = p + length;
  if (!ASC_FEATURE_SIMD) return isUtf8ByCharacters(p, end);
  let error = i64x2.splat(0),
    open = i64x2.splat(0),
    before = i64x2.splat(0);
  while (p + 64 <= end) {
    const a = v128.load(p),
      b = v128.load(p, 16),
      c = v128.load(p, 32),
      d = v128.load(p, 48);
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) == 0) error = v128.or(error, open);
    else {
      error = v128.or(error, v128.or(fault(before, a), fault(a, b)));
      error = v128.or(error, v128.or(fault(b, c), fault(c, d)));
    }
    open = unfinished(d);
    before = d;
    p += 64;
  }
  if (p < end) {
    // As if zeros followed: a character cut short by the end is one that ASCII cuts short.
    const masks = MASKS + 64 - (end - p),
      a = v128.and(v128.load(p), v128.load(masks)),
      b = v128.and(v128.load(p, 16), v128.load(masks, 16)),
      c = v128.and(v128.load(p, 32), v128.load(masks, 32)),
      d = v128.and(v128.load(p, 48), v128.load(masks, 48));
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) == 0) error = v128.or(error, open);
    else {
      error = v128.or(error, v128.or(fault(before, a), fault(a, b)));
      error = v128.or(error, v128.or(fault(b, c), fault(c, d)));
    }
    open = unfinished(d);
  }
  return !v128.any_true(v128.or(error, open));
}

// @ts-ignore: decorator
@inline
function unfinished(v: v128): v128 {
  return i8x16.sub_sat_u(v, v128.load(COMPLETE));
}

/** Not zero where `v`, which follows `before`, has a fault. */
// @ts-ignore: decorator
@inline
function fault(before: v128, v: v128): v128 {
  const one = i8x16.shuffle(before, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
    two = i8x16.shuffle(before, v, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
    three = i8x16.shuffle(before, v, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const pairs = v128.and(
    v128.and(
      i8x16.swizzle(v128.load(FIRST_HIGH), i8x16.shr_u(one, 4)),
      i8x16.swizzle(v128.load(FIRST_LOW), v128.and(one, i8x16.splat(0x0f))),
    ),
    i8x16.swizzle(v128.load(SECOND_HIGH), i8x16.shr_u(v, 4)),
  );
  // At least 0x80 where a lead two bytes before is E0 or above, or one three bytes before F0 or above.
  const mustContinue = v128.or(
    i8x16.sub_sat_u(two, i8x16.splat(0x60)),
    i8x16.sub_sat_u(three, i8x16.splat(0x70)),
  );
  return v128.xor(v128.and(mustContinue, i8x16.splat(-128)), pairs);
}

/** Without SIMD. The bytes that may stand second depend on the first (Unicode, table 3-7); all others are 80 to BF. */
function isUtf8ByCharacters(p: usize, end: usize): bool {
  while (p < end) {
    const first = <u32>load<u8>(p);
    if (first < 0x80) p += p + 8 <= end && (load<u64>(p) & 0x8080808080808080) == 0 ? 8 : 1;
    else {
      const second = <u32>load<u8>(p, 1),
        bytes: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      if (first < 0xc2 || first > 0xf4 || end - p < bytes) return false;
      const low: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80,
        high: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
      if (second < low || second > high) return false;
      if (bytes > 2 && (load<u8>(p, 2) & 0xc0) != 0x80) return false;
      if (bytes > 3 && (load<u8>(p, 3) & 0xc0) != 0x80) return false;
      p += bytes;
    }
  }
  return true;
}
