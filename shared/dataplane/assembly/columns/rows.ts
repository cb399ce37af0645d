// The slots of many rows appended to one leaf of the top level at once: what a value waits for (the slots of a large dictionary are mostly not in the
// processor's cache) the next one does not wait for.
import { copyWide } from '../wide';
import { DICTIONARY_BYTES_MAX, Dictionary, foresee, hashOf, intern, internHashed } from './dictionary';
import { hasIndexRoom } from './dictionary-choice';
import { BYTES, DOUBLE, INT64, Leaf, PAGE_BYTES_MAX, RLE_DICTIONARY, growSlots, growValues, isFull } from './open-page';
import { endPage } from './page';

/** Rows at once, at most. */
export const ROWS_MAX: u32 = 64;
/** Bytes of a block with what `ROWS_MAX` rows have in one column: their values, u64 each (of text `textSlot`), and whether they have one, a byte each. */
export const CELLS_BYTES: u32 = ROWS_MAX * 9;
const PRESENT: u32 = ROWS_MAX * 8;

// @ts-ignore: decorator
@inline
export function putValue(cells: usize, row: u32, value: u64): void {
  store<u64>(cells + (row << 3), value);
  store<u8>(cells + row, 1, PRESENT);
}

// @ts-ignore: decorator
@inline
export function putText(cells: usize, row: u32, at: usize, length: u32): void {
  putValue(cells, row, <u64>at | ((<u64>length) << 32));
}

// @ts-ignore: decorator
@inline
export function putNull(cells: usize, row: u32): void {
  store<u8>(cells + row, 0, PRESENT);
}

// @ts-ignore: decorator
@inline
export function isPut(cells: usize, row: u32): bool {
  return load<u8>(cells + row, PRESENT) != 0;
}

// @ts-ignore: decorator
@inline
export function valueOf(cells: usize, row: u32): u64 {
  return load<u64>(cells + (row << 3));
}

/** Of all rows: none has a value. */
export function clearCells(cells: usize): void {
  memory.fill(cells + PRESENT, 0, ROWS_MAX);
}

/** Appends `count` rows: rows 0, 1, .. of `cells`, or those whose numbers stand at `picks`, u8 each. Pages end at `rowsMax` rows or when full. */
export function appendCells(l: Leaf, cells: usize, picks: usize, count: u32, rowsMax: u32): void {
  let from: u32 = 0;
  while (from < count) {
    if (l.rows >= rowsMax) endPage(l);
    const to = from + min(count - from, rowsMax - l.rows);
    const reached = l.type == BYTES ? texts(l, cells, picks, from, to) : numbers(l, cells, picks, from, to);
    l.rows += reached - from;
    from = reached;
    if (l.rows >= rowsMax || isFull(l)) endPage(l);
  }
}

/** As `appendCells`, of text that is the same in every row. */
export function appendSame(l: Leaf, at: usize, length: u32, count: u32, rowsMax: u32): void {
  while (count > 0) {
    if (l.rows >= rowsMax) endPage(l);
    const isIndexed = l.encoding == RLE_DICTIONARY && hasIndexRoom(l, count),
      some = isIndexed ? min(count, rowsMax - l.rows) : 1;
    reserveSlots(l, some);
    if (l.levelMax > 0) memory.fill(l.levels + l.slots, 1, some);
    if (isIndexed) {
      // Known by its place in the dictionary while the page has one.
      const index = l.present == 0 ? intern(changetype<Dictionary>(l.dictionary), at, length) : load<u32>(l.end - 4);
      for (let i: u32 = 0; i < some; i++) store<u32>(l.end + (i << 2), index);
      l.end += some << 2;
      l.plain += some * (length + 4);
    } else putPlain(l, at, length);
    l.slots += some;
    l.present += some;
    l.rows += some;
    count -= some;
    if (l.rows >= rowsMax || isFull(l)) endPage(l);
  }
}

// @ts-ignore: decorator
@inline
function rowAt(picks: usize, i: u32): u32 {
  return picks == 0 ? i : <u32>load<u8>(picks + i);
}

/** The levels of rows `from` to before `to`; returns how many of them have a value. */
function levels(l: Leaf, cells: usize, picks: usize, from: u32, to: u32): u32 {
  reserveSlots(l, to - from);
  let present: u32 = 0;
  if (l.levelMax == 0) present = to - from;
  else {
    const out = l.levels + l.slots - from;
    for (let i = from; i < to; i++) {
      const isThere = load<u8>(cells + rowAt(picks, i), PRESENT);
      store<u8>(out + i, isThere);
      present += <u32>isThere;
    }
  }
  l.slots += to - from;
  l.present += present;
  return present;
}

