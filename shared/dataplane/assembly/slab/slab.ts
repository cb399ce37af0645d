// The records of a stretch of one partition as parallel arrays in this memory: what the batch walk fills, the scanner reads and the host sees as a
// `RecordSlab` over the same bytes.
import { alloc, regrow, release } from '../memory';
import { clearArena, releaseArena } from './arena';

/** What became of a record: not looked at, appended as a row, or left to the exact path. */
export const PENDING: u8 = 0,
  ROW: u8 = 1,
  REFUSED: u8 = 2;

/**
 * 1. Every field stands at a fixed place: the host reads them by word (src/scan/slab.ts), two for an f64.
 * 2. Positions are relative to `bytes`; a start of -1 means null. They lie within `bytes .. bytesEnd`. Bytes in the slab's own arena are in several
 *    blocks: `bytes` is 0 then, a position an address. Behind every value there is SLACK that may be read, and its first byte written and restored.
 * 3. The arrays have room for `capacity` records.
 */
@unmanaged
export class Slab {
  start: f64;
  nextOffset: f64;
  partition: i32;
  count: u32;
  capacity: u32;
  bytes: usize;
  bytesEnd: usize;
  /** f64 */
  offsets: usize;
  /** f64, ms since the Unix epoch; -1 = none */
  timestamps: usize;
  /** i32, from here to `headerEnds` */
  keyStarts: usize;
  keyEnds: usize;
  valueStarts: usize;
  valueEnds: usize;
  headerStarts: usize;
  headerEnds: usize;
  /** u8 */
  outcomes: usize;
  /** The arena (arena.ts): open block, where its content ends, blocks that were full before. */
  block: usize;
  blockEnd: usize;
  fullBlocks: usize;
}

/** An empty slab with room for `records`, over no bytes yet. */
export function newSlab(records: u32): Slab {
  const s = changetype<Slab>(alloc(offsetof<Slab>()));
  memory.fill(changetype<usize>(s), 0, offsetof<Slab>());
  s.offsets = alloc(records << 3);
  s.timestamps = alloc(records << 3);
  s.keyStarts = alloc(records << 2);
  s.keyEnds = alloc(records << 2);
  s.valueStarts = alloc(records << 2);
  s.valueEnds = alloc(records << 2);
  s.headerStarts = alloc(records << 2);
  s.headerEnds = alloc(records << 2);
  s.outcomes = alloc(records);
  s.capacity = records;
  return s;
}

/** Forgets the records and their bytes; keeps the arrays. */
export function clearSlab(s: Slab): void {
  clearArena(s);
  s.count = 0;
  s.bytes = 0;
  s.bytesEnd = 0;
}

export function releaseSlab(s: Slab): void {
  releaseArena(s);
  release(s.offsets);
  release(s.timestamps);
  release(s.keyStarts);
  release(s.keyEnds);
  release(s.valueStarts);
  release(s.valueEnds);
  release(s.headerStarts);
  release(s.headerEnds);
  release(s.outcomes);
  release(changetype<usize>(s));
}

/** Room for at least `records`; those there are kept. The arrays move. */
export function reserveRecords(s: Slab, records: u32): void {
  if (records <= s.capacity) return;
  const wanted = max(records, s.capacity * 2),
    count = s.count;
  s.offsets = regrow(s.offsets, count << 3, wanted << 3);
  s.timestamps = regrow(s.timestamps, count << 3, wanted << 3);
  s.keyStarts = regrow(s.keyStarts, count << 2, wanted << 2);
  s.keyEnds = regrow(s.keyEnds, count << 2, wanted << 2);
  s.valueStarts = regrow(s.valueStarts, count << 2, wanted << 2);
  s.valueEnds = regrow(s.valueEnds, count << 2, wanted << 2);
  s.headerStarts = regrow(s.headerStarts, count << 2, wanted << 2);
  s.headerEnds = regrow(s.headerEnds, count << 2, wanted << 2);
  s.outcomes = regrow(s.outcomes, count, wanted);
  s.capacity = wanted;
}

/** The slab's next record, all of whose positions the caller has checked. */
// @ts-ignore: decorator
@inline
export function appendRecord(
  s: Slab,
  offset: f64,
  timestampMs: f64,
  keyStart: i32,
  keyEnd: i32,
  valueStart: i32,
  valueEnd: i32,
  headerStart: i32,
  headerEnd: i32,
): void {
  const i = s.count;
  if (i == s.capacity) reserveRecords(s, i + 1);
  store<f64>(s.offsets + (i << 3), offset);
  store<f64>(s.timestamps + (i << 3), timestampMs);
  store<i32>(s.keyStarts + (i << 2), keyStart);
  store<i32>(s.keyEnds + (i << 2), keyEnd);
  store<i32>(s.valueStarts + (i << 2), valueStart);
  store<i32>(s.valueEnds + (i << 2), valueEnd);
  store<i32>(s.headerStarts + (i << 2), headerStart);
  store<i32>(s.headerEnds + (i << 2), headerEnd);
  store<u8>(s.outcomes + i, PENDING);
  s.count = i + 1;
}
