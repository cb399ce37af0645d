import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodedRow } from './decoded.ts'

const accepted = {
  min: new Date('1900-01-02T00:00:00Z'),
  max: new Date('9999-12-30T23:59:59.999Z'),
  noInvalidDate: true,
}

it('reads every ISO time as Date does, with any zone', () => {
  fc.assert(
    fc.property(fc.date(accepted), fc.integer({ min: -1439, max: 1439 }), (date, offsetMinutes) => {
      const local = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
      const size = Math.abs(offsetMinutes)
      const zone = `${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
      const row = decodedRow(`{"timestamp":"${local}${zone}"}`)
      expect(row['timestamp']).toBe(BigInt(date.getTime()) * 1000n)
      expect(row['_rescued']).toBeNull()
    }),
    { numRuns: 1000 },
  )
})

it('takes exactly the days of the calendar', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1900, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const text = `${year}-${pad(month)}-${pad(day)}`
        const date = new Date(Date.UTC(year, month - 1, day))
        const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        const row = decodedRow(`{"timestamp":"${text} 00:00:00"}`)
        if (exists) expect(row['timestamp']).toBe(BigInt(date.getTime()) * 1000n)
        expect(row['_rescued'] === null).toBe(exists)
      },
    ),
    { numRuns: 1000 },
  )
})

it('cuts numbers to microseconds exactly, whatever their spelling', () => {
  const digits = fc.tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 9 }))
  fc.assert(
    fc.property(digits, fc.boolean(), ([units, scale], isExponent) => {
      // units * 10^-scale, once in plain digits and once with an exponent.
      const size = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
      const sign = units < 0n ? '-' : ''
      const plain = scale === 0 ? `${sign}${size}` : `${sign}${size.slice(0, -scale)}.${size.slice(-scale)}`
      const row = decodedRow(`{"timestamp":${isExponent ? `${units}e-${scale}` : plain}}`)
      const divisor = 10n ** BigInt(scale)
      const magnitude = Math.abs(Number(plain))
      const micros = (units * (magnitude < 1e11 ? 1_000_000n : 1000n)) / divisor
      const fits = magnitude < 1e14 && micros >= -2_208_988_800_000_000n && micros < 253_402_300_800_000_000n
      expect(row['_rescued'] === null).toBe(fits)
      if (fits) expect(row['timestamp']).toBe(micros)
    }),
    { numRuns: 2000 },
  )
})

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
