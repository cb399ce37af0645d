// The records of the batch being read, decompressed: where they landed, or at the end of a slab's open block.
import { keepBytes, nextBytes, reserveBytes } from '../slab/arena';
import { Slab } from '../slab/slab';

let start: usize = 0;
let end: usize = 0;
let isInArena = false;

// @ts-ignore: decorator
@inline
export function contentStart(): usize {
  return start;
}

// @ts-ignore: decorator
@inline
export function contentEnd(): usize {
  return end;
}

/** The content stands in `[from, to)`. */
export function setContent(from: usize, to: usize): void {
  start = from;
  end = to;
  isInArena = false;
}

/** Empty, to be appended to the slab's bytes. */
export function beginContent(s: Slab): void {
  start = nextBytes(s);
  end = start;
  isInArena = true;
}

/** Room for `extra` more bytes, and SLACK, at the end; what is there may move. */
export function growContent(s: Slab, extra: u32): void {
  const length = end - start;
  start = reserveBytes(s, start, end, extra);
  end = start + length;
}

/** `to` is the end now. */
// @ts-ignore: decorator
@inline
export function extendContent(to: usize): void {
  end = to;
}

/** The content's records are the slab's: its bytes are kept with it. */
export function keepContent(s: Slab): void {
  if (isInArena) keepBytes(s, end);
}
