import { trimSpace } from './text.ts'

const wholePattern = /^[+-]?\d+$/
const digitsMax = 400
const floatingPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/
const namedNumbers: Readonly<Record<string, number>> = {
  inf: Infinity,
  '+inf': Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-inf': -Infinity,
  '-infinity': -Infinity,
  nan: NaN,
}

/** A whole number as Spark casts a text to one; undefined for any other text. */
export function parseWhole(text: string): bigint | undefined {
  const trimmed = trimSpace(text)
  return trimmed.length <= digitsMax && wholePattern.test(trimmed) ? BigInt(trimmed) : undefined
}

/** A double as Spark casts a text to one, names of the infinities and NaN included; undefined for any other text. */
export function parseFloating(text: string): number | undefined {
  const trimmed = trimSpace(text)
  if (floatingPattern.test(trimmed)) return Number(trimmed.replace(/[dDfF]$/, ''))
  return namedNumbers[trimmed.toLowerCase()]
}

/** As Java writes a double: a point always, and an exponent below 1e-3 and from 1e7 on. */
export function doubleText(value: number): string {
  const shortest = String(Math.abs(value))
  // Java gives two digits at least, and those nearest to the number: of the smallest there are better ones than the shortest.
  return javaText(value, /^[1-9](e|$)/.test(shortest) ? twoDigits(Math.abs(value), shortest) : shortest)
}

/** As Java writes a float: the fewest digits that denote it. */
export function floatText(value: number): string {
  const magnitude = Math.abs(value)
  let text = String(magnitude)
  for (let digits = 2; digits <= 9; digits++) {
    const candidate = magnitude.toPrecision(digits)
    if (Math.fround(Number(candidate)) === magnitude) {
      text = candidate
      break
    }
  }
  return javaText(value, text)
}

function twoDigits(magnitude: number, shortest: string): string {
  const candidate = magnitude.toPrecision(2)
  return Number(candidate) === magnitude ? String(candidate) : shortest
}

function javaText(value: number, shortest: string): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (!Number.isFinite(value)) return `${sign}Infinity`
  const [mantissa, exponent = '0'] = shortest.split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return `${sign}0.0`
  const leadingZeros = `${whole}${fraction}`.length - digits.length
  // The power of ten of the first digit.
  const power = whole.length - 1 + Number(exponent) - leadingZeros
  const kept = digits.replace(/0+$/, '')
  if (power >= -3 && power < 7) {
    if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${kept}`
    const padded = kept.padEnd(power + 1, '0')
    return `${sign}${padded.slice(0, power + 1)}.${padded.slice(power + 1) || '0'}`
  }
  return `${sign}${kept[0]}.${kept.slice(1) || '0'}E${power}`
}
