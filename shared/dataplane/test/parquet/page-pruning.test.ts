import { parquetMetadata, parquetReadObjects, type AsyncBuffer, type ParquetQueryFilter } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, it } from 'vitest'
import { field, struct } from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'

const schema = struct([field('at', 'long'), field('key', 'string'), field('text', 'string')])
const rows = Array.from({ length: 20_000 }, (_, i) => ({
  at: BigInt(i),
  key: `key ${(i * 7919) % 20_000}`,
  text: `text ${(i * 2654435761) % 4294967296} `.repeat(4),
}))

/** A file that counts what is read of it. */
function counted(file: Uint8Array): AsyncBuffer & { bytesRead: number } {
  const bytes = new Uint8Array(file)
  return {
    byteLength: bytes.byteLength,
    bytesRead: 0,
    slice(start, end) {
      const part = bytes.slice(start, end)
      this.bytesRead += part.byteLength
      return part.buffer
    },
  }
}

async function readWhere(file: Uint8Array, filter: ParquetQueryFilter) {
  const source = counted(file)
  const found = await parquetReadObjects({
    file: source,
    metadata: parquetMetadata(new Uint8Array(file).buffer),
    filter,
    usePageIndex: true,
    compressors,
  })
  return { found, bytesRead: source.bytesRead }
}

describe('a reader with a filter', () => {
  it('reads the pages that may hold what it wants, by the page index', async () => {
    const file = new PlaneParquetWriter({ pageRowsMax: 1000, codec: 'snappy' }).encodeRows(schema, rows)
    const { found, bytesRead } = await readWhere(file, { at: { $gte: 4990n, $lt: 5010n } })
    expect(found).toEqual(rows.slice(4990, 5010))
    expect(bytesRead).toBeLessThan(file.byteLength / 4)
  })

  it('reads all pages where there is no index', async () => {
    const file = new PlaneParquetWriter({ pageRowsMax: 1000, codec: 'snappy', pageIndex: false }).encodeRows(
      schema,
      rows,
    )
    const { found, bytesRead } = await readWhere(file, { at: { $gte: 4990n, $lt: 5010n } })
    expect(found).toEqual(rows.slice(4990, 5010))
    expect(bytesRead).toBeGreaterThan(file.byteLength / 2)
  })
})
