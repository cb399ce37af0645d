import {
  systemClock,
  systemRandom,
  type ObjectRemoval,
  type ObjectStore,
  type ParquetFileWriter,
  type ParquetReader,
} from '@silt/core'
import { LocalStore } from '@silt/object-store/local'
import { OnDemandReader, StreamedParquetWriter } from '@silt/parquet/reader'

export { footerRowCount } from '@silt/parquet/reader'

/**
 * The table in a folder of this machine, as a store; the folder is made by the first put. Safe for several processes at once and across a power cut.
 * `store/no-put-if-absent` (unsupported) where the file system has no hard links.
 */
export function localTable(folder: string): ObjectStore & ObjectRemoval {
  return new LocalStore({ folder, clock: systemClock, random: systemRandom })
}

/** Reads checkpoints, by hyparquet, which is loaded by the first one. */
export const parquetReader: ParquetReader = new OnDemandReader()

/** Writes checkpoints; no library behind it. */
export const parquetWriter: ParquetFileWriter = new StreamedParquetWriter()
