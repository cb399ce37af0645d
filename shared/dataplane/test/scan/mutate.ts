import { boundsJson } from './random-json.ts'
import type { Seeded } from './random.ts'

const telling = Buffer.from('{}[],:"\\ue.0-+ tfn9Z\0\n')
const quote = 0x22
const comma = 0x2c

/** What goes into a text: escapes whole and torn, characters whole and torn, controls, and what is no Unicode. */
const pieces = [
  ...['\\u0000', '\\u00e9', '\\ud83d\\ude00', '\\ud83d', '\\ude00', '\\ude00\\ud83d', '\\ud83d\\u0061', '\\uD83D\\n'],
  ...['\\u00', '\\u', '\\u00g0', '\\x41', '\\', '\\"', '\\/', '\\b\\f\\n\\r\\t', '\\0', '\\a', "\\'", '\\U0041'],
  ...['é', '€', '😀', '\u2028', '\u007f', '\u0080', '\ufeff', '\u001f', '\n', '\0', ' ', '\t', '\u00a0'],
].map((text) => Buffer.from(text))
const brokenText = [
  [0xc3],
  [0x80],
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0xbd],
  [0xed, 0xb8, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf0, 0x80, 0x80, 0xaf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xff],
].map((bytes) => Buffer.of(...bytes))
const numbers = [
  ...['.', '.5', 'e', 'e1', 'E+', 'e-2', '-', '+', '0', '00', '9', '99999', '.0', '0.', 'e0', 'e22', 'e23', 'e400'],
  ...['1234567', '9223372036854775807', '9007199254740993', '000000000000', 'NaN', 'Infinity', '0x1', '1_0', ' '],
].map((text) => Buffer.from(text))
const spaces = [' ', '\n', '\r\n\t', '\u000b', '\u00a0', '\f', ' '.repeat(17), '/**/'].map((text) => Buffer.from(text))

/** The bytes with one to three changes; `other` lends its own. Half of the mutants are changed by what JSON is made of, so that many of them still are some. */
export function mutate(random: Seeded, original: Buffer, other: Buffer): Buffer {
  let bytes = original
  const isGentle = random.once(2)
  for (let left = 1 + random.below(3); left > 0; left--)
    bytes = isGentle ? changeToken(random, bytes, other) : changeBytes(random, bytes, other)
  return bytes
}

function changeToken(random: Seeded, bytes: Buffer, other: Buffer): Buffer {
  const from = random.below(bytes.length + 1)
  const digit = next(bytes, from, isDigit)
  const end = next(bytes, from, (byte) => byte === quote)
  const gap = next(bytes, from, (byte) => byte === comma || byte === 0x3a || byte === 0x7d)
  switch (random.below(9)) {
    case 0:
      return digit < 0 ? bytes : replaced(bytes, digit, 1, Buffer.of(0x30 + random.below(10)))
    case 1: {
      const behind = digit < 0 ? -1 : next(bytes, digit, (byte) => !isDigit(byte))
      return behind < 0 ? bytes : replaced(bytes, digit, behind - digit, Buffer.from(random.pick(boundsJson)))
    }
    case 2:
      return digit < 0 ? bytes : replaced(bytes, digit, random.below(2), random.pick(numbers))
    case 3:
      return digit < 0 ? bytes : replaced(bytes, digit, 1 + random.below(3), Buffer.alloc(0))
    case 4:
      return end < 0 ? bytes : replaced(bytes, end, 0, random.pick(random.once(5) ? brokenText : pieces))
    case 5:
      // Everything behind moves to other places of the vectors.
      return end < 0 ? bytes : replaced(bytes, end, 0, Buffer.alloc(1 + random.below(70), random.pick(['a', 'é', '1'])))
    case 6:
      return gap < 0 ? bytes : replaced(bytes, gap, 0, random.pick(spaces))
    case 7: {
      const brace = bytes.indexOf('{')
      const at = random.once(2) ? brace + 1 : next(bytes, from, (byte) => byte === comma) + 1
      const member = random.once(4) ? deepMember(random) : memberOf(random, random.once(2) ? bytes : other)
      return at === 0 || member === undefined ? bytes : replaced(bytes, at, 0, member)
    }
    default: {
      const member = memberOf(random, bytes)
      return member === undefined ? bytes : replaced(bytes, bytes.indexOf(member), member.length, Buffer.alloc(0))
    }
  }
}

/** A member about as deep as a word has bits, of objects and arrays, now and then closed by the wrong one. */
function deepMember(random: Seeded): Buffer {
  const levels = Array.from({ length: random.pick([1, 2, 3, 31, 32, 33, 62, 63, 64, 65, 66]) }, () => random.once(2))
  const wrong = random.once(2) ? -1 : random.once(2) ? 0 : random.below(levels.length)
  const opened = levels.map((isObject) => (isObject ? '{"a":' : '[')).join('')
  const closed = levels.map((isObject, level) => (isObject === (level !== wrong) ? '}' : ']')).reverse()
  return Buffer.from(`"metadata":${opened}1${closed.join('')},`)
}

/** About a member, with its comma: what stands between two commas. */
function memberOf(random: Seeded, bytes: Buffer): Buffer | undefined {
  const first = bytes.indexOf(comma, random.below(bytes.length + 1))
  const last = first < 0 ? -1 : bytes.indexOf(comma, first + 1)
  return last < 0 ? undefined : bytes.subarray(first + 1, last + 1)
}

function next(bytes: Buffer, from: number, is: (byte: number) => boolean): number {
  for (let at = from; at < bytes.length; at++) if (is(bytes[at]!)) return at
  return -1
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function replaced(bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])
}

/** Bytes changed, lost, added, doubled, moved or cut off. */
function changeBytes(random: Seeded, bytes: Buffer, other: Buffer): Buffer {
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
      return mark < 0 ? bytes : replaced(bytes, at + mark, 1, Buffer.of(random.pick([...telling])))
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
