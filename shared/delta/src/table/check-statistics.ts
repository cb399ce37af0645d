import { physicalName, type ColumnMapping, type ParquetRow, type StructType } from '@silt/core'
import type { AddAction } from '../actions/action.ts'
import type { DeletedRows } from '../deletion-vectors/roaring.ts'

/** What a table's statistics are read by. */
export interface StatisticsSubject {
  readonly schema: StructType
  readonly mapping: ColumnMapping | undefined
}

/** Top-level columns of a file, by physical name, that its statistics say something of. */
export function columnsWithStatistics(add: AddAction): readonly string[] {
  const stats = parsed(add.stats)
  return [
    ...new Set([...keysOf(stats?.['minValues']), ...keysOf(stats?.['maxValues']), ...keysOf(stats?.['nullCount'])]),
  ]
}

/**
 * Holds the statistics of a file against all its rows (Delta PROTOCOL § Per-file Statistics) and answers what is wrong, one message a column and kind:
 *
 * 1. `numRecords` is the number of rows in the file, the deleted ones among them.
 * 2. No live value is below `minValues` or above `maxValues`. Timestamps are cut to milliseconds, so a maximum covers its whole millisecond. NaN has no place.
 * 3. `nullCount` is the number of nulls; where bounds are wide or rows are deleted, only 0 (no live null) and `numRecords` (no live value) say anything.
 *
 * Arrays and maps have no bounds, and engines count their nulls differently: they are left out. Bounded memory: what `rows` gives at a time.
 */
export async function statisticsFaults(
  add: AddAction,
  subject: StatisticsSubject,
  rows: AsyncIterable<readonly ParquetRow[]>,
  deleted: DeletedRows | undefined,
): Promise<readonly string[]> {
  const stats = parsed(add.stats) ?? {}
  const columns = [...leavesOf(subject.schema, subject.mapping, [])].flatMap((leaf) => columnOf(leaf, stats))
  let count = 0
  for await (const some of rows)
    for (const row of some) {
      const isLive = deleted?.has(count) !== true
      for (const column of columns) look(column, row, isLive)
      count++
    }
  const isWide = stats['tightBounds'] === false || deleted !== undefined
  const records = typeof stats['numRecords'] === 'number' ? stats['numRecords'] : undefined
  return [
    ...(records === undefined || records === count ? [] : [`it has ${count} rows, its numRecords is ${records}`]),
    ...columns.flatMap((column) => faultsOf(column, isWide, count)),
  ]
}

interface Leaf {
  readonly path: readonly string[]
  readonly type: string
}

interface Column extends Leaf {
  readonly min: Comparable | undefined
  readonly max: Comparable | undefined
  readonly nullCount: number | undefined
  nulls: number
  liveNulls: number
  liveValues: number
  below: unknown
  above: unknown
}

type Comparable = number | bigint | string

function* leavesOf(schema: StructType, mapping: ColumnMapping | undefined, prefix: readonly string[]): Generator<Leaf> {
  for (const field of schema.fields) {
    const path = [...prefix, physicalName(field, mapping)]
    if (typeof field.type === 'string') yield { path, type: field.type }
    else if (field.type.type === 'struct') yield* leavesOf(field.type, mapping, path)
  }
}

function columnOf(leaf: Leaf, stats: Readonly<Record<string, unknown>>): readonly Column[] {
  const nullCount = at(stats['nullCount'], leaf.path)
  const min = bound(leaf.type, at(stats['minValues'], leaf.path))
  const max = bound(leaf.type, at(stats['maxValues'], leaf.path))
  if (nullCount === undefined && min === undefined && max === undefined) return []
  const counted = typeof nullCount === 'number' ? nullCount : undefined
  const seen = { nulls: 0, liveNulls: 0, liveValues: 0, below: undefined, above: undefined }
  return [
    { ...leaf, min, max: max === undefined ? max : wholeMillisecond(leaf.type, max), nullCount: counted, ...seen },
  ]
}