/** Returns the row behind the last appended: all of them, for what they take more than a full page is small. */
function numbers(l: Leaf, cells: usize, picks: usize, from: u32, to: u32): u32 {
  const present = levels(l, cells, picks, from, to);
  if (present == 0) return to;
  const bytes = present << 3;
  if (l.end + bytes > l.limit) growValues(l, bytes);
  let out = l.end;
  const isAll = present == to - from;
  if (l.type == INT64 || l.type == DOUBLE) {
    for (let i = from; i < to; i++) {
      const row = rowAt(picks, i);
      store<u64>(out, valueOf(cells, row));
      out += isAll || isPut(cells, row) ? 8 : 0;
    }
  } else {
    for (let i = from; i < to; i++) {
      const row = rowAt(picks, i);
      store<u32>(out, <u32>valueOf(cells, row));
      out += isAll || isPut(cells, row) ? 4 : 0;
    }
  }
  l.end = out;
  return to;
}

/** Of the rows at hand: texts (`putText`) and their hashes. */
const there: usize = memory.data(64 * 8, 16),
  hashes: usize = memory.data(64 * 4, 16);

/** Returns the row behind the last appended: `to`, or the one at which the page got full. */
function texts(l: Leaf, cells: usize, picks: usize, from: u32, to: u32): u32 {
  if (l.encoding != RLE_DICTIONARY || !hasIndexRoom(l, to - from)) return plainTexts(l, cells, picks, from, to);
  reserveSlots(l, to - from);
  const dictionary = changetype<Dictionary>(l.dictionary),
    hasLevels = l.levelMax > 0;
  const slot = l.levels + l.slots - from;
  let present: u32 = 0,
    plain: u64 = 0;
  for (let i = from; i < to; i++) {
    const row = rowAt(picks, i),
      isThere = !hasLevels || isPut(cells, row);
    if (hasLevels) store<u8>(slot + i, <u8>isThere);
    if (!isThere) continue;
    const text = valueOf(cells, row),
      length = <u32>(text >> 32);
    store<u64>(there + (present << 3), text);
    store<u32>(hashes + (present << 2), hashOf(<usize>text, length));
    plain += length + 4;
    present++;
  }
  // As long as all of them may be new.
  if (dictionary.length + plain > DICTIONARY_BYTES_MAX && to - from > 1) return textsOneByOne(l, cells, picks, from, to);
  foresee(dictionary, hashes, present);
  for (let i: u32 = 0; i < present; i++) {
    const text = load<u64>(there + (i << 3));
    store<u32>(l.end + (i << 2), internHashed(dictionary, <usize>text, <u32>(text >> 32), load<u32>(hashes + (i << 2))));
  }
  l.slots += to - from;
  l.present += present;
  l.plain += <u32>plain;
  l.end += present << 2;
  return to;
}

/** The page ends as soon as the dictionary is full. */
function textsOneByOne(l: Leaf, cells: usize, picks: usize, from: u32, to: u32): u32 {
  while (from < to && !isFull(l)) from = texts(l, cells, picks, from, from + 1);
  return from;
}

function plainTexts(l: Leaf, cells: usize, picks: usize, from: u32, to: u32): u32 {
  reserveSlots(l, to - from);
  const hasLevels = l.levelMax > 0;
  let i = from;
  while (i < to && <u32>(l.end - l.values) <= PAGE_BYTES_MAX) {
    const row = rowAt(picks, i),
      isThere = !hasLevels || isPut(cells, row);
    if (hasLevels) store<u8>(l.levels + l.slots, <u8>isThere);
    if (isThere) {
      const text = valueOf(cells, row);
      putPlain(l, <usize>text, <u32>(text >> 32));
      l.present++;
    }
    l.slots++;
    i++;
  }
  return i;
}

// @ts-ignore: decorator
@inline
function putPlain(l: Leaf, at: usize, length: u32): void {
  if (l.end + length > l.limit) growValues(l, length + 4);
  store<u32>(l.end, length);
  copyWide(l.end + 4, at, length);
  l.end += 4 + length;
}

// @ts-ignore: decorator
@inline
function reserveSlots(l: Leaf, count: u32): void {
  while (l.slots + count > l.slotsMax) growSlots(l);
}
