// When a dictionary of strings pays: looked at whenever the first page has doubled, and as it ends.
import { alloc, capacity, release } from '../memory';
import { Dictionary } from './dictionary';
import { LEVELS_ROOM, Leaf, PLAIN, dropDictionary, growValues } from './open-page';

/** Room for `count` more indices; false where the open page has become PLAIN instead, because its dictionary does not pay. */
// @ts-ignore: decorator
@inline
export function hasIndexRoom(l: Leaf, count: u32): bool {
  return (l.present < l.judgedAt && l.end + (count << 2) <= l.limit) || growIndices(l, count);
}

function growIndices(l: Leaf, count: u32): bool {
  if (l.present >= l.judgedAt) {
    if (l.indexed == 0 && !doesDictionaryPay(l)) {
      replaceIndices(l);
      return false;
    }
    l.judgedAt = l.indexed == 0 ? l.judgedAt * 2 : u32.MAX_VALUE;
  }
  if (l.end + (count << 2) > l.limit) growValues(l, count << 2);
  return true;
}

/** Whether entries and indices take less than three quarters of what the first page's values take PLAIN. */
export function doesDictionaryPay(l: Leaf): bool {
  const dictionary = changetype<Dictionary>(l.dictionary);
  const width: u64 = dictionary.count <= 1 ? 1 : 32 - <u64>clz(dictionary.count - 1);
  return ((<u64>dictionary.length + ((<u64>l.present * width) >> 3)) << 2) <= <u64>l.plain * 3;
}

/** The values of the open page instead of their indices. The dictionary is dropped: no page that has left needs it. */
export function replaceIndices(l: Leaf): void {
  const dictionary = changetype<Dictionary>(l.dictionary),
    bytes = dictionary.bytes,
    places = dictionary.places;
  const block = alloc(LEVELS_ROOM + l.plain + 64);
  let out = block + LEVELS_ROOM;
  for (let at = l.values; at < l.end; at += 4) {
    const entry = bytes + load<u32>(places + (load<u32>(at) << 2)),
      length = load<u32>(entry) + 4;
    memory.copy(out, entry, length);
    out += length;
  }
  release(l.block);
  l.block = block;
  l.values = block + LEVELS_ROOM;
  l.end = out;
  l.limit = block + capacity(block) - 16;
  l.encoding = PLAIN;
  dropDictionary(l);
}
