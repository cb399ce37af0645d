/**
 * The hybrid of run-length encoding and bit packing (parquet-format Encodings.md § RLE), for levels and dictionary indices.
 *
 *     run = uleb(count << 1) value:bytes(ceil(width / 8)) | uleb(groups << 1 | 1) packed:bytes(groups * width)
 */
export function readHybridRuns(
  bytes: Uint8Array,
  from: number,
  end: number,
  bitWidth: number,
  into: Uint8Array | Int32Array,
): void {
  if (bitWidth === 0) {
    into.fill(0)
    return
  }
  if (bitWidth > 32) throw new RangeError(`runs of ${bitWidth} bits`)
  const valueBytes = (bitWidth + 7) >> 3
  const { length } = into
  let at = from
  let filled = 0
  while (filled < length) {
    let head = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new RangeError('levels or indices end too early')
      const byte = bytes[at++] as number
      head |= (byte & 127) << shift
      if (byte < 128) break
    }
    const count = head >>> 1
    if ((head & 1) === 0) {
      if (at + valueBytes > end || count === 0) throw new RangeError('levels or indices end too early')
      let value = 0
      for (let index = 0; index < valueBytes; index++) value |= (bytes[at + index] as number) << (8 * index)
      at += valueBytes
      into.fill(value, filled, Math.min(length, filled + count))
      filled += count
    } else {
      // Some writers pad to whole blocks of several groups: what is beyond the values is not looked at.
      if (count === 0) throw new RangeError('levels or indices end too early')
      const packedEnd = Math.min(end, at + count * bitWidth)
      const wanted = Math.min(length - filled, count * 8)
      if ((packedEnd - at) * 8 < wanted * bitWidth) throw new RangeError('levels or indices end too early')
      unpack(bytes, at, bitWidth, into, filled, wanted)
      at = packedEnd
      filled += wanted
    }
  }
}

function unpack(
  bytes: Uint8Array,
  from: number,
  bitWidth: number,
  into: Uint8Array | Int32Array,
  first: number,
  count: number,
): void {
  if (bitWidth <= 24) {
    const mask = (1 << bitWidth) - 1
    let held = 0
    let heldBits = 0
    let at = from
    for (let index = first; index < first + count; index++) {
      while (heldBits < bitWidth) {
        held |= (bytes[at++] as number) << heldBits
        heldBits += 8
      }
      into[index] = held & mask
      held >>>= bitWidth
      heldBits -= bitWidth
    }
    return
  }
  for (let index = 0; index < count; index++) {
    let value = 0
    for (let bit = 0; bit < bitWidth; bit++) {
      const position = index * bitWidth + bit
      if (((bytes[from + (position >> 3)] as number) >> (position & 7)) & 1) value += 2 ** bit
    }
    into[first + index] = value
  }
}
