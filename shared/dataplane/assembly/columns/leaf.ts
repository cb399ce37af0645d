// One leaf column of a Parquet row group being built. Values are appended; pages leave by the host's `page` as they fill, so that what is held is one
// open page a column, its dictionary, and what the host has compressed.
import { alloc, capacity, regrow, release } from '../memory';
import { bitLevels, byteLevels, packed } from '../encoding/rle';
import { deltaPacked } from '../encoding/delta';
import { Dictionary, intern, newDictionary, releaseDictionary } from './dictionary';

/** Parquet physical types, as parquet.thrift numbers them. */
export const BOOLEAN: u32 = 0,
  INT32: u32 = 1,
  INT64: u32 = 2,
  FLOAT: u32 = 4,
  DOUBLE: u32 = 5,
  BYTES: u32 = 6;

/** Encodings, as parquet.thrift numbers them. */
export const PLAIN: u32 = 0,
  DELTA_BINARY_PACKED: u32 = 5,
  RLE_DICTIONARY: u32 = 8;

/** Bytes of a page before compression, at which it ends with the next row. */
const PAGE_BYTES_MAX: u32 = 1 << 20;
/** A dictionary larger than this takes no new page. */
const DICTIONARY_BYTES_MAX: u32 = 1 << 20;
const SLOTS_FIRST: u32 = 1 << 10;
/** Before the values, so that encoded levels stand right in front of them: enough for the levels of `LEVELS_ROOM * 7` slots. */
const LEVELS_ROOM: u32 = 1 << 14;

/** A page, uncompressed: levels and values as a V1 data page holds them. The bytes are gone when it returns. */
// @ts-ignore: decorator
@external('host', 'page')
declare function page(leaf: u32, at: usize, length: u32, slots: u32, present: u32, rows: u32, encoding: u32): void;
/** The entries of a leaf's dictionary, PLAIN. */
// @ts-ignore: decorator
@external('host', 'dictionary')
declare function dictionaryPage(leaf: u32, at: usize, length: u32, count: u32): void;

@unmanaged
export class Leaf {
  index: u32;
  type: u32;
  levelMax: u32;
  repeatMax: u32;
  /** What the open page will be encoded with. */
  encoding: u32;
  dictionary: Dictionary | null;
  /** Definition levels of the open page, a byte a slot, and repetition levels where `repeatMax` > 0. */
  levels: usize;
  repeats: usize;
  slotsMax: u32;
  slots: u32;
  present: u32;
  rows: u32;
  /** Block, first value in it, end of the last, and where it has to grow. */
  block: usize;
  values: usize;
  end: usize;
  limit: usize;
}

/** Set when some leaf's open page is full: `endRow` looks at all of them. */
let isAnyFull: bool = false;
let packing: usize = 0;

export function newLeaf(index: u32, type: u32, levelMax: u32, repeatMax: u32, encoding: u32): Leaf {
  const l = changetype<Leaf>(alloc(offsetof<Leaf>()));
  l.index = index;
  l.type = type;
  l.levelMax = levelMax;
  l.repeatMax = repeatMax;
  l.encoding = encoding;
  l.dictionary = encoding == RLE_DICTIONARY ? newDictionary() : null;
  l.slotsMax = SLOTS_FIRST;
  l.levels = levelMax > 0 ? alloc(SLOTS_FIRST) : 0;
  l.repeats = repeatMax > 0 ? alloc(SLOTS_FIRST) : 0;
  l.block = alloc(LEVELS_ROOM + (SLOTS_FIRST << 3));
  empty(l);
  return l;
}

export function releaseLeaf(l: Leaf): void {
  const dictionary = l.dictionary;
  if (dictionary !== null) releaseDictionary(dictionary);
  release(l.levels);
  release(l.repeats);
  release(l.block);
  release(changetype<usize>(l));
}

