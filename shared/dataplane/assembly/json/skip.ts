// Steps over JSON values (RFC 8259, what JSON.parse accepts) without reading them. All return the position behind, 0 where it is not JSON or nested deeper
// than `DEPTH_MAX`.
import { findSpecial, skipSpace } from './text';
import { skipString } from './strings';

/** One bit a level, set for an object. */
const DEPTH_MAX: u32 = 64;

/** `p` is the opening brace or bracket. */
export function skipContainer(p: usize): usize {
  let depth: u32 = 0,
    objects: u64 = 0;
  while (true) {
    const first = load<u8>(p);
    if (first == 0x22) p = skipString(p + 1);
    else if (first == 0x7b || first == 0x5b) {
      if (depth == DEPTH_MAX) return 0;
      depth++;
      objects = (objects << 1) | <u64>(first == 0x7b);
      p = skipSpace(p + 1);
      // The closing character is two above the opening one for both.
      if (load<u8>(p) == first + 2) {
        depth--;
        objects >>= 1;
        p++;
      } else {
        if (first == 0x7b) {
          p = skipKey(p);
          if (p == 0) return 0;
        }
        continue;
      }
    } else p = skipScalar(p);
    if (p == 0) return 0;

    let isDone = true;
    while (isDone) {
      if (depth == 0) return p;
      p = skipSpace(p);
      const isObject = (objects & 1) != 0,
        next = load<u8>(p);
      if (next == 0x2c) {
        p = skipSpace(p + 1);
        if (isObject) {
          p = skipKey(p);
          if (p == 0) return 0;
        }
        isDone = false;
      } else {
        if (next != (isObject ? 0x7d : 0x5d)) return 0;
        depth--;
        objects >>= 1;
        p++;
      }
    }
  }
}

/** A key, its colon and the space around: to the first byte of the member's value. */
// @ts-ignore: decorator
@inline
function skipKey(p: usize): usize {
  if (load<u8>(p) != 0x22) return 0;
  const special = findSpecial(p + 1);
  p = load<u8>(special) == 0x22 ? special + 1 : skipString(special);
  if (p == 0) return 0;
  p = skipSpace(p);
  return load<u8>(p) == 0x3a ? skipSpace(p + 1) : 0;
}

/** `true`, `false`, `null` or a number. */
export function skipScalar(p: usize): usize {
  const first = load<u8>(p);
  if (first == 0x74) return load<u32>(p) == 0x65757274 ? p + 4 : 0;
  if (first == 0x66) return load<u32>(p, 1) == 0x65736c61 ? p + 5 : 0;
  if (first == 0x6e) return isNull(p) ? p + 4 : 0;
  return skipNumber(p);
}

// @ts-ignore: decorator
@inline
export function isNull(p: usize): bool {
  return load<u32>(p) == 0x6c6c756e;
}

/** number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "-" / "+" ] 1*digit ] */
export function skipNumber(p: usize): usize {
  if (load<u8>(p) == 0x2d) p++;
  if (load<u8>(p) == 0x30) p++;
  else {
    p = skipDigits(p);
    if (p == 0) return 0;
  }
  if (load<u8>(p) == 0x2e) {
    p = skipDigits(p + 1);
    if (p == 0) return 0;
  }
  if ((load<u8>(p) | 0x20) == 0x65) {
    const sign = load<u8>(p, 1);
    p = skipDigits(p + (sign == 0x2b || sign == 0x2d ? 2 : 1));
  }
  return p;
}

/** At least one. */
// @ts-ignore: decorator
@inline
function skipDigits(p: usize): usize {
  if (!isDigit(p)) return 0;
  do p++;
  while (isDigit(p));
  return p;
}

// @ts-ignore: decorator
@inline
function isDigit(p: usize): bool {
  return <u32>load<u8>(p) - 0x30 <= 9;
}
