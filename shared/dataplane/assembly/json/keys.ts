// Columns found by the keys of a document: by a guess that one comparison confirms, else by hash.
import { alloc, release } from '../memory';
import { Column, Plan, columnAt } from './plan';
import { head, headHigh, headLow } from '../wide';
import { isSame } from './text';

/** Bytes of a key that its column holds for the first comparison. */
export const KEY_HEAD: u32 = 32;

/** Whether the column's key, quotes and colon stand at `p`. */
// @ts-ignore: decorator
@inline
export function startsWithKey(c: Column, p: usize): bool {
  const at = changetype<usize>(c);
  let differs: bool;
  if (ASC_FEATURE_SIMD)
    differs = v128.any_true(
      v128.or(
        v128.and(v128.xor(v128.load(p), v128.load(at)), v128.load(at, 32)),
        v128.and(v128.xor(v128.load(p, 16), v128.load(at, 16)), v128.load(at, 48)),
      ),
    );
  else {
    let faults: u64 = 0;
    for (let i: usize = 0; i < KEY_HEAD; i += 8) faults |= (load<u64>(p + i) ^ load<u64>(at + i)) & load<u64>(at + i, 32);
    differs = faults != 0;
  }
  return !differs && (c.keyLength <= KEY_HEAD || isSame(p + KEY_HEAD, c.key + KEY_HEAD, c.keyLength - KEY_HEAD));
}

/** The column named by the `length` bytes at `name`, or null. */
export function findColumn(p: Plan, name: usize, length: u32): Column | null {
  let slot = hashOf(name, length) & p.tableMask,
    id = load<u32>(p.table + (slot << 2));
  while (id != 0) {
    const c = columnAt(p, id - 1);
    if (c.keyLength == length + 3 && isSame(c.key + 1, name, length)) return c;
    slot = (slot + 1) & p.tableMask;
    id = load<u32>(p.table + (slot << 2));
  }
  return null;
}

/** A table of `size` slots, a power of two, with all columns that have a key. */
export function spread(p: Plan, size: u32): void {
  release(p.table);
  p.table = alloc(size << 2);
  p.tableMask = size - 1;
  memory.fill(p.table, 0, size << 2);
  for (let id: u32 = 0; id < p.count; id++) if (columnAt(p, id).keyLength > 0) place(p, id);
}

/** Puts a column with a key into the table, which has room. */
export function place(p: Plan, id: u32): void {
  const c = columnAt(p, id);
  let slot = hashOf(c.key + 1, c.keyLength - 3) & p.tableMask;
  while (load<u32>(p.table + (slot << 2)) != 0) slot = (slot + 1) & p.tableMask;
  store<u32>(p.table + (slot << 2), id + 1);
}

const M1: u64 = 0xff51afd7ed558ccd,
  M2: u64 = 0xc4ceb9fe1a85ec53;

/** Of the length and the first and last 16 bytes. Names that share those and hash alike are told apart by the comparison. */
// @ts-ignore: decorator
@inline
function hashOf(name: usize, length: u32): u32 {
  let a: u64, b: u64, c: u64, d: u64;
  if (ASC_FEATURE_SIMD) {
    const first = length <= 16 ? head(name, length) : v128.load(name),
      last = length <= 16 ? first : v128.load(name + length - 16);
    a = <u64>i64x2.extract_lane(first, 0);
    b = <u64>i64x2.extract_lane(first, 1);
    c = <u64>i64x2.extract_lane(last, 0);
    d = <u64>i64x2.extract_lane(last, 1);
  } else if (length <= 16) {
    a = headLow(name, length);
    b = headHigh(name, length);
    c = a;
    d = b;
  } else {
    const last = name + length - 16;
    a = load<u64>(name);
    b = load<u64>(name, 8);
    c = load<u64>(last);
    d = load<u64>(last, 8);
  }
  const h = (a ^ <u64>length) * M1,
    g = (b ^ rotl<u64>(c, 17)) * M2,
    x = h ^ rotl<u64>(g, 29) ^ (d * M1);
  return <u32>(((x ^ (x >> 32)) * M2) >> 32);
}
