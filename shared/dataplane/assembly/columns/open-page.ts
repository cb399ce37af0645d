// The state of one leaf column: its open page and the dictionary of its chunk.
import { alloc, capacity, regrow, release } from '../memory';
import { DICTIONARY_BYTES_MAX, Dictionary, newDictionary, releaseDictionary } from './dictionary';
import { Numbers, newNumbers, releaseNumbers } from './numbers';

/** Parquet physical types, as parquet.thrift numbers them. */
export const BOOLEAN: u32 = 0,
  INT32: u32 = 1,
  INT64: u32 = 2,
  FLOAT: u32 = 4,
  DOUBLE: u32 = 5,
  BYTES: u32 = 6,
  FIXED: u32 = 7;

/** Encodings, as parquet.thrift numbers them. */
export const PLAIN: u32 = 0,
  DELTA_BINARY_PACKED: u32 = 5,
  RLE_DICTIONARY: u32 = 8;

/** Bytes of a page before compression, at which it ends with the next row. */
export const PAGE_BYTES_MAX: u32 = 1 << 20;
/** Before the values, so that encoded levels can stand right in front of them where they fit. */
export const LEVELS_ROOM: u32 = 1 << 12;
/** Whole size classes: a table may have many leaves, and a unit many files. */
const BLOCK_FIRST: u32 = (1 << 13) - 80;
const SLOTS_FIRST: u32 = (1 << 10) - 80;
/** Strings of the chunk's first page after which its dictionary is judged first. */
const JUDGED_FIRST: u32 = 1 << 12;

@unmanaged
export class Leaf {
  index: u32;
  type: u32;
  levelMax: u32;
  repeatMax: u32;
  /** What a chunk begins with, and what the open page will be encoded with: RLE_DICTIONARY stands for "while it pays". */
  starting: u32;
  encoding: u32;
  /** Bytes of a FIXED value. */
  width: u32;
  /** Definition level at which the outermost list is there, 0 where there is none. */
  listLevel: u32;
  hasBounds: bool;
  hasBloom: bool;
  dictionary: Dictionary | null;
  numbers: Numbers | null;
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
  /** What the strings of the open page would take PLAIN, while indices stand for them. */
  plain: u32;
  /** Pages of the chunk that have left as indices into its dictionary. */
  indexed: u32;
  /** Strings in the open page at which it is judged whether its dictionary pays. */
  judgedAt: u32;
  /** Hashes of the chunk's values, u64, and how many. */
  hashes: usize;
  hashCount: u32;
}

/** `encoding`: PLAIN, DELTA_BINARY_PACKED (INT64; a page that it does not make smaller is PLAIN) or RLE_DICTIONARY (any but BOOLEAN and FIXED; while it pays). */
export function newLeaf(index: u32, type: u32, levelMax: u32, repeatMax: u32, encoding: u32): Leaf {
  const l = changetype<Leaf>(alloc(offsetof<Leaf>()));
  l.index = index;
  l.type = type;
  l.levelMax = levelMax;
  l.repeatMax = repeatMax;
  l.starting = type == BOOLEAN || type == FIXED ? PLAIN : encoding;
  l.width = type == INT64 || type == DOUBLE ? 8 : 4;
  l.listLevel = 0;
  l.hasBounds = true;
  l.hasBloom = false;
  l.dictionary = null;
  l.numbers = null;
  l.slotsMax = SLOTS_FIRST;
  l.levels = levelMax > 0 ? alloc(SLOTS_FIRST) : 0;
  l.repeats = repeatMax > 0 ? alloc(SLOTS_FIRST) : 0;
  l.block = alloc(BLOCK_FIRST);
  l.hashes = 0;
  beginChunk(l);
  return l;
}

/** Of a leaf that has no values yet: bytes of a FIXED value, level of the outermost list, whether bounds are kept and hashes collected. */
export function configureLeaf(l: Leaf, width: u32, listLevel: u32, hasBounds: bool, hasBloom: bool): void {
  if (l.type == FIXED) l.width = width;
  l.listLevel = listLevel;
  l.hasBounds = hasBounds;
  l.hasBloom = hasBloom;
}

export function releaseLeaf(l: Leaf): void {
  dropDictionary(l);
  release(l.levels);
  release(l.repeats);
  release(l.block);
  release(l.hashes);
  release(changetype<usize>(l));
}

/** Empty, with a new dictionary where the leaf begins with one. */
export function beginChunk(l: Leaf): void {
  dropDictionary(l);
  l.encoding = l.starting;
  if (l.starting == RLE_DICTIONARY) {
    if (l.type == BYTES) l.dictionary = newDictionary();
    else l.numbers = newNumbers(l.width);
  }
  l.indexed = 0;
  l.judgedAt = JUDGED_FIRST;
  l.hashCount = 0;
  emptyPage(l);
}

export function dropDictionary(l: Leaf): void {
  const dictionary = l.dictionary,
    numbers = l.numbers;
  if (dictionary !== null) releaseDictionary(dictionary);
  if (numbers !== null) releaseNumbers(numbers);
  l.dictionary = null;
  l.numbers = null;
}

export function emptyPage(l: Leaf): void {
  l.slots = 0;
  l.present = 0;
  l.rows = 0;
  l.plain = 0;
  l.values = l.block + LEVELS_ROOM;
  l.end = l.values;
  l.limit = l.block + capacity(l.block) - 16;
}

/** Whether the open page ends with the next row. */
export function isFull(l: Leaf): bool {
  const dictionary = l.dictionary;
  return <u32>(l.end - l.values) > PAGE_BYTES_MAX || (dictionary !== null && l.encoding == RLE_DICTIONARY && dictionary.length > DICTIONARY_BYTES_MAX);
}

export function growSlots(l: Leaf): void {
  const next = l.slotsMax * 2;
  if (l.levels != 0) l.levels = regrow(l.levels, l.slots, next);
  // The repetition level of the slot to come is there already.
  if (l.repeats != 0) l.repeats = regrow(l.repeats, l.slots + 1, next);
  l.slotsMax = next;
}

/** Room for `bytes` more bytes of values. */
export function growValues(l: Leaf, bytes: u32): void {
  const kept = <u32>(l.end - l.block);
  l.block = regrow(l.block, kept, max(kept * 2, kept + bytes + 64));
  l.values = l.block + LEVELS_ROOM;
  l.end = l.block + kept;
  l.limit = l.block + capacity(l.block) - 16;
}
