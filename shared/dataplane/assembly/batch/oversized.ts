// Values too long to be held, of the batch walked last: the host takes their digests while they are still there.
import { alloc, regrow } from '../memory';

const ENTRY_BYTES: u32 = 12;
const ENTRIES_FIRST: u32 = 16;

let entries: usize = 0;
let entriesMax: u32 = 0;
let count: u32 = 0;

/** `u32 index in the slab, u32 address, u32 length` each. */
export function oversized(): usize {
  return entries;
}

export function oversizedCount(): u32 {
  return count;
}

export function forgetOversized(): void {
  count = 0;
}

export function noteOversized(index: u32, at: usize, length: u32): void {
  if (count == entriesMax) {
    entriesMax = max(ENTRIES_FIRST, entriesMax * 2);
    entries = entries == 0 ? alloc(entriesMax * ENTRY_BYTES) : regrow(entries, count * ENTRY_BYTES, entriesMax * ENTRY_BYTES);
  }
  const entry = entries + count * ENTRY_BYTES;
  store<u32>(entry, index);
  store<u32>(entry, <u32>at, 4);
  store<u32>(entry, length, 8);
  count++;
}
