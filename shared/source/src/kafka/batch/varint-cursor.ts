import { MalformedBatch } from './malformed-batch.ts'

/** Reads zigzag varints (LEB128, as in Protocol Buffers) from `bytes[at, end)`; beyond the end is `MalformedBatch`. */
export class VarintCursor {
  bytes: Uint8Array
  at: number
  end: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** VARINT: 32 bits. */
  varint(): number {
    if (this.at >= this.end) throw beyond()
    const first = this.bytes[this.at++] as number
    if (first < 128) return (first >>> 1) ^ -(first & 1)
    let value = first & 127
    for (let shift = 7; shift < 35; shift += 7) {
      if (this.at >= this.end) throw beyond()
      const byte = this.bytes[this.at++] as number
      value |= (byte & 127) << shift
      if (byte < 128) return (value >>> 1) ^ -(value & 1)
    }
    throw new MalformedBatch('a varint of more than 5 bytes')
  }

  /** VARLONG as a number; NaN beyond 2^53, where `wideVarlong` tells what it was. */
  varlong(): number {
    if (this.at >= this.end) throw beyond()
    const first = this.bytes[this.at++] as number
    if (first < 128) return (first >>> 1) ^ -(first & 1)
    let low = first & 127
    let high = 0
    for (let shift = 7; shift < 70; shift += 7) {
      if (this.at >= this.end) throw beyond()
      const byte = this.bytes[this.at++] as number
      // Two halves of 28 and 42 bits: 64 bits do not fit a number's shifts, nor exactly its sums.
      if (shift < 28) low += (byte & 127) * 2 ** shift
      else high += (byte & 127) * 2 ** (shift - 28)
      if (byte < 128) return unzigzag(low, high)
    }
    throw new MalformedBatch('a varlong of more than 10 bytes')
  }

  /** The VARLONG at `start`, read before, in all its 64 bits. */
  wideVarlong(start: number): bigint {
    let value = 0n
    for (let at = start, shift = 0n; ; at++, shift += 7n) {
      const byte = this.bytes[at] as number
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, (BigInt.asUintN(64, value) >> 1n) ^ -(value & 1n))
    }
  }
}

function unzigzag(low: number, high: number): number {
  const magnitude = (low >>> 1) + high * 2 ** 27
  const value = (low & 1) === 0 ? magnitude : -magnitude - 1
  return Number.isSafeInteger(value) ? value : NaN
}

function beyond(): MalformedBatch {
  return new MalformedBatch('a varint beyond its batch')
}
