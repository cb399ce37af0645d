// The rows of one partition of the table: the leaves of its file, in the plan's order of columns.
import { alloc, capacity, regrow, release } from '../memory';
import { Leaf, append32, append64, appendBytes, appendConstant, appendNull, endPage } from '../columns/leaf';
import { Full } from '../columns/full';
import { BYTES, DOUBLE, INT64, isFull } from '../columns/open-page';
import { COLUMN_BYTES, Column, NONE, Plan } from './plan';

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
  /** Rows that the leaves have the slots of and do not count yet, and how many they may become before a page is full of rows. */
  uncounted: u32;
  uncountedMax: u32;
}

/** The host gives it one leaf a column of the plan, `addLeaf`, before rows come. */
export function newPart(day: i32, rowsMax: u32): Part {
  const p = changetype<Part>(alloc(offsetof<Part>()));
  p.rows = 0;
  p.day = day;
  p.leaves = alloc(128);
  p.leafCount = 0;
  p.rowsMax = rowsMax;
  p.uncounted = 0;
  p.uncountedMax = 1;
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

/** Appends the slots of an accepted record as a row; nulls where they are empty. */
// @ts-ignore: decorator
@inline
export function commitRow(plan: Plan, part: Part): void {
  const mark = plan.mark,
    end = part.leaves + (part.leafCount << 2);
  let at = plan.columns;
  for (let leaf = part.leaves; leaf < end; leaf += 4) {
    const l = changetype<Leaf>(load<usize>(leaf)),
      c = changetype<Column>(at);
    if (c.mark != mark) appendNull(l, 0);
    else if (c.type == BYTES) appendText(l, c);
    else if (c.type == INT64 || c.type == DOUBLE) append64(l, c.value);
    else append32(l, <u32>c.value);
    at += COLUMN_BYTES;
  }
  part.rows++;
  part.uncounted++;
  if (Full.any || part.uncounted >= part.uncountedMax) countRows(part);
}

// @ts-ignore: decorator
@inline
function appendText(l: Leaf, c: Column): void {
  // What JSON never fills has its fallback in every row.
  if (c.form == NONE) appendConstant(l, <usize>c.value, c.length);
  else appendBytes(l, <usize>c.value, c.length);
}

/** Lets the leaves count their rows, so that chunks may end and others may append to them. */
export function endRows(plan: Plan): void {
  for (let i: u32 = 0; i < plan.partCount; i++) {
    const part = changetype<Part>(load<usize>(plan.parts + (i << 2)));
    if (part.uncounted > 0) countRows(part);
    // What others do to the leaves from now on is not known here.
    part.uncountedMax = 1;
  }
}

/** As `endRow` of a leaf after each of the rows: none of them made a page full but the last. */
function countRows(part: Part): void {
  const rows = part.uncounted,
    end = part.leaves + (part.leafCount << 2);
  let most: u32 = 0;
  for (let leaf = part.leaves; leaf < end; leaf += 4) {
    const l = changetype<Leaf>(load<usize>(leaf));
    l.rows += rows;
    if (l.rows >= part.rowsMax || (Full.any && isFull(l))) endPage(l);
    most = max(most, l.rows);
  }
  Full.any = false;
  part.uncounted = 0;
  part.uncountedMax = part.rowsMax - most;
}
