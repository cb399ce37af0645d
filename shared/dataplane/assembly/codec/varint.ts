// Zigzag varints (LEB128, as in Protocol Buffers) of the bytes being walked. Nothing is read at or behind their end: the batch is refused, and 0 read.
import { refuse } from '../batch/refusal';

let at: usize = 0;
let end: usize = 0;

/** From here on the bytes `[from, to)` are read. */
export function readFrom(from: usize, to: usize): void {
  at = from;
  end = to;
}

/** Where the next read begins; it may have been moved beyond the end. */
// @ts-ignore: decorator
@inline
export function position(): usize {
  return at;
}

// @ts-ignore: decorator
@inline
export function moveBy(bytes: u32): void {
  at += bytes;
}

/** VARINT: 32 bits. */
// @ts-ignore: decorator
@inline
export function varint(): i32 {
  if (at < end) {
    const first = <u32>load<u8>(at);
    if (first < 128) {
      at++;
      return <i32>(first >>> 1) ^ -(<i32>(first & 1));
    }
  }
  return longVarint();
}

/** VARLONG: 64 bits, what is beyond them dropped. */
// @ts-ignore: decorator
@inline
export function varlong(): i64 {
  if (at < end) {
    const first = <u64>load<u8>(at);
    if (first < 128) {
      at++;
      return <i64>(first >>> 1) ^ -(<i64>(first & 1));
    }
  }
  return longVarlong();
}

function longVarint(): i32 {
  let value: u32 = 0,
    shift: u32 = 0;
  while (shift < 35) {
    if (at >= end) return stop();
    const byte = <u32>load<u8>(at++);
    value |= (byte & 127) << shift;
    if (byte < 128) return <i32>(value >>> 1) ^ -(<i32>(value & 1));
    shift += 7;
  }
  return stop();
}

function longVarlong(): i64 {
  let value: u64 = 0,
    shift: u64 = 0;
  while (shift < 70) {
    if (at >= end) return stop();
    const byte = <u64>load<u8>(at++);
    value |= (byte & 127) << shift;
    if (byte < 128) return <i64>(value >>> 1) ^ -(<i64>(value & 1));
    shift += 7;
  }
  return stop();
}

/** Whatever is read from now on is 0 and at the end. */
function stop(): i32 {
  refuse();
  at = end;
  return 0;
}
