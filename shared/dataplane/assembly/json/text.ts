// Bytes of JSON text. The byte behind a record is 0 while it is read (a sentinel): no byte of JSON, so every loop here stops at it without knowing where
// the record ends. 16 bytes are loaded at a time; what stands behind the record is readable, and what is found there is behind the sentinel.

/** First of `"`, `\`, or a control character at or behind `p`. */
// @ts-ignore: decorator
@inline
export function findSpecial(p: usize): usize {
  let m = special(v128.load(p));
  while (m == 0) {
    p += 16;
    m = special(v128.load(p));
  }
  return p + ctz(m);
}

// @ts-ignore: decorator
@inline
function special(v: v128): i32 {
  const quoteOrBackslash = v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c)));
  return i8x16.bitmask(v128.or(quoteOrBackslash, i8x16.lt_u(v, i8x16.splat(0x20))));
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

/** 16 ones, 16 zeros: a load at MASKS + 16 - n is a mask of the first n bytes. */
const MASKS: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/** The first `length` bytes (0 to 16) at `p`, zeros behind them. */
// @ts-ignore: decorator
@inline
export function head(p: usize, length: u32): v128 {
  return v128.and(v128.load(p), v128.load(MASKS + 16 - length));
}

/** Whether the `length` bytes at `p` and `q` are the same. Nothing 16 bytes behind a difference is read. */
export function isSame(p: usize, q: usize, length: u32): bool {
  while (length > 16) {
    if (v128.any_true(v128.xor(v128.load(p), v128.load(q)))) return false;
    p += 16;
    q += 16;
    length -= 16;
  }
  return !v128.any_true(v128.xor(head(p, length), head(q, length)));
}

/** 16 bytes at a time: up to 16 bytes behind the target's end are written. */
// @ts-ignore: decorator
@inline
export function copyWide(to: usize, from: usize, length: u32): void {
  let i: u32 = 0;
  do {
    v128.store(to + i, v128.load(from + i));
    i += 16;
  } while (i < length);
}
