// Records of a slab into rows. A record is read into the columns' cells; rows are appended some at once, each once all of it is accepted.
import { REFUSED, ROW, Slab } from '../slab/slab';
import {
  Column,
  KAFKA_TIMESTAMP,
  OFFSET,
  PARTITION,
  Plan,
  TIMESTAMP,
  columnAt,
  columnOf,
  isConstant,
} from './plan';
import { findColumn, startsWithKey } from './keys';
import { appendRows, dropRow, keepRow, partOf } from './part';
import { dayOf, instant, readInstantMs } from './instants';
import { isPut, putText, putValue, valueOf } from '../columns/rows';
import { forgetTexts, hasTextRoom } from './strings';
import { isNull } from './skip';
import { findSpecial, skipSpace } from './text';
import { isUtf8 } from './utf8';
import { takeValue } from './values';

/** Of the record read last. */
let day: i32 = 0;

/**
 * Takes the slab's records `from .. to` and notes each one's outcome. Returns the first it did not take: `to`, or before that an acceptable one of
 * `wantedDay`, which has no part yet: the host adds one and goes on there, or ends the unit.
 */
export function scan(plan: Plan, slab: Slab, from: u32, to: u32): u32 {
  let i = from;
  while (i < to) {
    if (readRecord(plan, slab, i)) {
      const part = partOf(plan, day);
      if (part === null) {
        dropRow(plan);
        break;
      }
      keepRow(plan, part);
      store<u8>(slab.outcomes + i, ROW);
    } else {
      dropRow(plan);
      store<u8>(slab.outcomes + i, REFUSED);
    }
    i++;
  }
  appendRows(plan);
  return i;
}

/** Days since 1970-01-01 of the record at which `scan` stopped. */
export function wantedDay(): i32 {
  return day;
}

/** Fills the cells of the row at hand from record `i`; false where it is the exact path's. */
function readRecord(plan: Plan, slab: Slab, i: u32): bool {
  const start = load<i32>(slab.valueStarts + (i << 2)),
    end = load<i32>(slab.valueEnds + (i << 2));
  if (start < 0 || end <= start || <u32>(end - start) > plan.recordBytesMax) return false;
  const ms = load<f64>(slab.timestamps + (i << 3));
  if (!readInstantMs(ms == -1 ? plan.cutAtMs : ms)) return false;
  const kafkaTimestamp = instant;
  if (!readValue(plan, slab.bytes + start, slab.bytes + end)) return false;

  put(plan, PARTITION, <u64>slab.partition);
  put(plan, OFFSET, <u64>(<i64>load<f64>(slab.offsets + (i << 3))));
  put(plan, KAFKA_TIMESTAMP, <u64>kafkaTimestamp);
  const timestamp = columnOf(plan, TIMESTAMP);
  if (timestamp !== null && !isPut(timestamp.cells, plan.rows)) put(plan, TIMESTAMP, <u64>kafkaTimestamp);
  if (plan.isPartitioned) day = dayOf(timestamp === null ? kafkaTimestamp : <i64>valueOf(timestamp.cells, plan.rows));
  return putDefaults(plan);
}

/** The JSON object that fills `at .. end`. */
function readValue(plan: Plan, at: usize, end: usize): bool {
  const length = <u32>(end - at);
  if (!isUtf8(at, length)) return false;
  if (!hasTextRoom(length)) {
    appendRows(plan);
    forgetTexts(length);
  }
  const behind = load<u8>(end);
  store<u8>(end, 0);
  const p = readObject(plan, skipSpace(at));
  const isWhole = p != 0 && skipSpace(p) == end;
  store<u8>(end, behind);
  return isWhole;
}

/** Returns the position behind the closing brace, 0 where the record is the exact path's. */
function readObject(plan: Plan, p: usize): usize {
  if (load<u8>(p) != 0x7b) return 0;
  p = skipSpace(p + 1);
  if (load<u8>(p) == 0x7d) return p + 1;
  const row = plan.rows,
    columns = plan.columns;
  // Where the guess of the key to come stands.
  let guess = changetype<usize>(plan) + offsetof<Plan>('first');
  while (true) {
    let c = changetype<Column>(columns + load<u32>(guess));
    // Compact JSON takes the first branch of every pair.
    if (!startsWithKey(c, p)) {
      p = skipSpace(p);
      if (load<u8>(p) != 0x22) return 0;
      const nameEnd = findSpecial(p + 1);
      if (load<u8>(nameEnd) != 0x22) return 0;
      const found = findColumn(plan, p + 1, <u32>(nameEnd - p - 1));
      p = skipSpace(nameEnd + 1);
      if (load<u8>(p) != 0x3a) return 0;
      p++;
      if (found === null) {
        // A null under an unknown name is no value.
        p = skipSpace(p);
        if (!isNull(p)) return 0;
        p = skipSpace(p + 4);
        if (load<u8>(p) != 0x2c) return load<u8>(p) == 0x7d ? p + 1 : 0;
        p++;
        continue;
      }
      c = found;
      store<u32>(guess, <u32>(changetype<usize>(c) - columns));
    } else p += c.keyLength;
    p = takeValue(c, p, row);
    if (p == 0) return 0;
    if (load<u8>(p) != 0x2c) {
      p = skipSpace(p);
      if (load<u8>(p) != 0x2c) return load<u8>(p) == 0x7d ? p + 1 : 0;
    }
    p++;
    guess = changetype<usize>(c) + offsetof<Column>('successor');
  }
}

// @ts-ignore: decorator
@inline
function put(plan: Plan, role: u32, value: u64): void {
  const c = columnOf(plan, role);
  if (c !== null) putValue(c.cells, plan.rows, value);
}

/** What stands in for missing values; false where nothing does and the column needs one. */
// @ts-ignore: decorator
@inline
function putDefaults(plan: Plan): bool {
  const row = plan.rows,
    end = plan.defaults + (plan.defaultCount << 2);
  for (let at = plan.defaults; at < end; at += 4) {
    const c = columnAt(plan, load<u32>(at));
    if (isPut(c.cells, row) || isConstant(c)) continue;
    if (c.fallback == 0) return false;
    putText(c.cells, row, c.fallback, c.fallbackLength);
  }
  return true;
}
