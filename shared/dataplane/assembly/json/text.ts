// Bytes of JSON text. The byte behind a record is 0 while it is read (a sentinel): no byte of JSON, so every loop here stops at it without knowing where
// the record ends. 16 bytes are loaded at a time; what stands behind the record is readable, and what is found there is behind the sentinel.
import { differ16, isSameHead } from '../wide';

/** First of `"`, `\`, or a control character at or behind `p`. */
// @ts-ignore: decorator
@inline
export function findSpecial(p: usize): usize {
  if (ASC_FEATURE_SIMD) {
    let m = special(v128.load(p));
    while (m == 0) {
      p += 16;
      m = special(v128.load(p));
    }
    return p + ctz(m);
  }
  let w = specialOfWord(load<u64>(p));
  while (w == 0) {
    p += 8;
    w = specialOfWord(load<u64>(p));
  }
  return p + <usize>(ctz(w) >> 3);
}

// @ts-ignore: decorator
@inline
function special(v: v128): i32 {
  const quoteOrBackslash = v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c)));
  return i8x16.bitmask(v128.or(quoteOrBackslash, i8x16.lt_u(v, i8x16.splat(0x20))));
}

const ONES: u64 = 0x0101010101010101,
  HIGHS: u64 = 0x8080808080808080;

/** The lowest bit that is set belongs to the first special byte; a borrow may set bits of bytes behind it. */
// @ts-ignore: decorator
@inline
function specialOfWord(w: u64): u64 {
  const quote = w ^ (ONES * 0x22),
    backslash = w ^ (ONES * 0x5c);
  return (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((w - ONES * 0x20) & ~w)) & HIGHS;
}

/** First byte at or behind `p` that is no white space. */
// @ts-ignore: decorator
@inline
export function skipSpace(p: usize): usize {
  return load<u8>(p) > 0x20 ? p : skipSpaces(p);
}

function skipSpaces(p: usize): usize {
  let c = load<u8>(p);
  while (c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09) c = load<u8>(++p);
  return p;
}

/** Whether the `length` bytes at `p` and `q` are the same. Nothing 16 bytes behind a difference is read. */
export function isSame(p: usize, q: usize, length: u32): bool {
  while (length > 16) {
    if (differ16(p, q)) return false;
    p += 16;
    q += 16;
    length -= 16;
  }
  return isSameHead(p, q, length);
}
