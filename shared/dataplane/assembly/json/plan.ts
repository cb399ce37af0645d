// What a table's rows look like to the scanner: one `Column` a leaf of its files, in their order, found by key. Columns may be added while parts are open.
import { alloc, regrow, release } from '../memory';
import { CELLS_BYTES, ROWS_MAX, clearCells } from '../columns/rows';
import { KEY_HEAD, place, spread } from './keys';

/** How a column takes JSON (`columnForm` of @silt/rows, whose numbers these are), or `NONE`: JSON never fills it. */
export const TEXT: u32 = 0,
  TEXT_OR_JSON: u32 = 1,
  DOUBLE_FORM: u32 = 2,
  FLOAT_FORM: u32 = 3,
  BOOLEAN_FORM: u32 = 4,
  TIMESTAMP_FORM: u32 = 5,
  DATE_FORM: u32 = 6,
  INTEGER_FORM: u32 = 7,
  DECIMAL_FORM: u32 = 8,
  NONE: u32 = 9;

/** What the scanner itself puts into a column. Constants, as the topic, are fallbacks of columns that JSON never fills. */
export const TIMESTAMP: u32 = 1,
  PARTITION: u32 = 2,
  OFFSET: u32 = 3,
  KAFKA_TIMESTAMP: u32 = 4;
const ROLES: u32 = 5;

/** Columns stand in one array, this far apart. */
export const COLUMN_BYTES: u32 = 160;
const COLUMNS_FIRST: u32 = 32;

@unmanaged
export class Column {
  /** The key as compact JSON has it, quotes and colon included: first 32 bytes, zeros behind it, then as many ones as there are bytes. */
  head0: u64;
  head1: u64;
  head2: u64;
  head3: u64;
  mask0: u64;
  mask1: u64;
  mask2: u64;
  mask3: u64;
  /** What the rows not yet appended have in the column (`putValue`). */
  cells: usize;
  form: u32;
  /** Where the column stands whose key followed this one's last, from the first: producers rarely change a document's order. */
  successor: u32;
  keyLength: u32;
  key: usize;
  /** Text that stands in for a missing value; 0 = null does. */
  fallback: usize;
  fallbackLength: u32;
  /** Bounds of an integer column. */
  min: i64;
  max: i64;
  /** Of a decimal column. */
  scale: i32;
  precision: i32;
  /** Parquet physical type of its leaf. */
  type: u32;
  /** Its leaf takes no nulls: a record without a value is refused. */
  isRequired: bool;
}

@unmanaged
export class Plan {
  columns: usize;
  count: u32;
  columnsMax: u32;
  /** Where the column stands that the last record began with, from the first. */
  first: u32;
  /** Rows read and not yet appended, the number of the one at hand; the part of each (`Part`). */
  rows: u32;
  rowParts: usize;
  /** Column id + 1 by hash of its key, u32, 0 = free; at least four times the columns. */
  table: usize;
  tableMask: u32;
  /** Column id + 1 by role. */
  roles: usize;
  /** Ids of columns with something to do where no value is there: a fallback, or a refusal. */
  defaults: usize;
  defaultCount: u32;
  recordBytesMax: u32;
  /** Time of the cut, for records without one. */
  cutAtMs: f64;
  /** Part pointers. */
  parts: usize;
  partCount: u32;
  isPartitioned: bool;
}

/** `recordBytesMax`: longer records are refused. `isPartitioned`: rows go to parts by the day of their timestamp. Has a column before it scans. */
export function newPlan(recordBytesMax: u32, cutAtMs: f64, isPartitioned: bool): Plan {
  const p = changetype<Plan>(alloc(offsetof<Plan>()));
  memory.fill(changetype<usize>(p), 0, offsetof<Plan>());
  p.columnsMax = COLUMNS_FIRST;
  p.columns = alloc(COLUMNS_FIRST * COLUMN_BYTES);
  p.defaults = alloc(COLUMNS_FIRST << 2);
  p.roles = alloc(ROLES << 2);
  memory.fill(p.roles, 0, ROLES << 2);
  p.recordBytesMax = recordBytesMax;
  p.cutAtMs = cutAtMs;
  p.parts = alloc(128);
  p.rowParts = alloc(ROWS_MAX << 2);
  p.isPartitioned = isPartitioned;
  spread(p, COLUMNS_FIRST * 4);
  return p;
}

