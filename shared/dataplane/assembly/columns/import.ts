// Slots whose levels the host has worked out, with values that lie in memory as vectors hold them, appended to a leaf.
import { appendBytes, appendFixed, append32, append64, appendNull, repetition } from './leaf';
import { BYTES, DOUBLE, FIXED, INT64, Leaf, isFull } from './open-page';
import { endPage } from './page';

/**
 * `levels`, `repeats`: a byte a slot, 0 where all slots are present or every slot begins a row. `picks`: index of each slot's value, u32, 0 where slot i
 * takes value i; ignored for slots without a value. `values`: fixed-width values, or bytes where `offsets` (u32) say which are whose. Pages end before a
 * row, at `rowsMax` rows or when full; the rows given may end in the middle of a list, which the next call goes on with.
 */
export function importSlots(
  l: Leaf,
  slots: u32,
  levels: usize,
  repeats: usize,
  picks: usize,
  values: usize,
  offsets: usize,
  rowsMax: u32,
): void {
  for (let i: u32 = 0; i < slots; i++) {
    const repeat = repeats == 0 ? 0 : load<u8>(repeats + i);
    if (repeat == 0) {
      if (l.rows >= rowsMax || isFull(l)) endPage(l);
      l.rows++;
    }
    if (l.repeatMax > 0) repetition(l, repeat);
    const level = levels == 0 ? l.levelMax : <u32>load<u8>(levels + i);
    if (level < l.levelMax) {
      appendNull(l, level);
      continue;
    }
    const pick = picks == 0 ? i : load<u32>(picks + (i << 2));
    if (l.type == BYTES) {
      const from = load<u32>(offsets + (pick << 2));
      appendBytes(l, values + from, load<u32>(offsets + (pick << 2), 4) - from);
    } else if (l.type == INT64 || l.type == DOUBLE) append64(l, load<u64>(values + (pick << 3)));
    else if (l.type == FIXED) appendFixed(l, values + pick * l.width);
    else append32(l, load<u32>(values + (pick << 2)));
  }
}

/** Rows without anything at all, as a column has that came later. */
export function appendNulls(l: Leaf, rows: u32, rowsMax: u32): void {
  for (let i: u32 = 0; i < rows; i++) {
    if (l.rows >= rowsMax) endPage(l);
    l.rows++;
    if (l.repeatMax > 0) repetition(l, 0);
    appendNull(l, 0);
  }
}

/** A level a byte of validity bits from `firstBit` on, least significant first: `level` where present, one less where not. */
export function levelsOfBits(bits: usize, firstBit: u32, count: u32, level: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const bit = firstBit + i;
    store<u8>(out + i, <u8>(level - 1 + ((<u32>load<u8>(bits + (bit >> 3)) >> (bit & 7)) & 1)));
  }
}

/** Bytes the leaf holds for its open page and dictionary, roughly: what a bound on row groups counts besides the pages that have left. */
export function heldBytes(l: Leaf): u32 {
  const dictionary = l.dictionary;
  return <u32>(l.end - l.values) + (dictionary === null ? 0 : dictionary.length);
}
