import type { Seeded } from './random.ts'

const runs = [
  'a',
  'web',
  'page_view',
  'x'.repeat(14),
  'x'.repeat(15),
  'x'.repeat(16),
  'x'.repeat(17),
  'x'.repeat(31),
  'x'.repeat(33),
  'lorem ipsum dolor '.repeat(5),
  'é',
  'ß€',
  '名前',
  '😀',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  'NaN',
  'null',
  'Infinity',
]
const escapes = [
  '\\"',
  '\\\\',
  '\\/',
  '\\b',
  '\\f',
  '\\n',
  '\\r',
  '\\t',
  '\\u0000',
  '\\u0041',
  '\\u00e9',
  '\\uABcd',
  '\\ud83d\\ude00',
  '\\ud83d',
  '\\ude00',
  '\\ud83d\\u0041',
  '\\ud83d\\ud83d\\ude00',
  '\\uffff',
]

export function stringJson(random: Seeded): string {
  let inside = ''
  for (let left = random.below(5); left > 0; left--) inside += random.once(5) ? random.pick(escapes) : random.pick(runs)
  return `"${inside}"`
}

export function anyJson(random: Seeded, depth: number): string {
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return random.pick(['true', 'false', 'null'])
    case 1:
      return numberJson(random)
    case 2:
      return integerJson(random, 'long')
    case 3:
    case 4:
      return stringJson(random)
    case 5:
      return random.once(30)
        ? '['.repeat(70) + ']'.repeat(70)
        : `[${Array.from({ length: random.below(4) }, () => anyJson(random, depth - 1)).join(random.pick([',', ' , ']))}]`
    default:
      return `{${Array.from({ length: random.below(4) }, () => `${stringJson(random)}${random.pick([':', ' : '])}${anyJson(random, depth - 1)}`).join(',')}}`
  }
}

const numbers = [
  '0',
  '-0',
  '0.0',
  '-0.0',
  '0.1',
  '12.50',
  '-1.5',
  '1e5',
  '1E+2',
  '2.5e-3',
  '1e22',
  '1e23',
  '1e-22',
  '1e-23',
  '0.000000000000001',
  '123456789012345',
  '1234567890123456',
  '9007199254740993',
  '0.1234567890123456',
  '1e400',
  '5e-324',
  '1.7976931348623157e308',
  '16777217',
  '0.5',
  '3.4028234663852886e38',
  '1e999999999999',
  '0.00000000000000000000000',
  '0e0',
]

export function numberJson(random: Seeded): string {
  if (random.once(3)) return random.pick(numbers)
  if (random.once(6)) return JSON.stringify((random.below(2 ** 31) - 2 ** 30) * 2 ** (random.below(120) - 60))
  const fraction = random.once(3) ? '' : `.${digits(random, 1 + random.below(random.once(5) ? 20 : 4))}`
  const exponent = random.once(10)
    ? `${random.pick(['e', 'E'])}${random.pick(['', '+', '-'])}${digits(random, 1 + random.below(2))}`
    : ''
  return `${random.once(4) ? '-' : ''}${wholeNumber(random, random.once(5) ? 20 : 6)}${fraction}${exponent}`
}

/** What types can just hold, and just not. */
export const boundsJson = [7, 8, 15, 16, 31, 32, 53, 63, 64].flatMap((bits) => {
  const power = 2n ** BigInt(bits)
  return [power - 1n, power, power + 1n, -power - 1n, -power, 1n - power].map(String)
})

export function integerJson(random: Seeded, type: unknown): string {
  if (random.once(4)) return random.pick(boundsJson)
  if (random.once(12)) return `1${'0'.repeat(random.below(20))}`
  const digitsMax = type === 'byte' ? 3 : type === 'short' ? 5 : type === 'integer' ? 10 : 19
  const decimals =
    typeof type === 'string' && type.startsWith('decimal') && random.once(2)
      ? `.${digits(random, 1 + random.below(4))}`
      : ''
  return `${random.once(4) ? '-' : ''}${wholeNumber(random, digitsMax)}${decimals}`
}

function wholeNumber(random: Seeded, digitsMax: number): string {
  return digits(random, 1 + random.below(digitsMax)).replace(/^0+(?=\d)/, '')
}

function digits(random: Seeded, count: number): string {
  let text = ''
  for (let left = count; left > 0; left--) text += random.once(4) ? '0' : String(random.below(10))
  return text
}

export function maybeText(random: Seeded, json: string): string {
  return random.once(8) ? `"${random.once(8) ? random.pick(['NaN', 'Infinity', '', ' 1', '0x1', '1 ']) : json}"` : json
}

export function epochJson(random: Seeded): string {
  if (random.once(3))
    return random.pick([
      '0',
      '-0',
      '1e9',
      '-2208988800',
      '-2208988801',
      '99999999999',
      '100000000000',
      '99999999999999',
      '100000000000000',
      '253402300799',
      '253402300799999',
      '253402300800000',
      '1.5',
      '1700000000.123',
    ])
  const fraction = random.once(3) ? `.${digits(random, 1 + random.below(9))}` : ''
  const whole = random.once(2) ? 1_750_000_000 + random.below(200_000) : 1_750_000_000_000 + random.below(200_000_000)
  return `${random.once(6) ? '-' : ''}${random.once(12) ? random.pick(['99999999999', '99999999998', '99999999999999', '0']) : whole}${fraction}`
}

export function dateText(random: Seeded): string {
  if (random.once(6))
    return random.pick([
      '1900-01-01',
      '1899-12-31',
      '9999-12-31',
      '0000-02-29',
      '2023-02-29',
      '2024-02-29',
      '1900-02-29',
      '2000-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-04-31',
      '2026-1-01',
      '2026-11-2',
      '2026-11-20 ',
    ])
  return `2026-11-${String(19 + random.below(3))}`
}

export function instantText(random: Seeded): string {
  const two = (below: number): string => String(random.below(below + (random.once(30) ? 3 : 0))).padStart(2, '0')
  const fraction = random.once(3) ? '' : `.${digits(random, random.once(5) ? 1 + random.below(10) : 3)}`
  const zone = random.once(3)
    ? random.pick(['', 'z', '+00:00', '-00:00', `+${two(24)}:${two(60)}`, `-${two(24)}:${two(60)}`, '+0100', '+1:00'])
    : 'Z'
  return `${dateText(random)}${random.once(5) ? random.pick([' ', 't', '_']) : 'T'}${two(24)}:${two(60)}:${two(60)}${fraction}${zone}`
}
