// Distinct byte strings of one column in order of appearance, found again by hash: open addressing, linear probing, at most half full.
import { alloc, regrow, release } from '../memory';
import { differ16, head, headHigh, headLow, isSameHead } from '../wide';
import { seedHigh, seedLow } from './hash-seed';

/** A dictionary larger than this takes no new page. */
export const DICTIONARY_BYTES_MAX: u32 = 1 << 20;

const M1: u64 = 0xff51afd7ed558ccd,
  M2: u64 = 0xc4ceb9fe1a85ec53;
const SLOTS_FIRST: u32 = 128;
/** Whole size classes. */
const BYTES_FIRST: u32 = (1 << 11) - 80,
  PLACES_FIRST: u32 = ((1 << 9) - 80) >> 2;

@unmanaged
export class Dictionary {
  /** index + 1 u32 (0 = free) | hash u32 */
  slots: usize;
  mask: u32;
  count: u32;
  /** Entries as Parquet PLAIN stores them: length u32 | bytes. */
  bytes: usize;
  length: u32;
  capacity: u32;
  /** Position of each entry in `bytes`, u32. */
  places: usize;
  placesMax: u32;
}

export function newDictionary(): Dictionary {
  const d = changetype<Dictionary>(alloc(offsetof<Dictionary>()));
  d.slots = alloc(SLOTS_FIRST << 3);
  memory.fill(d.slots, 0, SLOTS_FIRST << 3);
  d.mask = SLOTS_FIRST - 1;
  d.count = 0;
  d.capacity = BYTES_FIRST;
  d.bytes = alloc(d.capacity);
  d.length = 0;
  d.placesMax = PLACES_FIRST;
  d.places = alloc(d.placesMax << 2);
  return d;
}

export function releaseDictionary(d: Dictionary): void {
  release(d.slots);
  release(d.bytes);
  release(d.places);
  release(changetype<usize>(d));
}

/** Index of the string, which is added where it is new. */
export function intern(d: Dictionary, p: usize, length: u32): u32 {
  return internHashed(d, p, length, hashOf(p, length));
}

/** Of a string, for `internHashed` and `foresee`. */
// @ts-ignore: decorator
@inline
export function hashOf(p: usize, length: u32): u32 {
  return length <= 16 ? hashShort(p, length) : hashLong(p, length);
}

/** As `intern`, of a string whose hash is known. */
// @ts-ignore: decorator
@inline
export function internHashed(d: Dictionary, p: usize, length: u32, hash: u32): u32 {
  const slots = d.slots,
    mask = d.mask,
    bytes = d.bytes,
    places = d.places;
  let slot = hash & mask;
  for (let e = load<u64>(slots + (slot << 3)); e != 0; e = load<u64>(slots + (slot << 3))) {
    if (<u32>(e >> 32) == hash) {
      const index = <u32>e - 1,
        entry = bytes + load<u32>(places + (index << 2));
      if (load<u32>(entry) == length && isSameText(entry + 4, p, length)) return index;
    }
    slot = (slot + 1) & mask;
  }
  return add(d, slot, hash, p, length);
}

// @ts-ignore: decorator
@inline
function isSameText(a: usize, b: usize, length: u32): bool {
  return length <= 16 ? isSameHead(a, b, length) : sameLong(a, b, length);
}

/** Dictionaries with fewer entries stay in the processor's cache. */
const FORESEEN_ENTRIES_MIN: u32 = 1 << 10;
let foreseen: u32 = 0;

/** Reads what lookups of `count` (up to 64) strings will read, `hashes` being theirs: the processor waits for all of it at once, in a lookup for each by itself. */
export function foresee(d: Dictionary, hashes: usize, count: u32): void {
  if (d.count < FORESEEN_ENTRIES_MIN) return;
  const slots = d.slots,
    mask = d.mask,
    bytes = d.bytes,
    places = d.places;
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const id = load<u32>(slots + ((load<u32>(hashes + (i << 2)) & mask) << 3));
    sum += load<u32>(bytes + load<u32>(places + ((id - <u32>(id != 0)) << 2)));
  }
  // Kept, or the compiler would leave all of it out.
  foreseen = sum;
}

function add(d: Dictionary, slot: u32, hash: u32, p: usize, length: u32): u32 {
  const index = d.count,
    at = d.length;
  if (at + 4 + length > d.capacity) {
    d.capacity = max(d.capacity * 2, at + 4 + length);
    d.bytes = regrow(d.bytes, at, d.capacity);
  }
  if (index == d.placesMax) {
    d.placesMax *= 2;
    d.places = regrow(d.places, index << 2, d.placesMax << 2);
  }
  store<u64>(d.slots + (slot << 3), (<u64>hash << 32) | <u64>(index + 1));
  store<u32>(d.places + (index << 2), at);
  store<u32>(d.bytes + at, length);
  memory.copy(d.bytes + at + 4, p, length);
  d.length = at + 4 + length;
  d.count = index + 1;
  if ((index + 1) * 2 > d.mask) spread(d);
  return index;
}

/** Twice the slots. */
function spread(d: Dictionary): void {
  const old = d.slots,
    oldCount = d.mask + 1,
    mask = oldCount * 2 - 1,
    slots = alloc((mask + 1) << 3);
  memory.fill(slots, 0, (mask + 1) << 3);
  for (let i: u32 = 0; i < oldCount; i++) {
    const e = load<u64>(old + (i << 3));
    if (e == 0) continue;
    let slot = <u32>(e >> 32) & mask;
    while (load<u64>(slots + (slot << 3)) != 0) slot = (slot + 1) & mask;
    store<u64>(slots + (slot << 3), e);
  }
  release(old);
  d.slots = slots;
  d.mask = mask;
}

/** Up to 16 bytes. */
// @ts-ignore: decorator
@inline
function hashShort(p: usize, length: u32): u32 {
  let low: u64, high: u64;
  if (ASC_FEATURE_SIMD) {
    const v = head(p, length);
    low = <u64>i64x2.extract_lane(v, 0);
    high = <u64>i64x2.extract_lane(v, 1);
  } else {
    low = headLow(p, length);
    high = headHigh(p, length);
  }
  const h = (low ^ <u64>length ^ seedLow) * M1,
    g = (high ^ seedHigh) * M2,
    x = h ^ rotl<u64>(g, 29);
  return <u32>(((x ^ (x >> 32)) * M1) >> 32);
}

/** More than 16 bytes: two accumulators, the last 16 bytes overlap the ones before. */
// @ts-ignore: decorator
@inline
function hashLong(p: usize, length: u32): u32 {
  let a: u64 = (<u64>length * M2) ^ seedLow,
    b: u64 = M1 ^ seedHigh,
    i: u32 = 0;
  const limit = length - 16;
  do {
    a = rotl<u64>((a ^ load<u64>(p + i)) * M1, 29);
    b = rotl<u64>((b ^ load<u64>(p + i, 8)) * M2, 31);
    i += 16;
  } while (i < limit);
  a = rotl<u64>((a ^ load<u64>(p + limit)) * M1, 29);
  b = (b ^ load<u64>(p + limit, 8)) * M2;
  a ^= b;
  return <u32>(((a ^ (a >> 32)) * M1) >> 32);
}

/** More than 16 bytes each, same length. */
// @ts-ignore: decorator
@inline
function sameLong(a: usize, b: usize, length: u32): bool {
  let i: u32 = 0;
  const limit = length - 16;
  do {
    if (differ16(a + i, b + i)) return false;
    i += 16;
  } while (i < limit);
  return !differ16(a + limit, b + limit);
}
