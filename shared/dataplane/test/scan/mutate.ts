import type { Seeded } from './random.ts'

const telling = Buffer.from('{}[],:"\\ue.0-+ tfn9Z\0\n')

/** The bytes with one to three of them changed, lost, added, doubled, moved or cut off; `other` lends its own. */
export function mutate(random: Seeded, original: Buffer, other: Buffer): Buffer {
  let bytes = original
  for (let left = 1 + random.below(3); left > 0; left--) bytes = mutateOnce(random, bytes, other)
  return bytes
}

function mutateOnce(random: Seeded, bytes: Buffer, other: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  const before = bytes.subarray(0, at)
  const after = bytes.subarray(at)
  const byte = random.once(2) ? random.pick([...telling]) : random.below(256)
  const from = random.below(other.length + 1)
  const length = random.below(random.once(3) ? 40 : 6)
  switch (random.below(9)) {
    case 0:
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << random.below(8))), after.subarray(1)])
    case 1: {
      const mark = after.findIndex((each) => telling.includes(each))
      if (mark < 0) return bytes
      return Buffer.concat([
        before,
        after.subarray(0, mark),
        Buffer.of(random.pick([...telling])),
        after.subarray(mark + 1),
      ])
    }
    case 2:
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)])
    case 3:
      return Buffer.concat([before, after.subarray(1 + random.below(4))])
    case 4:
      return Buffer.concat([before, Buffer.of(byte), after])
    case 5:
      return Buffer.concat([before, other.subarray(from, from + length), after])
    case 6:
      return Buffer.concat([before, other.subarray(from, from + length), after.subarray(length)])
    case 7:
      return random.once(3) ? before : Buffer.concat([bytes, other.subarray(from, from + length)])
    default:
      return random.once(3) ? after : Buffer.concat([before, after.subarray(0, length), after])
  }
}