function empty(l: Leaf): void {
  l.slots = 0;
  l.present = 0;
  l.rows = 0;
  l.values = l.block + LEVELS_ROOM;
  l.end = l.values;
  l.limit = l.block + capacity(l.block) - 16;
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

// @ts-ignore: decorator
@inline
export function append64(l: Leaf, value: u64): void {
  appendPresent(l);
  if (l.end > l.limit) growValues(l, 8);
  store<u64>(l.end, value);
  l.end += 8;
}

// @ts-ignore: decorator
@inline
export function append32(l: Leaf, value: u32): void {
  appendPresent(l);
  if (l.end > l.limit) growValues(l, 4);
  store<u32>(l.end, value);
  l.end += 4;
}

/** `p` is followed by at least 16 readable bytes. */
// @ts-ignore: decorator
@inline
export function appendBytes(l: Leaf, p: usize, length: u32): void {
  const dictionary = l.dictionary;
  if (dictionary !== null && l.encoding == RLE_DICTIONARY) append32(l, intern(dictionary, p, length));
  else {
    appendPresent(l);
    if (l.end + length > l.limit) growValues(l, length + 4);
    const out = l.end;
    store<u32>(out, length);
    copyWide(out + 4, p, length);
    l.end = out + 4 + length;
    if (l.end - l.values > PAGE_BYTES_MAX) isAnyFull = true;
  }
}

/** Every leaf of the part has got the slots of one more row. */
export function endRow(leaves: usize, count: u32, rowsMax: u32): void {
  const first = changetype<Leaf>(load<usize>(leaves));
  const isAll = first.rows + 1 >= rowsMax;
  for (let i: u32 = 0; i < count; i++) {
    const l = changetype<Leaf>(load<usize>(leaves + (i << 2)));
    l.rows++;
    if (isAll || (isAnyFull && l.end - l.values > PAGE_BYTES_MAX)) endPage(l);
  }
  isAnyFull = false;
}

/** The open page, if there is anything in it, goes to the host. */
export function endPage(l: Leaf): void {
  if (l.slots == 0) return;
  const encoding = l.encoding;
  let at = l.values,
    end = l.end;
  if (encoding == RLE_DICTIONARY) {
    const count = changetype<Dictionary>(l.dictionary).count;
    const width: u32 = count <= 1 ? 1 : 32 - <u32>clz(count - 1);
    packing = roomFor(packing, LEVELS_ROOM + l.present * 4 + 64);
    at = packing + LEVELS_ROOM;
    store<u8>(at, <u8>width);
    end = packed(l.values, l.present, width, at + 1);
  } else if (encoding == DELTA_BINARY_PACKED) {
    packing = roomFor(packing, LEVELS_ROOM + l.present * 10 + 128);
    at = packing + LEVELS_ROOM;
    end = deltaPacked(l.values, l.present, at);
  }
  at = withLevels(l, at);
  page(l.index, at, <u32>(end - at), l.slots, l.present, l.rows, encoding);
  if (encoding == RLE_DICTIONARY && changetype<Dictionary>(l.dictionary).length > DICTIONARY_BYTES_MAX) l.encoding = PLAIN;
  empty(l);
}

/** The last page and the dictionary. The leaf is ready for another row group. */
export function endChunk(l: Leaf): void {
  endPage(l);
  const dictionary = l.dictionary;
  if (dictionary === null) return;
  dictionaryPage(l.index, dictionary.bytes, dictionary.length, dictionary.count);
  releaseDictionary(dictionary);
  l.dictionary = newDictionary();
  l.encoding = RLE_DICTIONARY;
}

/** Puts repetition and definition levels, each behind its length, in front of `at`; returns where they begin. */
function withLevels(l: Leaf, at: usize): usize {
  if (l.levelMax > 0) {
    const width: u32 = 32 - <u32>clz(l.levelMax);
    const out = alloc(l.slots * 2 + 64);
    const end = width == 1 ? bitLevels(l.levels, l.slots, l.present, out) : byteLevels(l.levels, l.slots, width, out);
    at = inFront(at, out, <u32>(end - out));
    release(out);
  }
  if (l.repeatMax > 0) {
    const width: u32 = 32 - <u32>clz(l.repeatMax);
    const out = alloc(l.slots * 2 + 64);
    at = inFront(at, out, <u32>(byteLevels(l.repeats, l.slots, width, out) - out));
    release(out);
  }
  return at;
}

function inFront(at: usize, from: usize, length: u32): usize {
  memory.copy(at - length, from, length);
  store<u32>(at - length - 4, length);
  return at - length - 4;
}

function growSlots(l: Leaf): void {
  const next = l.slotsMax * 2;
  if (l.levels != 0) l.levels = regrow(l.levels, l.slots, next);
  if (l.repeats != 0) l.repeats = regrow(l.repeats, l.slots, next);
  l.slotsMax = next;
}

function growValues(l: Leaf, bytes: u32): void {
  const kept = <u32>(l.end - l.block);
  l.block = regrow(l.block, kept, max(kept * 2, kept + bytes + 64));
  l.values = l.block + LEVELS_ROOM;
  l.end = l.block + kept;
  l.limit = l.block + capacity(l.block) - 16;
}

function roomFor(block: usize, bytes: u32): usize {
  if (block != 0 && capacity(block) >= bytes) return block;
  release(block);
  return alloc(bytes);
}

/** 16 bytes at a time: up to 15 bytes behind the target are written. */
// @ts-ignore: decorator
@inline
function copyWide(to: usize, from: usize, length: u32): void {
  let i: u32 = 0;
  do {
    v128.store(to + i, v128.load(from + i));
    i += 16;
  } while (i < length);
}
