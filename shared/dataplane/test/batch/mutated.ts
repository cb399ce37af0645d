import { Seeded } from '../scan/random.ts'

const HEADER_BYTES = 61
const EXTREMES = [0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff]

/** The batch with one to six of its bytes changed, moved, or cut off at its end; its length says what it is then. The same for the same seed. */
export function mutated(batch: Buffer, seed: number): Buffer {
  const random = new Seeded(seed)
  const below = (bound: number): number => random.below(Math.max(1, bound))
  let bytes = Buffer.from(batch)
  for (let left = 1 + below(6); left > 0; left--) {
    // Mostly records; of the header what decides how they are read.
    const at = random.once(7) ? 21 + below(40) : HEADER_BYTES + below(bytes.length - HEADER_BYTES)
    if (at >= bytes.length) continue
    switch (below(7)) {
      case 0:
        bytes[at] = below(256)
        break
      case 1:
        bytes[at] = EXTREMES[below(EXTREMES.length)] as number
        break
      case 2:
        bytes[at] = (bytes[at] as number) ^ (1 << below(8))
        break
      case 3:
        bytes[at] = (bytes[at] as number) + (random.once(2) ? 1 : -1)
        break
      case 4:
        if (at >= HEADER_BYTES) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(4))])
        break
      case 5: {
        // The first record's length in more bytes than it needs, up to too many.
        const padding = Buffer.alloc(1 + below(6), 0x80)
        padding[padding.length - 1] = 0
        const first = bytes[HEADER_BYTES] as number
        if (first >= 0x80) break
        const rest = bytes.subarray(HEADER_BYTES + 1)
        bytes = Buffer.concat([bytes.subarray(0, HEADER_BYTES), Buffer.of(first | 0x80), padding, rest])
        break
      }
      default: {
        if (at < HEADER_BYTES) break
        const from = HEADER_BYTES + below(bytes.length - HEADER_BYTES)
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + 1 + below(8)), bytes.subarray(at)])
      }
    }
  }
  if (random.once(7)) bytes = bytes.subarray(0, HEADER_BYTES + below(bytes.length - HEADER_BYTES))
  bytes.writeInt32BE(bytes.length - 12, 8)
  return bytes
}
