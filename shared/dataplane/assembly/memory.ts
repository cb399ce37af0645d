// Power-of-two size classes over one fixed memory: what a unit frees the next one uses, and the memory touched never exceeds the largest unit.
// A block begins with a 16-byte header that holds its class; what is handed out is 16-byte aligned and followed by SLACK readable and writable bytes,
// because copies and comparisons are done 16 bytes at a time.

export const SLACK: u32 = 64;
const HEADER: u32 = 16;
const CLASS_MIN: i32 = 8;
const CLASS_MAX: i32 = 30;

/** Heads of the lists of free blocks, one a class. Static data: what the runtime would allocate stands where the first block does. */
const free: usize = memory.data(32 * 4, 16);
let bump: usize = 0;

/** At least `bytes` bytes, contents undefined. Traps (unreachable) where the memory is full: the host bounds what it asks for. */
export function alloc(bytes: u32): usize {
  const order = classOf(bytes);
  const head = free + (<usize>order << 2);
  let block = load<usize>(head);
  if (block != 0) store<usize>(head, load<usize>(block, 8));
  else {
    if (bump == 0) bump = (__heap_base + 255) & ~255;
    block = bump;
    const end = block + (<usize>1 << order);
    if (end > <usize>memory.size() << 16) unreachable();
    bump = end;
  }
  store<u32>(block, order);
  return block + HEADER;
}

export function release(at: usize): void {
  if (at == 0) return;
  const block = at - HEADER,
    head = free + (<usize>load<u32>(block) << 2);
  store<usize>(block, load<usize>(head), 8);
  store<usize>(head, block);
}

/** Bytes that a block from `alloc` holds. */
export function capacity(at: usize): u32 {
  return (<u32>1 << load<u32>(at - HEADER)) - HEADER - SLACK;
}

/** A block of at least `bytes` bytes with the first `kept` bytes of the old one, which is released. */
export function regrow(at: usize, kept: u32, bytes: u32): usize {
  const next = alloc(bytes);
  memory.copy(next, at, kept);
  release(at);
  return next;
}

/** Bytes of memory ever touched. */
export function touched(): u32 {
  return <u32>bump;
}

function classOf(bytes: u32): i32 {
  const whole = bytes + HEADER + SLACK;
  const order = 32 - <i32>clz(whole - 1);
  if (order > CLASS_MAX || whole < bytes) unreachable();
  return order < CLASS_MIN ? CLASS_MIN : order;
}
