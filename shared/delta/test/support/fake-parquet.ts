import { deserialize, serialize } from 'node:v8'
import {
  batchesOfRows,
  SiltError,
  struct,
  valueAt,
  type ParquetFileWriter,
  type ParquetReader,
  type ParquetRow,
} from '@silt/core'

const magic = 'FAKE'

/** Rows as v8 bytes under a magic number: enough of Parquet for what the protocol does with it. */
export const fakeWriter: ParquetFileWriter = {
  open() {
    const rows: ParquetRow[] = []
    return {
      sizeBytes: 0,
      write({ schema, rowCount, columns }) {
        const fields = struct(schema.fields)
        for (let row = 0; row < rowCount; row++) {
          const values = fields.fields.map(({ name, type }, index) => {
            const vector = columns[index]
            return [name, vector === undefined ? null : (valueAt(vector, type, row) ?? null)] as const
          })
          rows.push(Object.fromEntries(values))
        }
      },
      endRowGroup: () => undefined,
      finish: () => Buffer.concat([Buffer.from(magic), serialize(rows)]),
    }
  },
}

export const fakeReader: ParquetReader = {
  async *rows(file, options = {}) {
    if (Buffer.from(file.subarray(0, magic.length)).toString() !== magic)
      throw new SiltError('data', 'parquet/unreadable', 'not a readable Parquet file')
    const rows = await Promise.resolve(deserialize(file.subarray(magic.length)) as readonly ParquetRow[])
    const columns = options.columns
    for (let index = 0; index < rows.length; index += 7)
      yield rows.slice(index, index + 7).map((row) => {
        const names = columns ?? Object.keys(row)
        return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
      })
  },
  async *batches(source, schema) {
    const file = await source.read(0, source.sizeBytes)
    yield* batchesOfRows(schema, fakeReader.rows(file, { columns: schema.fields.map(({ name }) => name) }))
  },
}
