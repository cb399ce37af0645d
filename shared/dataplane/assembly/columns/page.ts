// How the open page of a leaf leaves: bounds, values encoded, levels in front of them, all given to the host.
import { alloc, capacity, release } from '../memory';
import { byteLevels, bitLevels, booleans, packed } from '../encoding/rle';
import { deltaPacked } from '../encoding/delta';
import { Bounds, boundsOf } from './bounds';
import { DICTIONARY_BYTES_MAX, Dictionary } from './dictionary';
import { doesDictionaryPay, replaceIndices } from './dictionary-choice';
import { hashEntries, hashPage } from './hashes';
import { Numbers, internNumbers } from './numbers';
import {
  BOOLEAN,
  BYTES,
  DELTA_BINARY_PACKED,
  INT64,
  LEVELS_ROOM,
  Leaf,
  PLAIN,
  RLE_DICTIONARY,
  beginChunk,
  dropDictionary,
  emptyPage,
} from './open-page';

/** A page, uncompressed: repetition levels, definition levels and values as a V1 data page holds them. `report` is a Report. */
// @ts-ignore: decorator
@external('host', 'page')
declare function page(leaf: u32, report: usize): void;
/** The entries of a leaf's dictionary, PLAIN; after the chunk's pages. */
// @ts-ignore: decorator
@external('host', 'dictionary')
declare function dictionaryPage(leaf: u32, at: usize, length: u32, count: u32): void;
/** Hashes of the chunk's values, u64. */
// @ts-ignore: decorator
@external('host', 'hashes')
declare function hashesOf(leaf: u32, at: usize, count: u32): void;

@unmanaged
class Report {
  at: usize;
  length: u32;
  slots: u32;
  present: u32;
  rows: u32;
  /** Rows whose outermost list is null. */
  listNulls: u32;
  encoding: u32;
  flags: u32;
  minAt: usize;
  minLength: u32;
  maxAt: usize;
  maxLength: u32;
}
const report = changetype<Report>(memory.data(48, 16));

/** Reused by all leaves: encoded values behind LEVELS_ROOM, encoded levels, and a page whose levels did not fit in front. */
let packing: usize = 0;
let levelling: usize = 0;
let joining: usize = 0;

/** The last page and the dictionary. The leaf is ready for another row group. */
export function endChunk(l: Leaf): void {
  endPage(l);
  const dictionary = l.dictionary,
    numbers = l.numbers;
  if (dictionary !== null && l.indexed > 0) {
    hashEntries(l);
    dictionaryPage(l.index, dictionary.bytes, dictionary.length, dictionary.count);
  }
  if (numbers !== null && l.indexed > 0) dictionaryPage(l.index, numbers.values, numbers.count * numbers.width, numbers.count);
  if (l.hasBloom) hashesOf(l.index, l.hashes, l.hashCount);
  beginChunk(l);
}

/** The open page, if there is anything in it, goes to the host. */
export function endPage(l: Leaf): void {
  if (l.slots == 0) return;
  if (l.type == BYTES && l.encoding == RLE_DICTIONARY && l.indexed == 0 && !doesDictionaryPay(l)) replaceIndices(l);
  boundsOf(l);
  hashPage(l);
  const end = l.present == 0 ? withoutValues(l) : l.type == BYTES ? encodeStrings(l) : l.type == BOOLEAN ? encodeBooleans(l) : encodeNumbers(l);
  withLevels(l, report.at, end);
  report.slots = l.slots;
  report.present = l.present;
  report.rows = l.rows;
  report.listNulls = listNulls(l);
  report.flags = Bounds.flags;
  report.minAt = Bounds.minAt;
  report.minLength = Bounds.minLength;
  report.maxAt = Bounds.maxAt;
  report.maxLength = Bounds.maxLength;
  page(l.index, changetype<usize>(report));
  if (report.encoding == RLE_DICTIONARY) l.indexed++;
  emptyPage(l);
}

/** Between pages of indices into a list's dictionary one as well: Spark's vectorized reader loses its place where encodings change to and fro. */
function withoutValues(l: Leaf): usize {
  return l.repeatMax > 0 && l.indexed > 0 && l.encoding == RLE_DICTIONARY ? indices(l.values, 0, 1) : plain(l);
}

