import { SiltError } from '@silt/core'
import type { CodecName } from './format.ts'

/** How files are written. */
export interface ParquetSettings {
  readonly codec: CodecName
  /** 1 to 19; more is smaller and slower. */
  readonly zstdLevel: number
  /** Rows of a page, at which it ends: the grain readers prune by. */
  readonly pageRowsMax: number
  /** Rows of a row group. */
  readonly rowGroupRowsMax: number
  /** Bytes of a row group, compressed and still open together, roughly. */
  readonly rowGroupBytesMax: number
  /** Column index and offset index, by which readers prune pages. */
  readonly pageIndex: boolean
  /** Columns (dotted paths) with a Bloom filter. */
  readonly bloomColumns: readonly string[]
  readonly bloomBytesMax: number
  /** `application version x.y.z`, or readers in Java cannot tell whose file it is and warn. */
  readonly createdBy: string
}

const defaultSettings: ParquetSettings = Object.freeze({
  codec: 'zstd',
  zstdLevel: 1,
  pageRowsMax: 20_000,
  rowGroupRowsMax: 1_000_000,
  rowGroupBytesMax: 128 * 1024 * 1024,
  pageIndex: true,
  bloomColumns: [],
  bloomBytesMax: 1024 * 1024,
  createdBy: 'silt version 0.1.0',
})

/** The defaults with what is given; `parquet/invalid-settings` (invalid) names every one that is out of bounds. */
export function parquetSettings(given: Partial<ParquetSettings>): ParquetSettings {
  const settings = { ...defaultSettings, ...given }
  const bounds: readonly (readonly [keyof ParquetSettings, number, number])[] = [
    ['zstdLevel', 1, 19],
    ['pageRowsMax', 1, 1 << 24],
    ['rowGroupRowsMax', 1, 1 << 30],
    ['rowGroupBytesMax', 1, 1 << 30],
    ['bloomBytesMax', 32, 128 * 1024 * 1024],
  ]
  const faults = bounds.filter(([name, min, max]) => {
    const value = settings[name] as number
    return !Number.isInteger(value) || value < min || value > max
  })
  if (faults.length === 0) return Object.freeze(settings)
  const text = faults.map(([name, min, max]) => `${name} must be an integer from ${min} to ${max}`).join('; ')
  throw new SiltError('invalid', 'parquet/invalid-settings', text)
}