/**
 * Adds a column and returns its id, the place of its leaf. `key` is the key as compact JSON has it, `"name":`; none (length 0) where `form` is `NONE` or a
 * name needs escapes. `role` is 0 or what the scanner puts there. Copies what it is given.
 */
export function addPlanColumn(
  p: Plan,
  key: usize,
  keyLength: u32,
  form: u32,
  role: u32,
  type: u32,
  isRequired: bool,
): u32 {
  const id = p.count;
  if (id == p.columnsMax) {
    p.columnsMax *= 2;
    p.columns = regrow(p.columns, id * COLUMN_BYTES, p.columnsMax * COLUMN_BYTES);
    p.defaults = regrow(p.defaults, p.defaultCount << 2, p.columnsMax << 2);
  }
  p.count = id + 1;
  const c = columnAt(p, id),
    at = changetype<usize>(c);
  memory.fill(at, 0, COLUMN_BYTES);
  c.form = form;
  c.type = type;
  c.isRequired = isRequired;
  c.cells = alloc(CELLS_BYTES);
  clearCells(c.cells);
  if (id > 0) columnAt(p, id - 1).successor = id * COLUMN_BYTES;
  if (isRequired) addDefault(p, id);
  if (role != 0) store<u32>(p.roles + (role << 2), id + 1);
  if (keyLength == 0) {
    // A mask of nothing would match everything.
    memory.fill(at, 0xff, KEY_HEAD * 2);
    return id;
  }
  c.keyLength = keyLength;
  c.key = copied(key, keyLength);
  const headLength = min(keyLength, KEY_HEAD);
  memory.copy(at, key, headLength);
  memory.fill(at + KEY_HEAD, 0xff, headLength);
  if ((id + 1) * 4 > p.tableMask) spread(p, (p.tableMask + 1) * 2);
  else place(p, id);
  return id;
}

/** What stands in for a missing value of a text column. */
export function setFallback(p: Plan, id: u32, text: usize, length: u32): void {
  const c = columnAt(p, id);
  c.fallback = copied(text, length);
  c.fallbackLength = length;
  if (!c.isRequired && !isConstant(c)) addDefault(p, id);
}

/** Bounds of an integer column. */
export function setBounds(p: Plan, id: u32, min: i64, max: i64): void {
  const c = columnAt(p, id);
  c.min = min;
  c.max = max;
}

/** Digits behind the point of a decimal column and in all, 18 at most. */
export function setDecimal(p: Plan, id: u32, scale: i32, precision: i32): void {
  const c = columnAt(p, id);
  c.scale = scale;
  c.precision = precision;
}

export function releasePlan(p: Plan): void {
  for (let id: u32 = 0; id < p.count; id++) {
    release(columnAt(p, id).key);
    release(columnAt(p, id).fallback);
    release(columnAt(p, id).cells);
  }
  release(p.columns);
  release(p.roles);
  release(p.table);
  release(p.defaults);
  release(p.parts);
  release(p.rowParts);
  release(changetype<usize>(p));
}

// @ts-ignore: decorator
@inline
export function columnAt(p: Plan, id: u32): Column {
  return changetype<Column>(p.columns + <usize>(id * COLUMN_BYTES));
}

/** What JSON never fills and has a fallback, has it in every row. */
// @ts-ignore: decorator
@inline
export function isConstant(c: Column): bool {
  return c.form == NONE && c.fallback != 0;
}

/** The column of the role, if the table has one. */
// @ts-ignore: decorator
@inline
export function columnOf(p: Plan, role: u32): Column | null {
  const id = load<u32>(p.roles + (role << 2));
  return id == 0 ? null : columnAt(p, id - 1);
}

function addDefault(p: Plan, id: u32): void {
  store<u32>(p.defaults + (p.defaultCount << 2), id);
  p.defaultCount++;
}

function copied(from: usize, length: u32): usize {
  const to = alloc(length);
  memory.copy(to, from, length);
  return to;
}
