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

  /** VARLONG as a number; beyond 2^53 it is malformed. */
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
}

function unzigzag(low: number, high: number): number {
  const magnitude = (low >>> 1) + high * 2 ** 27
  const value = (low & 1) === 0 ? magnitude : -magnitude - 1
  if (!Number.isSafeInteger(value)) throw new MalformedBatch('a varlong beyond 2^53')
  return value
}

function beyond(): MalformedBatch {
  return new MalformedBatch('a varint beyond its batch')
}
