// Sixteen bytes at once: a vector, or two words in the build without SIMD. ASC_FEATURE_SIMD is known to the compiler, which leaves the other branch out.

/** 16 ones, 16 zeros: a load at MASKS + 16 - n is a mask of the first n bytes. */
const MASKS: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/** All is read before any is written. */
// @ts-ignore: decorator
@inline
export function copy16(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) v128.store(to, v128.load(from));
  else {
    const low = load<u64>(from),
      high = load<u64>(from, 8);
    store<u64>(to, low);
    store<u64>(to, high, 8);
  }
}

/** At least 16 bytes, sixteen at a time: up to 15 bytes behind the target are written. */
// @ts-ignore: decorator
@inline
export function copyWide(to: usize, from: usize, length: u32): void {
  let i: u32 = 0;
  do {
    copy16(to + i, from + i);
    i += 16;
  } while (i < length);
}

/** Whether the 16 bytes at `p` and `q` are not the same. */
// @ts-ignore: decorator
@inline
export function differ16(p: usize, q: usize): bool {
  if (ASC_FEATURE_SIMD) return v128.any_true(v128.xor(v128.load(p), v128.load(q)));
  return ((load<u64>(p) ^ load<u64>(q)) | (load<u64>(p, 8) ^ load<u64>(q, 8))) != 0;
}

/** Whether the `length` (0 to 16) bytes at `p` and `q` are the same. */
// @ts-ignore: decorator
@inline
export function isSameHead(p: usize, q: usize, length: u32): bool {
  const mask = MASKS + 16 - length;
  if (ASC_FEATURE_SIMD) return !v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(q)), v128.load(mask)));
  return (((load<u64>(p) ^ load<u64>(q)) & load<u64>(mask)) | ((load<u64>(p, 8) ^ load<u64>(q, 8)) & load<u64>(mask, 8))) == 0;
}

/** The first `length` bytes (0 to 16) at `p`, zeros behind them. With SIMD only. */
// @ts-ignore: decorator
@inline
export function head(p: usize, length: u32): v128 {
  return v128.and(v128.load(p), v128.load(MASKS + 16 - length));
}

/** The first eight bytes of what `head` gives. */
// @ts-ignore: decorator
@inline
export function headLow(p: usize, length: u32): u64 {
  return load<u64>(p) & load<u64>(MASKS + 16 - length);
}

/** The other eight. */
// @ts-ignore: decorator
@inline
export function headHigh(p: usize, length: u32): u64 {
  return load<u64>(p, 8) & load<u64>(MASKS + 16 - length, 8);
}
