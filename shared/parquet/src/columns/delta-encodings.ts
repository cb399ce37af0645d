/** parquet-format Encodings.md § Delta Encoding: values, and where what follows them begins. */
export interface DeltaRead<A> {
  readonly values: A
  readonly end: number
}

/**
 * DELTA_BINARY_PACKED as 64-bit values, wrapping as the spec has it.
 *
 *     header = uleb(blockSize) uleb(miniblocks) uleb(count) zigzag(first) ; block = zigzag(minDelta) width:u8{miniblocks} packed*
 */
export function readDeltaLongs(bytes: Uint8Array, from: number, valuesMax: number): DeltaRead<BigInt64Array> {
  let at = from
  const byte = (): number => {
    if (at >= bytes.length) throw new RangeError('delta encoded values end too early')
    return bytes[at++] as number
  }
  const uleb = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const each = byte()
      value |= BigInt(each & 127) << shift
      if (each < 128) return value
    }
    throw new RangeError('a delta encoded number is endless')
  }
  const zigzag = (): bigint => {
    const value = uleb()
    return (value >> 1n) ^ -(value & 1n)
  }
  const blockSize = Number(uleb())
  const miniblocks = Number(uleb())
  const count = Number(uleb())
  const perMiniblock = blockSize / miniblocks
  if (count > valuesMax) throw new RangeError(`${count} delta encoded values where ${valuesMax} fit`)
  if (!Number.isSafeInteger(perMiniblock) || perMiniblock <= 0 || perMiniblock % 8 !== 0)
    throw new RangeError('delta encoded values in blocks that the format does not know')
  const values = new BigInt64Array(count)
  let last = zigzag()
  if (count > 0) values[0] = last
  for (let filled = 1; filled < count;) {
    const minDelta = zigzag()
    const widths = at
    at += miniblocks
    for (let miniblock = 0; miniblock < miniblocks && filled < count; miniblock++) {
      const width = widths + miniblock < bytes.length ? (bytes[widths + miniblock] as number) : 65
      if (width > 64 || at + (perMiniblock / 8) * width > bytes.length)
        throw new RangeError('delta encoded values end too early')
      const wanted = Math.min(perMiniblock, count - filled)
      for (let index = 0; index < wanted; index++) {
        last = BigInt.asIntN(64, last + minDelta + packedAt(bytes, at, index * width, width))
        values[filled++] = last
      }
      at += (perMiniblock / 8) * width
    }
  }
  return { values, end: at }
}

function packedAt(bytes: Uint8Array, from: number, bitAt: number, width: number): bigint {
  if (width === 0) return 0n
  let low = 0
  let high = 0
  for (let bit = 0; bit < width;) {
    const position = bitAt + bit
    const taken = Math.min(8 - (position & 7), width - bit, bit < 32 ? 32 - bit : 64)
    const part = ((bytes[from + (position >> 3)] as number) >> (position & 7)) & ((1 << taken) - 1)
    if (bit < 32) low += part * 2 ** bit
    else high += part * 2 ** (bit - 32)
    bit += taken
  }
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low)
}

/** Lengths of byte arrays: none is negative nor beyond the page. */
export function readDeltaLengths(bytes: Uint8Array, from: number, valuesMax: number): DeltaRead<Int32Array> {
  const { values, end } = readDeltaLongs(bytes, from, valuesMax)
  const lengths = new Int32Array(values.length)
  for (let index = 0; index < lengths.length; index++) {
    const length = Number(values[index])
    if (length < 0 || length >= 2 ** 31) throw new RangeError('a byte array of a length that cannot be')
    lengths[index] = length
  }
  return { values: lengths, end }
}
