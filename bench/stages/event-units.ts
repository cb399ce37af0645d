import { readFileSync } from 'node:fs'
import { eventTableSchema } from '@silt/contracts'
import type { EncodeSpec, RecordSlab } from '@silt/core'
import { slabOfRecords } from '../../shared/dataplane/test/unit/records.ts'

/** Decoded bytes of a slab, as unit threads have them read. */
const slabBytesMax = 256 * 1024

export const topicId = 'c2lsdC1iZW5jaC10b3BpYw'

/** The event table as Silt makes it, with the columns that say where a row came from. */
export function eventSpec(topic: string): EncodeSpec {
  return {
    topic,
    topicId,
    cutAtMs: Date.UTC(2026, 10, 22),
    failedAtMs: Date.UTC(2026, 10, 22),
    schema: eventTableSchema,
    partitionColumns: [],
    evolution: 'add',
    columnsMax: 200,
    recordBytesMax: 16 * 1024 * 1024,
  }
}

/** Arrival of the record at an offset: `arrivalSql` says the same to DuckDB. */
const arrivalStartMs = Date.UTC(2026, 10, 22)
const arrivalMs = (offset: number): number => arrivalStartMs + offset * 17 + ((offset * 7919) % 17)
export const arrivalSql = `make_timestamptz((${arrivalStartMs} + o * 17 + (o * 7919) % 17) * 1000)`

/** Rows that become files together, as a source hands them over. */
export interface EventUnit {
  readonly slabs: readonly RecordSlab[]
  readonly start: number
  readonly endExclusive: number
}

/** The first events of an NDJSON file as one partition's records from offset 0 on. */
export function readUnits(path: string, eventCount: number, unitRows: number): EventUnit[] {
  const values = linesOf(readFileSync(path), eventCount)
  const units: EventUnit[] = []
  for (let start = 0; start < eventCount; start += unitRows) {
    const endExclusive = Math.min(eventCount, start + unitRows)
    units.push({ slabs: slabsOf(values, start, endExclusive), start, endExclusive })
  }
  return units
}

function linesOf(bytes: Buffer, count: number): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; lines.length < count;) {
    const end = bytes.indexOf(0x0a, from)
    if (end === -1) throw new Error(`the file has only ${lines.length} of ${count} events`)
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return lines
}

function slabsOf(values: readonly Buffer[], start: number, endExclusive: number): RecordSlab[] {
  const slabs: RecordSlab[] = []
  for (let first = start; first < endExclusive;) {
    let end = first
    for (let bytes = 0; end < endExclusive && bytes < slabBytesMax; end++) bytes += values[end]!.length
    const records = values.slice(first, end).map((value, index) => ({ value, timestampMs: arrivalMs(first + index) }))
    slabs.push(slabOfRecords(0, first, records))
    first = end
  }
  return slabs
}