function look(column: Column, row: ParquetRow, isLive: boolean): void {
  const value = at(row, column.path)
  if (value === null || value === undefined) {
    column.nulls++
    if (isLive) column.liveNulls++
    return
  }
  if (!isLive) return
  column.liveValues++
  const found = comparable(column.type, value)
  if (found === undefined) return
  if (column.below === undefined && isBelow(column.type, found, column.min)) column.below = value
  if (column.above === undefined && isBelow(column.type, column.max, found)) column.above = value
}

/** Of a column that once was a float both value and bound may be written as one, the bound in fewer digits. */
function isBelow(type: string, left: Comparable | undefined, right: Comparable | undefined): boolean {
  if (left === undefined || right === undefined || !less(left, right)) return false
  return type !== 'double' || Math.fround(Number(left)) !== Math.fround(Number(right))
}

function faultsOf(column: Column, isWide: boolean, count: number): readonly string[] {
  const name = column.path.join('.')
  const faults: string[] = []
  if (column.below !== undefined)
    faults.push(`column ${name} holds ${shown(column.below)}, below its minimum ${shown(column.min)}`)
  if (column.above !== undefined)
    faults.push(`column ${name} holds ${shown(column.above)}, above its maximum ${shown(column.max)}`)
  const { nullCount } = column
  if (nullCount === undefined) return faults
  const isWrong = isWide
    ? (nullCount === 0 && column.liveNulls > 0) || (nullCount === count && column.liveValues > 0)
    : nullCount !== column.nulls
  if (isWrong) faults.push(`column ${name} has ${column.nulls} nulls, its nullCount is ${nullCount}`)
  return faults
}

/** A bound of the statistics in the form its column's values are compared in; undefined where it has none, or one that cannot be compared. */
function bound(type: string, value: unknown): Comparable | undefined {
  if (value === null || value === undefined) return undefined
  if (type === 'string') return typeof value === 'string' ? value : undefined
  if (type === 'date') return typeof value === 'string' ? daysOf(value) : undefined
  if (type === 'timestamp' || type === 'timestamp_ntz') return typeof value === 'string' ? microsOf(value) : undefined
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined
  return type === 'float' ? Math.fround(value) : value
}

/** Numbers are compared as doubles: rounding keeps order, so no sound value is told to be out of bounds. */
function comparable(type: string, value: unknown): Comparable | undefined {
  if (type === 'string') return typeof value === 'string' ? value : undefined
  if (type === 'timestamp' || type === 'timestamp_ntz') return typeof value === 'bigint' ? value : undefined
  if (type === 'boolean' || type === 'binary') return undefined
  const number =
    typeof value === 'number' ? value : typeof value === 'bigint' || typeof value === 'string' ? Number(value) : NaN
  return Number.isNaN(number) ? undefined : number
}

function wholeMillisecond(type: string, max: Comparable): Comparable {
  return type.startsWith('timestamp') && typeof max === 'bigint' ? max + (max % 1000n === 0n ? 999n : 0n) : max
}

function less(left: Comparable, right: Comparable): boolean {
  return typeof left === 'string' && typeof right === 'string' ? lessText(left, right) : left < right
}

/** By code points, as engines compare UTF-8; JavaScript's own order is that of UTF-16. */
function lessText(left: string, right: string): boolean {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)]
    if (a === b) continue
    const [isHighA, isHighB] = [a >= 0xd800 && a < 0xe000, b >= 0xd800 && b < 0xe000]
    return isHighA === isHighB ? a < b : isHighB
  }
  return left.length < right.length
}

function daysOf(text: string): number | undefined {
  const ms = Date.parse(`${text.slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(ms) ? undefined : ms / 86_400_000
}

function microsOf(text: string): bigint | undefined {
  const match = /^([+-]?\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (match === null) return undefined
  const [, date, time, fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${date}T${time}${zone}`)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

/** Statistics that are no JSON object say nothing. */
function parsed(stats: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(stats ?? 'null')
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
