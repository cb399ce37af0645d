// Smallest and largest value of an open page, by the order of its physical type: signed numbers, unsigned bytes, FIXED as signed big-endian.
import { alloc, release } from '../memory';
import { Dictionary } from './dictionary';
import { BOOLEAN, BYTES, DOUBLE, FIXED, FLOAT, INT32, INT64, Leaf, RLE_DICTIONARY } from './open-page';

/** What was found last: where the values stand and how long they are. `flags`: bit 0, there are any; bit 1, there is a NaN, which they leave out. */
export class Bounds {
  static flags: u32 = 0;
  static minAt: usize = 0;
  static minLength: u32 = 0;
  static maxAt: usize = 0;
  static maxLength: u32 = 0;
}

const numbers: usize = memory.data(16, 16);

/** Bounds of the open page, whose strings are indices where `l.encoding` says so. */
export function boundsOf(l: Leaf): void {
  Bounds.flags = 0;
  if (l.present == 0 || !l.hasBounds) return;
  Bounds.flags = 1;
  switch (l.type) {
    case BOOLEAN:
      integers<i32>(l.values, l.end, 1);
      break;
    case INT32:
      integers<i32>(l.values, l.end, 4);
      break;
    case INT64:
      integers<i64>(l.values, l.end, 8);
      break;
    case FLOAT:
      floats<f32>(l.values, l.end);
      break;
    case DOUBLE:
      floats<f64>(l.values, l.end);
      break;
    case BYTES:
      if (l.encoding == RLE_DICTIONARY) entries(l);
      else strings(l.values, l.end);
      break;
    case FIXED:
      fixed(l.values, l.end, l.width);
      break;
  }
}

function numbersFound(width: u32): void {
  Bounds.minAt = numbers;
  Bounds.maxAt = numbers + 8;
  Bounds.minLength = width;
  Bounds.maxLength = width;
}

function integers<T>(at: usize, end: usize, width: u32): void {
  let least = load<T>(at),
    most = least;
  for (let p = at; p < end; p += sizeof<T>()) {
    const v = load<T>(p);
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  store<T>(numbers, least);
  store<T>(numbers, most, 8);
  numbersFound(width);
}

/** -0 is below 0; the host decides what it says of zeros. */
function floats<T>(at: usize, end: usize): void {
  let least = <T>Infinity,
    most = <T>-Infinity,
    hasNumber = false;
  for (let p = at; p < end; p += sizeof<T>()) {
    const v = load<T>(p);
    if (v != v) {
      Bounds.flags |= 2;
      continue;
    }
    hasNumber = true;
    least = min<T>(least, v);
    most = max<T>(most, v);
  }
  if (!hasNumber) Bounds.flags &= ~1;
  store<T>(numbers, least);
  store<T>(numbers, most, 8);
  numbersFound(sizeof<T>());
}

/** The extremes so far, each with its first eight bytes as a number. */
let least: usize = 0;
let leastHead: u64 = 0;
let most: usize = 0;
let mostHead: u64 = 0;

/** First bytes as a big-endian number, zeros behind the end: of two strings with different heads the smaller head is the smaller string's. */
// @ts-ignore: decorator
@inline
function headOf(entry: usize): u64 {
  const length = load<u32>(entry),
    head = bswap<u64>(load<u64>(entry, 4));
  return length >= 8 ? head : length == 0 ? 0 : head & (<u64>-1 << ((8 - <u64>length) << 3));
}

// @ts-ignore: decorator
@inline
function consider(entry: usize): void {
  const head = headOf(entry);
  if (head < leastHead || (head == leastHead && compare(entry, least) < 0)) {
    least = entry;
    leastHead = head;
  }
  if (head > mostHead || (head == mostHead && compare(entry, most) > 0)) {
    most = entry;
    mostHead = head;
  }
}

function begin(entry: usize): void {
  least = most = entry;
  leastHead = mostHead = headOf(entry);
}

function found(): void {
  Bounds.minAt = least + 4;
  Bounds.minLength = load<u32>(least);
  Bounds.maxAt = most + 4;
  Bounds.maxLength = load<u32>(most);
}

/** length u32 | bytes, one behind the other. */
function strings(at: usize, end: usize): void {
  begin(at);
  for (let p = at; p < end; p += load<u32>(p) + 4) consider(p);
  found();
}

/** Of the dictionary, what the open page uses: all of it where the page is the chunk's first. */
function entries(l: Leaf): void {
  const dictionary = changetype<Dictionary>(l.dictionary),
    count = dictionary.count,
    bytes = dictionary.bytes,
    places = dictionary.places;
  begin(bytes + load<u32>(places + (load<u32>(l.values) << 2)));
  if (l.indexed == 0) {
    for (let k: u32 = 0; k < count; k++) consider(bytes + load<u32>(places + (k << 2)));
  } else {
    const used = alloc(count);
    memory.fill(used, 0, count);
    for (let p = l.values; p < l.end; p += 4) store<u8>(used + load<u32>(p), 1);
    for (let k: u32 = 0; k < count; k++) if (load<u8>(used + k) != 0) consider(bytes + load<u32>(places + (k << 2)));
    release(used);
  }
  found();
}

/** Order of two strings by their bytes. */
function compare(a: usize, b: usize): i32 {
  const aLength = load<u32>(a),
    bLength = load<u32>(b),
    shared = min(aLength, bLength);
  const order = bytewise(a + 4, b + 4, shared);
  return order != 0 ? order : aLength < bLength ? -1 : aLength > bLength ? 1 : 0;
}

function bytewise(a: usize, b: usize, length: u32): i32 {
  let i: u32 = 0;
  if (!ASC_FEATURE_SIMD) {
    while (i < length) {
      const differs = load<u64>(a + i) ^ load<u64>(b + i);
      if (differs != 0) {
        const at = i + <u32>(ctz(differs) >> 3);
        return at >= length ? 0 : <i32>load<u8>(a + at) - <i32>load<u8>(b + at);
      }
      i += 8;
    }
    return 0;
  }
  while (i < length) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a + i), v128.load(b + i)));
    if (same != 0xffff) {
      const at = i + <u32>ctz(~same);
      return at >= length ? 0 : <i32>load<u8>(a + at) - <i32>load<u8>(b + at);
    }
    i += 16;
  }
  return 0;
}

function fixed(at: usize, end: usize, width: u32): void {
  let low = at,
    high = at;
  for (let p = at; p < end; p += width) {
    if (signed(p, low, width) < 0) low = p;
    if (signed(p, high, width) > 0) high = p;
  }
  Bounds.minAt = low;
  Bounds.maxAt = high;
  Bounds.minLength = width;
  Bounds.maxLength = width;
}

function signed(a: usize, b: usize, width: u32): i32 {
  const order = <i32>load<i8>(a) - <i32>load<i8>(b);
  return order != 0 ? order : bytewise(a, b, width);
}
