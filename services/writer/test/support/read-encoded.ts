import type { EncodedFile, EncodedUnit, ParquetRow } from '@silt/core'
import { HyparquetReader } from '@silt/parquet'

interface ReadFile {
  readonly partitionValues: EncodedFile['partitionValues']
  readonly rowCount: number
  readonly stats: unknown
  readonly rows: readonly ParquetRow[]
}

/** A unit as its readers see it, whoever wrote it: rows by partition and offset. */
export async function readEncoded({ schema, counts, files, deadLetterFiles }: EncodedUnit): Promise<{
  readonly schema: EncodedUnit['schema']
  readonly counts: EncodedUnit['counts']
  readonly files: readonly ReadFile[]
  readonly deadLetterFiles: readonly ReadFile[]
}> {
  const read = (some: readonly EncodedFile[]): Promise<ReadFile[]> => Promise.all(some.map(readFile))
  return { schema, counts, files: await read(files), deadLetterFiles: await read(deadLetterFiles) }
}

async function readFile({ partitionValues, rowCount, stats, bytes }: EncodedFile): Promise<ReadFile> {
  const rows: ParquetRow[] = []
  for await (const group of new HyparquetReader().rows(bytes)) rows.push(...group)
  const at = (row: ParquetRow, name: string): number => Number(row[name])
  rows.sort((a, b) => at(a, '_partition') - at(b, '_partition') || at(a, '_offset') - at(b, '_offset'))
  return { partitionValues, rowCount, stats: JSON.parse(stats) as unknown, rows }
}
