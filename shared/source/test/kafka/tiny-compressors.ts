/** Positions of earlier occurrences by the next four bytes: the whole of compression, in the smallest honest form. */
function* sequences(
  input: Uint8Array,
  reach: number,
): Generator<{ literals: Uint8Array; distance: number; length: number }> {
  const seen = new Map<number, number>()
  let from = 0
  for (let at = 0; at + 4 <= input.length;) {
    const word =
      ((input[at] ?? 0) << 24) | ((input[at + 1] ?? 0) << 16) | ((input[at + 2] ?? 0) << 8) | (input[at + 3] ?? 0)
    const earlier = seen.get(word)
    seen.set(word, at)
    // The last bytes stay literals: LZ4 blocks end in them.
    if (earlier === undefined || at - earlier > reach || at + 12 > input.length) {
      at++
      continue
    }
    let length = 4
    while (at + length < input.length - 5 && input[earlier + length] === input[at + length]) length++
    yield { literals: input.subarray(from, at), distance: at - earlier, length }
    at += length
    from = at
  }
  yield { literals: input.subarray(from), distance: 0, length: 0 }
}

function lz4Block(input: Uint8Array): Buffer {
  const out: number[] = []
  const more = (rest: number): void => {
    for (; rest >= 255; rest -= 255) out.push(255)
    out.push(rest)
  }
  for (const { literals, distance, length } of sequences(input, 65_535)) {
    const match = Math.max(0, length - 4)
    out.push((Math.min(15, literals.length) << 4) | Math.min(15, match))
    if (literals.length >= 15) more(literals.length - 15)
    out.push(...literals)
    if (length === 0) break
    out.push(distance & 255, distance >> 8)
    if (match >= 15) more(match - 15)
  }
  return Buffer.from(out)
}

/** An LZ4 frame of independent or linked blocks of at most 64 KiB; blocks that do not shrink are stored. */
export function lz4Frame(input: Uint8Array, options: { contentSize?: boolean; blockChecksum?: boolean } = {}): Buffer {
  const parts: Buffer[] = []
  const flags = 0x40 | 0x20 | (options.contentSize ? 8 : 0) | (options.blockChecksum ? 16 : 0)
  const head = Buffer.alloc(options.contentSize ? 15 : 7)
  head.writeUInt32LE(0x184d2204, 0)
  head.writeUInt8(flags, 4)
  head.writeUInt8(4 << 4, 5)
  if (options.contentSize) head.writeBigUInt64LE(BigInt(input.length), 6)
  parts.push(head)
  for (let at = 0; at < input.length; at += 65_536) {
    const content = input.subarray(at, at + 65_536)
    const block = lz4Block(content)
    const stored = block.length >= content.length
    const size = Buffer.alloc(4)
    size.writeUInt32LE((stored ? 0x80000000 + content.length : block.length) >>> 0)
    parts.push(size, stored ? Buffer.from(content) : block)
    if (options.blockChecksum) parts.push(Buffer.alloc(4))
  }
  parts.push(Buffer.alloc(4))
  return Buffer.concat(parts)
}

/** A raw snappy block, with literals and copies of all three kinds of distance. */
export function snappyRaw(input: Uint8Array): Buffer {
  const out: number[] = []
  for (let rest = input.length; ; rest >>>= 7) {
    out.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  for (const { literals, distance, length } of sequences(input, 1 << 20)) {
    const count = literals.length - 1
    if (count >= 0 && count < 60) out.push(count << 2)
    else if (count >= 0) {
      const lengthBytes = count < 256 ? 1 : count < 65_536 ? 2 : 3
      out.push((59 + lengthBytes) << 2)
      for (let index = 0; index < lengthBytes; index++) out.push((count >>> (8 * index)) & 255)
    }
    for (const byte of literals) out.push(byte)
    for (let left = length; left > 0;) {
      const piece = Math.min(64, left)
      if (piece >= 4 && piece <= 11 && distance < 2048)
        out.push(((distance >> 8) << 5) | ((piece - 4) << 2) | 1, distance & 255)
      else if (distance < 65_536) out.push(((piece - 1) << 2) | 2, distance & 255, distance >> 8)
      else out.push(((piece - 1) << 2) | 3, distance & 255, (distance >> 8) & 255, (distance >> 16) & 255, 0)
      left -= piece
    }
  }
  return Buffer.from(out)
}

/** The framing of Java's SnappyOutputStream, 32 KiB a block. */
export function snappyXerial(input: Uint8Array): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (let at = 0; at < input.length; at += 32_768) {
    const block = snappyRaw(input.subarray(at, at + 32_768))
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}