/** Each of these sets where the values begin and their encoding in the report, and returns their end. */
function encodeStrings(l: Leaf): usize {
  if (l.encoding != RLE_DICTIONARY) return plain(l);
  const dictionary = changetype<Dictionary>(l.dictionary);
  const end = indices(l.values, l.present, dictionary.count);
  if (dictionary.length > DICTIONARY_BYTES_MAX) l.encoding = PLAIN;
  return end;
}

function encodeBooleans(l: Leaf): usize {
  packing = roomFor(packing, LEVELS_ROOM + (l.present >> 3) + 64);
  report.at = packing + LEVELS_ROOM;
  report.encoding = PLAIN;
  return booleans(l.values, l.present, report.at);
}

/** The smallest of what the leaf may be: indices have to win clearly, for a codec finds repeats by itself. */
function encodeNumbers(l: Leaf): usize {
  const plainBytes = l.present * l.width;
  if (l.encoding == RLE_DICTIONARY) {
    const numbers = changetype<Numbers>(l.numbers),
      known = numbers.count,
      isFirst = l.indexed == 0;
    const out = alloc(l.present * 4);
    const isWithin = internNumbers(numbers, l.values, l.present, known + (l.present >> 1) + 1, out);
    const width = numbers.count <= 1 ? 1 : widthOf(numbers.count - 1);
    const bytes = (numbers.count - known) * l.width + ((l.present * width) >> 3);
    if (isWithin && bytes * 2 <= plainBytes + 64) {
      const end = indices(out, l.present, numbers.count);
      release(out);
      return end;
    }
    release(out);
    numbers.count = known;
    if (isFirst) dropDictionary(l);
    l.encoding = l.type == INT64 ? DELTA_BINARY_PACKED : PLAIN;
  }
  if (l.encoding == DELTA_BINARY_PACKED && l.type == INT64) {
    packing = roomFor(packing, LEVELS_ROOM + l.present * 10 + 256);
    const end = deltaPacked(l.values, l.present, packing + LEVELS_ROOM);
    if (<u32>(end - packing) - LEVELS_ROOM < plainBytes) {
      report.at = packing + LEVELS_ROOM;
      report.encoding = DELTA_BINARY_PACKED;
      return end;
    }
  }
  return plain(l);
}

function plain(l: Leaf): usize {
  report.at = l.values;
  report.encoding = PLAIN;
  return l.end;
}

/** The bit width, then `count` indices into `entries`. */
function indices(at: usize, count: u32, entries: u32): usize {
  const width = entries <= 1 ? 1 : widthOf(entries - 1);
  packing = roomFor(packing, LEVELS_ROOM + count * 5 + 128);
  report.at = packing + LEVELS_ROOM;
  report.encoding = RLE_DICTIONARY;
  store<u8>(report.at, <u8>width);
  return packed(at, count, width, report.at + 1);
}

/** Puts repetition and definition levels, each behind its length, in front of the values from `at` to `end`, or both into another block. */
function withLevels(l: Leaf, at: usize, end: usize): void {
  levelling = roomFor(levelling, l.slots * 4 + 256);
  let out = levelling;
  if (l.repeatMax > 0) out = behindLength(out, byteLevels(l.repeats, l.slots, widthOf(l.repeatMax), out + 4));
  if (l.levelMax == 1) out = behindLength(out, bitLevels(l.levels, l.slots, l.present, out + 4));
  else if (l.levelMax > 1) out = behindLength(out, byteLevels(l.levels, l.slots, widthOf(l.levelMax), out + 4));
  const room = <u32>(out - levelling),
    length = <u32>(end - at);
  if (room <= LEVELS_ROOM) {
    memory.copy(at - room, levelling, room);
    report.at = at - room;
  } else {
    joining = roomFor(joining, room + length);
    memory.copy(joining, levelling, room);
    memory.copy(joining + room, at, length);
    report.at = joining;
  }
  report.length = room + length;
}

function widthOf(most: u32): u32 {
  return 32 - <u32>clz(most);
}

function behindLength(at: usize, end: usize): usize {
  store<u32>(at, <u32>(end - at) - 4);
  return end;
}

function listNulls(l: Leaf): u32 {
  if (l.repeatMax == 0) return 0;
  let count: u32 = 0;
  for (let i: u32 = 0; i < l.slots; i++) if (load<u8>(l.repeats + i) == 0 && load<u8>(l.levels + i) < <u8>l.listLevel) count++;
  return count;
}

function roomFor(block: usize, bytes: u32): usize {
  if (block != 0 && capacity(block) >= bytes) return block;
  release(block);
  return alloc(bytes);
}
