// The rows of one partition of the table: the leaves of its file, in the plan's order of columns.
import { alloc, capacity, regrow, release } from '../memory';
import { Leaf } from '../columns/open-page';
import { ROWS_MAX, appendCells, appendSame, clearCells, putNull } from '../columns/rows';
import { COLUMN_BYTES, Column, Plan, columnAt, isConstant } from './plan';

/** The host reads `rows` and `day`, the first two words. */
@unmanaged
export class Part {
  rows: u32;
  /** Days since 1970-01-01 that its timestamps fall on; any where the table is not partitioned. */
  day: i32;
  /** Leaf pointers, in the plan's order of columns. */
  leaves: usize;
  leafCount: u32;
  /** Rows of a page. */
  rowsMax: u32;
}

/** The host gives it one leaf a column of the plan, `addLeaf`, before rows come. */
export function newPart(day: i32, rowsMax: u32): Part {
  const p = changetype<Part>(alloc(offsetof<Part>()));
  p.rows = 0;
  p.day = day;
  p.leaves = alloc(128);
  p.leafCount = 0;
  p.rowsMax = rowsMax;
  return p;
}

/** The leaf of the plan's next column; it has a null for every row the part has. */
export function addLeaf(p: Part, leaf: usize): void {
  const bytes = p.leafCount << 2;
  if (bytes + 4 > capacity(p.leaves)) p.leaves = regrow(p.leaves, bytes, bytes * 2);
  store<usize>(p.leaves + bytes, leaf);
  p.leafCount++;
}

/** Takes rows from here on; one for the whole of a table that is not partitioned, else one a day. */
export function addPart(plan: Plan, part: Part): void {
  const bytes = plan.partCount << 2;
  if (bytes + 4 > capacity(plan.parts)) plan.parts = regrow(plan.parts, bytes, bytes * 2);
  store<usize>(plan.parts + bytes, changetype<usize>(part));
  plan.partCount++;
}

/** The part of the day, or null where there is none yet. */
// @ts-ignore: decorator
@inline
export function partOf(plan: Plan, day: i32): Part | null {
  if (plan.partCount == 0) return null;
  const first = changetype<Part>(load<usize>(plan.parts));
  return !plan.isPartitioned || first.day == day ? first : searchPart(plan, day);
}

/** The one found comes first: neighbouring records mostly share it. */
function searchPart(plan: Plan, day: i32): Part | null {
  for (let i: u32 = 1; i < plan.partCount; i++) {
    const at = plan.parts + (i << 2),
      part = changetype<Part>(load<usize>(at));
    if (part.day != day) continue;
    store<usize>(at, load<usize>(plan.parts));
    store<usize>(plan.parts, changetype<usize>(part));
    return part;
  }
  return null;
}

/** Not its leaves: they are the host's. */
export function releasePart(p: Part): void {
  release(p.leaves);
  release(changetype<usize>(p));
}

/** The record at hand is a row of the part. */
// @ts-ignore: decorator
@inline
export function keepRow(plan: Plan, part: Part): void {
  store<usize>(plan.rowParts + (plan.rows << 2), changetype<usize>(part));
  plan.rows++;
  if (plan.rows == ROWS_MAX) appendRows(plan);
}

/** The record at hand is none. */
export function dropRow(plan: Plan): void {
  for (let id: u32 = 0; id < plan.count; id++) putNull(columnAt(plan, id).cells, plan.rows);
}

const picks: usize = memory.data(64, 16);

/** Appends the rows kept, each to its part. */
export function appendRows(plan: Plan): void {
  const count = plan.rows;
  if (count == 0) return;
  const first = load<usize>(plan.rowParts);
  let i: u32 = 1;
  while (i < count && load<usize>(plan.rowParts + (i << 2)) == first) i++;
  if (i == count) appendTo(changetype<Part>(first), plan, 0, count);
  else {
    for (let from: u32 = 0; from < count; from++) {
      const part = load<usize>(plan.rowParts + (from << 2));
      if (part == 0) continue;
      let picked: u32 = 0;
      for (let row = from; row < count; row++) {
        const at = plan.rowParts + (row << 2);
        if (load<usize>(at) != part) continue;
        store<usize>(at, 0);
        store<u8>(picks + picked, <u8>row);
        picked++;
      }
      appendTo(changetype<Part>(part), plan, picks, picked);
    }
  }
  for (let id: u32 = 0; id < plan.count; id++) clearCells(columnAt(plan, id).cells);
  plan.rows = 0;
}

function appendTo(part: Part, plan: Plan, picks: usize, count: u32): void {
  const rowsMax = part.rowsMax,
    end = part.leaves + (part.leafCount << 2);
  let at = plan.columns;
  for (let leaf = part.leaves; leaf < end; leaf += 4) {
    const l = changetype<Leaf>(load<usize>(leaf)),
      c = changetype<Column>(at);
    if (isConstant(c)) appendSame(l, c.fallback, c.fallbackLength, count, rowsMax);
    else appendCells(l, c.cells, picks, count, rowsMax);
    at += COLUMN_BYTES;
  }
  part.rows += count;
}
