// One leaf column of a Parquet row group being built. Values are appended; pages leave by the host's `page` as they fill, so that what is held is one
// open page a column, its dictionary, and what the host has compressed.
import { copyWide } from '../wide';
import { Dictionary, intern } from './dictionary';
import { hasIndexRoom } from './dictionary-choice';
import { Leaf, RLE_DICTIONARY, growSlots, growValues } from './open-page';

export { Leaf, configureLeaf, newLeaf, releaseLeaf } from './open-page';
export { endChunk, endPage } from './page';

/** The repetition level of the slot that comes next: before every append to a leaf below a list. */
// @ts-ignore: decorator
@inline
export function repetition(l: Leaf, level: u32): void {
  store<u8>(l.repeats + l.slots, <u8>level);
}

/** A slot without a value; `level` says how much of its path is there. */
// @ts-ignore: decorator
@inline
export function appendNull(l: Leaf, level: u32): void {
  if (l.slots == l.slotsMax) growSlots(l);
  store<u8>(l.levels + l.slots, <u8>level);
  l.slots++;
}

// @ts-ignore: decorator
@inline
function appendPresent(l: Leaf): void {
  if (l.slots == l.slotsMax) growSlots(l);
  if (l.levelMax > 0) store<u8>(l.levels + l.slots, <u8>l.levelMax);
  l.slots++;
  l.present++;
}

/** INT64 and, as its bits, DOUBLE. */
// @ts-ignore: decorator
@inline
export function append64(l: Leaf, value: u64): void {
  appendPresent(l);
  if (l.end > l.limit) growValues(l, 8);
  store<u64>(l.end, value);
  l.end += 8;
}

/** INT32, FLOAT as its bits, BOOLEAN as 0 or 1. */
// @ts-ignore: decorator
@inline
export function append32(l: Leaf, value: u32): void {
  appendPresent(l);
  if (l.end > l.limit) growValues(l, 4);
  store<u32>(l.end, value);
  l.end += 4;
}

/** FIXED: the leaf's width of bytes from `p`, which is followed by at least 16 readable bytes. */
export function appendFixed(l: Leaf, p: usize): void {
  appendPresent(l);
  if (l.end + l.width > l.limit) growValues(l, l.width);
  memory.copy(l.end, p, l.width);
  l.end += l.width;
}

/** BYTES; `p` is followed by at least 16 readable bytes. */
// @ts-ignore: decorator
@inline
export function appendBytes(l: Leaf, p: usize, length: u32): void {
  if (l.encoding == RLE_DICTIONARY && hasIndexRoom(l, 1)) {
    const index = intern(changetype<Dictionary>(l.dictionary), p, length);
    l.plain += length + 4;
    appendPresent(l);
    store<u32>(l.end, index);
    l.end += 4;
  } else {
    appendPresent(l);
    if (l.end + length > l.limit) growValues(l, length + 4);
    const out = l.end;
    store<u32>(out, length);
    copyWide(out + 4, p, length);
    l.end = out + 4 + length;
  }
}
