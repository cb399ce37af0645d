// Copies of lz4 and snappy: sixteen bytes at a time, up to SLACK - 1 bytes behind the target (and a literal's source) touched.
import { copy16 } from '../wide';

/** Row d: the indices 0..15 modulo d, which repeat the last d bytes through a vector. */
const PATTERNS: usize = memory.data(16 * 16, 16);
/** The most whole repeats of d bytes in sixteen. */
const STEPS: usize = memory.data(16, 16);
let isReady = false;

export function preparePatterns(): void {
  if (isReady) return;
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let i: u32 = 0; i < 16; i++) store<u8>(PATTERNS + (distance << 4) + i, <u8>(i % distance));
    store<u8>(STEPS + distance, <u8>(16 - (16 % distance)));
  }
  isReady = true;
}

/**
 * Repeats the `length` > 0 bytes that stand `distance` > 0 before `to`, which may run into themselves. 64 bytes are copied in any case, less than the SLACK
 * that is behind them: a branch on the length is foretold wrongly too often.
 */
// @ts-ignore: decorator
@inline
export function copyMatch(to: usize, distance: u32, length: u32): void {
  const end = to + length;
  if (distance >= 16) {
    const from = to - distance;
    copy16(to, from);
    copy16(to + 16, from + 16);
    copy16(to + 32, from + 32);
    copy16(to + 48, from + 48);
    for (let i: u32 = 64; i < length; i += 32) {
      copy16(to + i, from + i);
      copy16(to + i + 16, from + i + 16);
    }
  } else if (ASC_FEATURE_SIMD) {
    const pattern = v128.swizzle(v128.load(to - distance), v128.load(PATTERNS + (distance << 4)));
    const step = <usize>load<u8>(STEPS + distance);
    do {
      v128.store(to, pattern);
      to += step;
    } while (to < end);
  } else {
    while (to < end) {
      store<u8>(to, load<u8>(to - distance));
      to++;
    }
  }
}
