// Where the bytes of decompressed batches stand while their slab is read. Blocks, not one that grows: records already walked are addressed where they are.
// The first 16 bytes of a block link it to the one that was full before it; content follows.
import { alloc, capacity, release } from '../memory';
import { Slab } from './slab';

const LINK: u32 = 16;
/** A whole size class. */
const BLOCK_BYTES_MIN: u32 = (1 << 20) - 128;
/** A block that one large batch has needed is not kept for the next slab. */
const KEPT_BYTES_MAX: u32 = 1 << 23;

/**
 * Room for `extra` bytes behind the content `[start, end)` that is being appended at the end of the open block; nothing is moved while there is room.
 * Returns where the content starts now: it may have moved to another block, its length the same.
 */
export function reserveBytes(s: Slab, start: usize, end: usize, extra: u32): usize {
  if (s.block != 0 && end + extra <= s.block + capacity(s.block)) return start;
  // Twice what is there: content of unknown length is moved a few times at most.
  const length = <u32>(end - start);
  const next = alloc(max(BLOCK_BYTES_MIN, LINK + length + max(length, extra)));
  memory.copy(next + LINK, start, length);
  if (s.blockEnd == s.block + LINK) release(s.block);
  else if (s.block != 0) {
    store<usize>(s.block, s.fullBlocks);
    s.fullBlocks = s.block;
  }
  s.block = next;
  s.blockEnd = next + LINK;
  return next + LINK;
}

/** Where the next content begins. The open block may be none yet: then 0, with no room behind it. */
// @ts-ignore: decorator
@inline
export function nextBytes(s: Slab): usize {
  return s.blockEnd;
}

/** What was appended up to `end` is the slab's. */
// @ts-ignore: decorator
@inline
export function keepBytes(s: Slab, end: usize): void {
  s.blockEnd = (end + 15) & ~15;
}

export function clearArena(s: Slab): void {
  releaseFull(s);
  if (s.block == 0) return;
  if (capacity(s.block) > KEPT_BYTES_MAX) {
    release(s.block);
    s.block = 0;
    s.blockEnd = 0;
  } else s.blockEnd = s.block + LINK;
}

export function releaseArena(s: Slab): void {
  releaseFull(s);
  release(s.block);
  s.block = 0;
  s.blockEnd = 0;
}

function releaseFull(s: Slab): void {
  let at = s.fullBlocks;
  while (at != 0) {
    const before = load<usize>(at);
    release(at);
    at = before;
  }
  s.fullBlocks = 0;
}
