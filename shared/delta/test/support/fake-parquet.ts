import { deserialize, serialize } from 'node:v8'
import { SiltError, type ParquetReader, type ParquetRow, type ParquetWriter } from '@silt/core'

const magic = 'FAKE'

/** Rows as v8 bytes under a magic number: enough of Parquet for what the protocol does with it. */
export const fakeWriter: ParquetWriter = {
  encode: () => {
    throw new Error('not for the data plane')
  },
  encodeRows: (_, rows) => Buffer.concat([Buffer.from(magic), serialize(rows)]),
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
}
