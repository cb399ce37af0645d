// JSON strings with escapes (RFC 8259 §7). All take `p` behind the opening quote and return the position behind the closing one, 0 where it is no string.
import { alloc, capacity, release } from '../memory';
import { copyWide } from '../wide';
import { findSpecial } from './text';

/** Of the text last unescaped. It stands until `forgetTexts`. */
export let textAt: usize = 0;
export let textLength: u32 = 0;

/** A whole size class. */
const TEXTS_BYTES_MIN: u32 = (1 << 16) - 128;

/** The unescaped texts of the rows at hand, one behind the other: those of one together never longer than its record. */
let texts: usize = 0;
let textsUsed: u32 = 0;

/** Whether there is room for the texts of one more record, of at most `length` bytes. */
// @ts-ignore: decorator
@inline
export function hasTextRoom(length: u32): bool {
  return texts != 0 && textsUsed + length <= capacity(texts);
}

/** Nobody needs what was unescaped any more; makes room for a record of at most `length` bytes. */
export function forgetTexts(length: u32): void {
  textsUsed = 0;
  if (texts != 0 && capacity(texts) >= length) return;
  release(texts);
  texts = alloc(max(length, TEXTS_BYTES_MIN));
}

export function skipString(p: usize): usize {
  p = findSpecial(p);
  while (load<u8>(p) == 0x5c) {
    const next = load<u8>(p, 1);
    if (next == 0x75) {
      if (hex4(p + 2) < 0) return 0;
      p += 6;
    } else {
      if (simpleEscape(next) == 0) return 0;
      p += 2;
    }
    p = findSpecial(p);
  }
  return load<u8>(p) == 0x22 ? p + 1 : 0;
}

/** `special` is the first byte at or behind `p` that `findSpecial` finds. Surrogates without their other half become U+FFFD. */
export function unescape(p: usize, special: usize): usize {
  textAt = texts + textsUsed;
  let out = textAt;
  while (true) {
    const plain = <u32>(special - p);
    copyWide(out, p, plain);
    out += plain;
    p = special;
    if (load<u8>(p) != 0x5c) break;
    const next = load<u8>(p, 1);
    if (next == 0x75) {
      let codePoint = hex4(p + 2);
      if (codePoint < 0) return 0;
      p += 6;
      if ((codePoint & 0xf800) == 0xd800) {
        const low = codePoint < 0xdc00 && load<u16>(p) == 0x755c ? hex4(p + 2) : -1;
        if ((low & ~0x3ff) == 0xdc00) {
          codePoint = 0x10000 + ((codePoint - 0xd800) << 10) + (low - 0xdc00);
          p += 6;
        } else codePoint = 0xfffd;
      }
      out = putCodePoint(out, codePoint);
    } else {
      const byte = simpleEscape(next);
      if (byte == 0) return 0;
      store<u8>(out++, byte);
      p += 2;
    }
    special = findSpecial(p);
  }
  if (load<u8>(p) != 0x22) return 0;
  textLength = <u32>(out - textAt);
  textsUsed += textLength;
  return p + 1;
}

/** What the escape stands for; 0 if there is none such. */
// @ts-ignore: decorator
@inline
function simpleEscape(c: u8): u8 {
  if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
  if (c == 0x6e) return 0x0a;
  if (c == 0x74) return 0x09;
  if (c == 0x72) return 0x0d;
  if (c == 0x62) return 0x08;
  return c == 0x66 ? 0x0c : 0;
}

/** Four hex digits; negative if they are not. */
function hex4(p: usize): i32 {
  return (hex(p) << 12) | (hex(p + 1) << 8) | (hex(p + 2) << 4) | hex(p + 3);
}

// @ts-ignore: decorator
@inline
function hex(p: usize): i32 {
  const c = <u32>load<u8>(p),
    digit = c - 0x30,
    letter = (c | 0x20) - 0x61;
  return digit <= 9 ? <i32>digit : letter <= 5 ? <i32>letter + 10 : -1;
}

function putCodePoint(out: usize, c: i32): usize {
  if (c < 0x80) {
    store<u8>(out, <u8>c);
    return out + 1;
  }
  if (c < 0x800) {
    store<u8>(out, <u8>(0xc0 | (c >> 6)));
    store<u8>(out, <u8>(0x80 | (c & 63)), 1);
    return out + 2;
  }
  if (c < 0x10000) {
    store<u8>(out, <u8>(0xe0 | (c >> 12)));
    store<u8>(out, <u8>(0x80 | ((c >> 6) & 63)), 1);
    store<u8>(out, <u8>(0x80 | (c & 63)), 2);
    return out + 3;
  }
  store<u8>(out, <u8>(0xf0 | (c >> 18)));
  store<u8>(out, <u8>(0x80 | ((c >> 12) & 63)), 1);
  store<u8>(out, <u8>(0x80 | ((c >> 6) & 63)), 2);
  store<u8>(out, <u8>(0x80 | (c & 63)), 3);
  return out + 4;
}
