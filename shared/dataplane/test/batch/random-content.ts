import * as fc from 'fast-check'

/** A piece of compressed content: bytes as they are, or a repeat of what stands `distance` before. */
export type Piece = { readonly literals: Uint8Array } | { readonly distance: number; readonly length: number }

const literals = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 240, maxLength: 600 }))
const repeat = fc.record({
  distance: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 65_535 })),
  length: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 900 })),
})

/** Pieces of all lengths, distances and overlaps; distances beyond the content so far are to be taken modulo it. */
export const pieces = fc.array(
  fc.oneof(
    literals.map((each) => ({ literals: each })),
    repeat,
  ),
  { maxLength: 60 },
)

export interface Compressed {
  readonly compressed: Buffer
  readonly content: Buffer
}

/** LZ4 frame of linked or independent blocks, in which every piece becomes a sequence. Blocks end in literals, as the format wants. */
export function lz4FrameOf(blocks: readonly (readonly Piece[])[], isLinked: boolean): Compressed {
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, isLinked ? 0x40 : 0x60, 0x70, 0])]
  let content: Buffer = Buffer.alloc(0)
  for (const block of blocks) {
    const from = isLinked ? 0 : content.length
    const out: number[] = []
    let pending: number[] = []
    for (const piece of block) {
      if ('literals' in piece) {
        pending.push(...piece.literals)
        content = Buffer.concat([content, piece.literals])
        continue
      }
      const reach = content.length - from
      if (reach === 0) continue
      const distance = ((piece.distance - 1) % Math.min(reach, 65_535)) + 1
      sequence(out, pending, distance, piece.length)
      pending = []
      content = repeated(content, distance, piece.length)
    }
    sequence(out, pending)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(out.length)
    parts.push(size, Buffer.from(out))
  }
  return { compressed: Buffer.concat([...parts, Buffer.alloc(4)]), content }
}

/** One raw snappy block with literals and copies of every kind. */
export function snappyOf(block: readonly Piece[]): Compressed {
  const out: number[] = []
  let content: Buffer = Buffer.alloc(0)
  for (const piece of block) {
    if ('literals' in piece) {
      if (piece.literals.length === 0) continue
      const count = piece.literals.length - 1
      if (count < 60) out.push(count << 2)
      else if (count < 256) out.push(60 << 2, count)
      else out.push(61 << 2, count & 255, count >> 8)
      out.push(...piece.literals)
      content = Buffer.concat([content, piece.literals])
    } else if (content.length > 0) {
      const distance = ((piece.distance - 1) % content.length) + 1
      const length = Math.min(64, piece.length)
      if (length < 12 && distance < 2048) out.push(((distance >> 8) << 5) | ((length - 4) << 2) | 1, distance & 255)
      else if (distance < 65_536 && piece.length % 2 === 0)
        out.push(((length - 1) << 2) | 2, distance & 255, distance >> 8)
      else out.push(((length - 1) << 2) | 3, distance & 255, (distance >> 8) & 255, distance >> 16, 0)
      content = repeated(content, distance, length)
    }
  }
  const total: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    total.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return { compressed: Buffer.from([...total, ...out]), content }
}

function repeated(content: Buffer, distance: number, length: number): Buffer {
  const grown = Buffer.concat([content, Buffer.alloc(length)])
  for (let at = content.length; at < grown.length; at++) grown[at] = grown[at - distance] as number
  return grown
}

function sequence(out: number[], literals: readonly number[], distance?: number, length = 4): void {
  const more = (rest: number): void => {
    for (; rest >= 255; rest -= 255) out.push(255)
    out.push(rest)
  }
  out.push((Math.min(15, literals.length) << 4) | Math.min(15, length - 4))
  if (literals.length >= 15) more(literals.length - 15)
  out.push(...literals)
  if (distance === undefined) return
  out.push(distance & 255, distance >> 8)
  if (length - 4 >= 15) more(length - 4 - 15)
}
