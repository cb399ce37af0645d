// Record batches of format 2, where they landed, into a slab.
//
//   0 base_offset:i64 | 8 length:i32 (of all behind it) | 12 leader_epoch:i32 | 16 magic:i8 | 17 crc:u32 (CRC-32C of all behind it)
//   21 attributes:i16 (bits 0-2 codec, 3 log-append time, 4 transactional, 5 control) | 23 last_offset_delta:i32
//   27 base_timestamp:i64 | 35 max_timestamp:i64 | 43 producer_id:i64 | 51 epoch:i16 | 53 sequence:i32 | 57 count:i32 | 61 records
//
// The host has read the header, checked it and the checksum; the bytes of the records may be anything.
import { lz4Frame } from '../codec/lz4';
import { snappy } from '../codec/snappy';
import { moveBy, position, readFrom, varint, varlong } from '../codec/varint';
import { PENDING, reserveRecords, Slab } from '../slab/slab';
import { beginContent, contentEnd, contentStart, extendContent, growContent, keepContent, setContent } from './content';
import { beginBatch, isRefused, refuse } from './refusal';
import { skipHeaders } from './headers';
import { forgetOversized, noteOversized } from './oversized';

const HEADER_BYTES: u32 = 61;
const SNAPPY: u32 = 2;
const LZ4: u32 = 3;
const LOG_APPEND_TIME: u32 = 8;
/** length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each at least. */
const RECORD_BYTES_MIN: u32 = 7;

/**
 * The batch at `[batch, end)` becomes the slab's content: lz4 and snappy decompressed, at most `contentBytesMax`; anything else where it stands.
 * Returns its length, -1 where the batch is refused. `end` is followed by SLACK readable bytes.
 */
export function inflate(s: Slab, batch: usize, end: usize, contentBytesMax: u32): i32 {
  beginBatch();
  const codec = <u32>load<u8>(batch, 22) & 7;
  const records = batch + HEADER_BYTES;
  if (codec != LZ4 && codec != SNAPPY) setContent(records, end);
  else {
    beginContent(s);
    if (codec == LZ4) lz4Frame(s, records, end, contentBytesMax);
    else snappy(s, records, end, contentBytesMax);
  }
  return isRefused() ? -1 : <i32>(contentEnd() - contentStart());
}

/** Room for content that the host decompresses: it has to be written there before anything else is called. */
export function receive(s: Slab, bytes: u32): usize {
  beginBatch();
  beginContent(s);
  growContent(s, bytes);
  extendContent(contentStart() + bytes);
  return contentStart();
}

/**
 * Appends the content's records with offsets in `[from, to)`; a value longer than `recordBytesMax` is noted, not held.
 * False: refused, the slab has what it had before.
 */
export function walk(s: Slab, batch: usize, from: i64, to: i64, recordBytesMax: u32): bool {
  const before = s.count;
  forgetOversized();
  const count = bswap(load<u32>(batch, 57)),
    bytes = <u32>(contentEnd() - contentStart());
  if (count > bytes / RECORD_BYTES_MIN) refuse();
  else {
    reserveRecords(s, before + count);
    records(s, batch, count, from, to, recordBytesMax);
  }
  if (isRefused()) s.count = before;
  else {
    // Addresses, of wherever the batches stand.
    s.bytes = 0;
    s.bytesEnd = <usize>memory.size() << 16;
    keepContent(s);
  }
  return !isRefused();
}

function records(s: Slab, batch: usize, count: u32, from: i64, to: i64, recordBytesMax: u32): void {
  const base = bswap(load<i64>(batch)),
    last = base + <i64>bswap(load<i32>(batch, 23)),
    baseTimestamp = bswap(load<i64>(batch, 27)),
    maxTimestamp = bswap(load<i64>(batch, 35)),
    isLogAppendTime = (<u32>load<u8>(batch, 22) & LOG_APPEND_TIME) != 0,
    end = contentEnd(),
    // Signed: compared with lengths.
    valueBytesMax = <i32>min(recordBytesMax, i32.MAX_VALUE);
  let previous = base - 1,
    row = s.count;
  readFrom(contentStart(), end);
  for (let i: u32 = 0; i < count; i++) {
    const length = varint();
    // Whether it ends there is asked once, at its end: nothing before that is read at or behind the end of them all.
    const recordEnd = position() + length;
    moveBy(1);
    // 64 bits, and what runs over them wraps: producers may set any.
    const timestamp = baseTimestamp + varlong();
    const offset = base + <i64>varint();
    if (offset <= previous || offset > last) return refuse();
    previous = offset;
    const keyLength = varint(),
      keyStart = position();
    if (keyLength > 0) moveBy(keyLength);
    const valueLength = varint(),
      valueStart = position();
    if (valueLength > 0) moveBy(valueLength);
    if (keyLength < -1 || valueLength < -1) return refuse();
    const headersStart = position();
    const isHeaded = skipHeaders() != 0;
    if (position() != recordEnd) return refuse();
    if (isRefused()) return;
    if (offset >= from && offset < to) {
      const isHeld = valueLength <= valueBytesMax;
      if (!isHeld) noteOversized(row, valueStart, valueLength);
      store<f64>(s.offsets + (row << 3), <f64>offset);
      store<f64>(s.timestamps + (row << 3), <f64>(isLogAppendTime ? maxTimestamp : timestamp));
      const cell = row << 2;
      store<i32>(s.keyStarts + cell, keyLength < 0 ? -1 : <i32>keyStart);
      store<i32>(s.keyEnds + cell, keyLength < 0 ? -1 : <i32>keyStart + keyLength);
      store<i32>(s.valueStarts + cell, valueLength < 0 || !isHeld ? -1 : <i32>valueStart);
      store<i32>(s.valueEnds + cell, valueLength < 0 || !isHeld ? -1 : <i32>valueStart + valueLength);
      store<i32>(s.headerStarts + cell, isHeaded ? <i32>headersStart : -1);
      store<i32>(s.headerEnds + cell, isHeaded ? <i32>recordEnd : -1);
      row++;
    }
  }
  if (position() != end) return refuse();
  memory.fill(s.outcomes + s.count, PENDING, row - s.count);
  s.count = row;
}
