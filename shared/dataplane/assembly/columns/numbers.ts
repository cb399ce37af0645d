// Distinct fixed-width values of one column in order of appearance: open addressing, linear probing, at most half full.
import { alloc, regrow, release } from '../memory';
import { copy16 } from '../wide';
import { DICTIONARY_BYTES_MAX } from './dictionary';
import { seedLow } from './hash-seed';

const SLOTS_FIRST: u32 = 128;
const MULTIPLIER: u64 = 0x9e3779b97f4a7c15;

@unmanaged
export class Numbers {
  /** value u64 | index + 1 u32 (0 = free) | unused u32 */
  slots: usize;
  mask: u32;
  count: u32;
  /** Entries as Parquet PLAIN stores them, `width` bytes each. */
  values: usize;
  valuesMax: u32;
  width: u32;
}

export function newNumbers(width: u32): Numbers {
  const d = changetype<Numbers>(alloc(offsetof<Numbers>()));
  d.slots = alloc(SLOTS_FIRST << 4);
  memory.fill(d.slots, 0, SLOTS_FIRST << 4);
  d.mask = SLOTS_FIRST - 1;
  d.count = 0;
  d.width = width;
  d.valuesMax = SLOTS_FIRST;
  d.values = alloc(SLOTS_FIRST * width);
  return d;
}

export function releaseNumbers(d: Numbers): void {
  release(d.slots);
  release(d.values);
  release(changetype<usize>(d));
}

/** Indices of `count` values, as u32 at `out`; false as soon as there are more than `entriesMax` entries, whose count the caller takes back. */
export function internNumbers(d: Numbers, values: usize, count: u32, entriesMax: u32, out: usize): bool {
  const before = d.count,
    width = d.width;
  entriesMax = min(entriesMax, DICTIONARY_BYTES_MAX / width);
  for (let i: u32 = 0; i < count; i++) {
    const value = width == 8 ? load<u64>(values + (i << 3)) : <u64>load<u32>(values + (i << 2));
    store<u32>(out + (i << 2), intern(d, value));
    // Where the first thousand hardly repeat, the others will not.
    if (d.count > entriesMax || (i == 1024 && before == 0 && d.count > 768)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function hash(value: u64): u32 {
  const seeded = value ^ seedLow;
  return <u32>(((seeded ^ (seeded >> 29)) * MULTIPLIER) >> 32);
}

function intern(d: Numbers, value: u64): u32 {
  let slot = hash(value) & d.mask,
    e = d.slots + (slot << 4),
    index = load<u32>(e, 8);
  while (index != 0) {
    if (load<u64>(e) == value) return index - 1;
    slot = (slot + 1) & d.mask;
    e = d.slots + (slot << 4);
    index = load<u32>(e, 8);
  }
  index = d.count;
  if (index == d.valuesMax) {
    d.valuesMax *= 2;
    d.values = regrow(d.values, index * d.width, d.valuesMax * d.width);
  }
  if (d.width == 8) store<u64>(d.values + (index << 3), value);
  else store<u32>(d.values + (index << 2), <u32>value);
  store<u64>(e, value);
  store<u32>(e, index + 1, 8);
  d.count = index + 1;
  if ((index + 1) * 2 > d.mask) spread(d);
  return index;
}

/** Twice the slots. */
function spread(d: Numbers): void {
  const old = d.slots,
    oldCount = d.mask + 1,
    mask = oldCount * 2 - 1,
    slots = alloc((mask + 1) << 4);
  memory.fill(slots, 0, (mask + 1) << 4);
  for (let i: u32 = 0; i < oldCount; i++) {
    const e = old + (i << 4);
    if (load<u32>(e, 8) == 0) continue;
    let slot = hash(load<u64>(e)) & mask;
    while (load<u32>(slots + (slot << 4), 8) != 0) slot = (slot + 1) & mask;
    copy16(slots + (slot << 4), e);
  }
  release(old);
  d.slots = slots;
  d.mask = mask;
}
