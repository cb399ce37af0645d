import type { EncodeSpec } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import { ArrowParquetWriter, deltaStats } from '@silt/parquet'
import { createRowDecoder } from '@silt/rows'
import { planeSlabOf } from '../../shared/dataplane/test/unit/records.ts'
import { cpuMicros } from '../measure/cpu.ts'
import type { Contender, Sample } from '../measure/in-turns.ts'
import type { EventUnit } from './event-units.ts'

const touchedBytesMax = 480 * 1024 * 1024

/** Slabs that stand in the plane to Parquet bytes: scan, rows refused to the exact path, pages, zstd, statistics. What brings them there is not counted. */
export function planeStage(units: readonly EventUnit[], spec: EncodeSpec): Contender {
  // All of the unit's records stand in the plane as well, which they do not where they are read.
  const encoder = new PlaneEncoder({ touchedBytesMax })
  const sample = async (): Promise<Sample> => {
    const samples: Sample[] = []
    for (const { slabs, start, endExclusive } of units) {
      const landed = slabs.map((slab) => planeSlabOf(encoder.engine, slab))
      const startMicros = cpuMicros()
      const session = await encoder.open(spec)
      for (const { slab } of landed) {
        const room = await session.push(slab)
        if (room === 'full') throw new Error('the unit ended short')
      }
      const { files } = await session.finish([{ partition: 0, start, endExclusive }])
      const micros = cpuMicros() - startMicros
      samples.push(
        ...files.map(({ bytes, rowCount }) => ({ cpuMicros: 0, rows: rowCount, fileBytes: bytes.byteLength })),
      )
      samples.push({ cpuMicros: micros, rows: 0, fileBytes: 0 })
      for (const { end } of landed) end()
    }
    return sumOf(samples)
  }
  return { name: 'plane', sample }
}

/** The same slabs by @silt/rows, apache-arrow and parquet-wasm: the exact path for every record. */
export function exactStage(units: readonly EventUnit[], spec: EncodeSpec): Contender {
  const writer = new ArrowParquetWriter()
  const sample = (): Promise<Sample> => {
    const samples = units.map(({ slabs, start, endExclusive }) => {
      const startMicros = cpuMicros()
      const decoder = createRowDecoder(spec)
      for (const slab of slabs) decoder.push(slab)
      const { parts, deadLetters } = decoder.finish([{ partition: 0, start, endExclusive }])
      const files = parts.map(({ batch }) => ({
        bytes: writer.encode(batch),
        rows: batch.rowCount,
        stats: deltaStats(batch),
      }))
      if (deadLetters !== undefined && deadLetters.rowCount > 0) writer.encode(deadLetters)
      const micros = cpuMicros() - startMicros
      return sumOf(files.map(({ bytes, rows }) => ({ cpuMicros: micros, rows, fileBytes: bytes.byteLength })))
    })
    return Promise.resolve(sumOf(samples))
  }
  return { name: 'exact', sample }
}

function sumOf(samples: readonly Sample[]): Sample {
  const sum = { cpuMicros: 0, rows: 0, fileBytes: 0 }
  for (const { cpuMicros: micros, rows, fileBytes } of samples) {
    sum.cpuMicros += micros
    sum.rows += rows
    sum.fileBytes += fileBytes
  }
  return sum
}
