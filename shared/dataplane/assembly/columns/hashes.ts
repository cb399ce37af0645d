// Hashes of a chunk's values, of which the host makes a Bloom filter.
import { alloc, capacity, regrow } from '../memory';
import { xxhash64 } from '../bloom/xxhash64';
import { Dictionary } from './dictionary';
import { BYTES, Leaf, RLE_DICTIONARY } from './open-page';

/** Of the open page, unless they are strings behind indices: those are hashed once, as the dictionary's entries. */
export function hashPage(l: Leaf): void {
  if (!l.hasBloom || l.present == 0) return;
  if (l.type == BYTES) {
    if (l.encoding != RLE_DICTIONARY) hashStrings(l, l.values, l.end, l.present);
    return;
  }
  makeRoom(l, l.present);
  let out = l.hashes + (l.hashCount << 3);
  for (let p = l.values; p < l.end; p += l.width) {
    store<u64>(out, xxhash64(p, l.width));
    out += 8;
  }
  l.hashCount += l.present;
}

export function hashEntries(l: Leaf): void {
  const d = l.dictionary;
  if (l.hasBloom && d !== null) hashStrings(l, d.bytes, d.bytes + d.length, d.count);
}

function hashStrings(l: Leaf, at: usize, end: usize, count: u32): void {
  makeRoom(l, count);
  let out = l.hashes + (l.hashCount << 3);
  while (at < end) {
    const length = load<u32>(at);
    store<u64>(out, xxhash64(at + 4, length));
    out += 8;
    at += length + 4;
  }
  l.hashCount += count;
}

function makeRoom(l: Leaf, count: u32): void {
  const bytes = (l.hashCount + count) << 3;
  if (l.hashes == 0) l.hashes = alloc(bytes);
  else if (capacity(l.hashes) < bytes) l.hashes = regrow(l.hashes, l.hashCount << 3, bytes);
}
