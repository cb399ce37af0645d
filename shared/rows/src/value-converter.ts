import {
  type BooleanColumn,
  type BytesColumn,
  type DoubleColumn,
  type IntegerColumn,
  type LongColumn,
} from './column-builders.ts'
import { columnForm, type AnyColumn, type ColumnPlan } from './column-plan.ts'
import { noSuchDay } from './calendar.ts'
import { Instant, readDateText } from './instant.ts'
import { skipNumber } from './json-skipper.ts'
import { unescapeInto } from './json-string.ts'
import { NumberText, asciiText, decimalDigits, scaledInteger } from './number-text.ts'
import { jsonKind } from './object-fields.ts'

/** What became of a value: `fits`, `rescue` (the column stays null), or `fitsRounded` (the column holds it, its text is kept as well). */
export const conversion = { fits: 0, rescue: 1, fitsRounded: 2 } as const

/** Puts JSON values into columns; the value is valid JSON of the given kind at `bytes[start .. end)`. */
export class ValueConverter {
  readonly instant = new Instant()
  readonly #number = new NumberText()
  #text: Uint8Array = new Uint8Array(0)
  #textStart = 0
  #textEnd = 0

  convert(
    plan: ColumnPlan,
    column: AnyColumn,
    row: number,
    bytes: Uint8Array,
    view: DataView,
    kind: number,
    start: number,
    end: number,
  ): number {
    switch (plan.form) {
      case columnForm.text:
      case columnForm.textOrJson:
        return putText(plan, column as BytesColumn, row, bytes, view, kind, start, end)
      case columnForm.boolean:
        if (kind !== jsonKind.true && kind !== jsonKind.false) return conversion.rescue
        ;(column as BooleanColumn).append(row, kind === jsonKind.true)
        return conversion.fits
      case columnForm.timestamp:
        if (!this.readInstant(bytes, kind, start, end)) return conversion.rescue
        ;(column as LongColumn).appendMicros(row, this.instant.seconds, this.instant.micros)
        return conversion.fits
      case columnForm.date: {
        if (!this.#readString(bytes, kind, start, end)) return conversion.rescue
        const days = readDateText(this.#text, this.#textStart, this.#textEnd)
        if (days === noSuchDay) return conversion.rescue
        ;(column as IntegerColumn).append(row, days)
        return conversion.fits
      }
      default:
        return this.#readNumber(bytes, kind, start, end) ? this.#putNumber(plan, column, row) : conversion.rescue
    }
  }

  /** Reads a timestamp, text or number, into `instant`. */
  readInstant(bytes: Uint8Array, kind: number, start: number, end: number): boolean {
    if (kind === jsonKind.string) return this.instant.readText(bytes, start + 1, end - 1)
    if (kind === jsonKind.number) return this.instant.readNumber(bytes, start, end)
    return (
      this.#readString(bytes, kind, start, end) && this.instant.readText(this.#text, this.#textStart, this.#textEnd)
    )
  }

  #putNumber(plan: ColumnPlan, column: AnyColumn, row: number): number {
    if (plan.form === columnForm.double) {
      const value = this.#number.read(this.#text, this.#textStart, this.#textEnd)
      if (!Number.isFinite(value)) return conversion.rescue
      ;(column as DoubleColumn).append(row, value)
      return this.#number.isExact ? conversion.fits : conversion.fitsRounded
    }
    if (plan.form === columnForm.float) {
      const value = this.#number.read(this.#text, this.#textStart, this.#textEnd)
      if (!this.#number.isExact || Math.fround(value) !== value) return conversion.rescue
      ;(column as DoubleColumn).append(row, value)
      return conversion.fits
    }
    const decimal = decimalDigits(asciiText(this.#text, this.#textStart, this.#textEnd))
    if (plan.form === columnForm.decimal) {
      const unscaled = scaledInteger(decimal, plan.scale, plan.precision)
      if (unscaled === undefined) return conversion.rescue
      ;(column as LongColumn).append(row, unscaled)
      return conversion.fits
    }
    const value = scaledInteger(decimal, 0, 19)
    if (value === undefined || value < plan.min || value > plan.max) return conversion.rescue
    if (plan.field.type === 'long') (column as LongColumn).append(row, value)
    else (column as IntegerColumn).append(row, Number(value))
    return conversion.fits
  }

  /** Sets the text to a number's: a JSON number, or a string that holds one and nothing else. */
  #readNumber(bytes: Uint8Array, kind: number, start: number, end: number): boolean {
    if (kind === jsonKind.number) {
      this.#text = bytes
      this.#textStart = start
      this.#textEnd = end
      return true
    }
    if (!this.#readString(bytes, kind, start, end)) return false
    // What follows the text, a quote or a zero, ends any number.
    return this.#textStart < this.#textEnd && skipNumber(this.#text, this.#textStart) === this.#textEnd
  }

  /** Sets the text to a string's content. */
  #readString(bytes: Uint8Array, kind: number, start: number, end: number): boolean {
    if (kind === jsonKind.string) {
      this.#text = bytes
      this.#textStart = start + 1
      this.#textEnd = end - 1
      return true
    }
    if (kind !== jsonKind.escapedString) return false
    this.#text = new Uint8Array(end - start)
    this.#textStart = 0
    this.#textEnd = unescapeInto(bytes, start + 1, end - 1, this.#text, 0)
    return true
  }
}

function putText(
  plan: ColumnPlan,
  column: BytesColumn,
  row: number,
  bytes: Uint8Array,
  view: DataView,
  kind: number,
  start: number,
  end: number,
): number {
  switch (kind) {
    case jsonKind.string:
      column.append(row, bytes, view, start + 1, end - 1)
      return conversion.fits
    case jsonKind.escapedString: {
      const at = column.open(row, end - start)
      column.commit(row, unescapeInto(bytes, start + 1, end - 1, column.bytes, at))
      return conversion.fits
    }
    case jsonKind.object:
    case jsonKind.array:
      if (plan.form === columnForm.text) return conversion.rescue
      column.append(row, bytes, view, start, end)
      return conversion.fits
    default:
      column.append(row, bytes, view, start, end)
      return conversion.fits
  }
}
