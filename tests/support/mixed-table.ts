import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/**
 * A table in which a reader has to do all it can: columns mapped by id, renamed at every depth; a file from before a column was added and one was widened;
 * partition values of a date and of a timestamp; rows deleted by a vector. Its files are written by DuckDB, its log by hand.
 */
export async function makeMixedTable(folder: string): Promise<void> {
  await mkdir(join(folder, '_delta_log'), { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const duck = await instance.connect()
  const ids = `FIELD_IDS {c1: 1, c2: {__duckdb_field_id: 2, e: {__duckdb_field_id: 21, c3: 3}}, c4: {__duckdb_field_id: 4, key: 41, value: {__duckdb_field_id: 42, c5: 5}}, c8: 8}`
  await duck.run(`COPY (
      SELECT i::INTEGER AS c1, [{'c3': i::VARCHAR}] AS c2, MAP {'k': {'c5': (i + 0.5)::FLOAT}} AS c4, (i + 0.25)::DECIMAL(5, 2) AS c8 FROM range(6) t(i)
    ) TO '${join(folder, 'old.parquet')}' (FORMAT parquet, ${ids.replaceAll('e: {__duckdb_field_id: 21', 'element: {__duckdb_field_id: 21')})`)
  // In another order, under other names: ids alone tell.
  await duck.run(`COPY (SELECT 'added' AS x9, 9007199254740993::BIGINT AS x1)
    TO '${join(folder, 'new [1].parquet')}' (FORMAT parquet, FIELD_IDS {x9: 9, x1: 1})`)
  duck.closeSync()
  instance.closeSync()
  const add = (path: string, day: string | null, at: string, extra: object): object => ({
    add: { path, partitionValues: { p6: day, p7: at }, size: 1, modificationTime: 1, dataChange: true, ...extra },
  })
  // Rows 3, 4 and beyond: the example of the protocol, cut to what the file has.
  const vector = { storageType: 'i', pathOrInlineDv: vectorOf([1, 4]), sizeInBytes: 36, cardinality: 2 }
  const actions = [
    { protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features } },
    { metaData },
    add('old.parquet', '2026-11-23', '2026-11-23 10:00:00.5', { deletionVector: vector, stats: '{"numRecords":6}' }),
    add('new%20%5B1%5D.parquet', null, '2026-11-23T11:00:00.000000Z', {}),
  ]
  const text = actions.map((action) => `${JSON.stringify(action)}\n`).join('')
  await writeFile(join(folder, '_delta_log/00000000000000000000.json'), text)
}

/** Its rows as `silt table cat` prints them, in order of `id`. */
export const mixedRows: readonly object[] = [
  ...[0, 2, 3, 5].map((i) => ({
    id: i,
    list: [{ text: String(i) }],
    map: { k: { number: i + 0.5 } },
    day: '2026-11-23',
    at: '2026-11-23T10:00:00.500000Z',
    price: `${i}.2500`,
    added: null,
  })),
  {
    id: '9007199254740993',
    list: null,
    map: null,
    day: null,
    at: '2026-11-23T11:00:00.000000Z',
    price: null,
    added: 'added',
  },
]

const features = ['columnMapping', 'deletionVectors', 'typeWidening']

const field = (name: string, id: number, physical: string, type: unknown): object => ({
  name,
  type,
  nullable: true,
  metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical },
})

const metaData = {
  id: '11111111-2222-3333-4444-555555555555',
  format: { provider: 'parquet', options: {} },
  schemaString: JSON.stringify({
    type: 'struct',
    fields: [
      field('id', 1, 'c1', 'long'),
      field('list', 2, 'c2', {
        type: 'array',
        containsNull: true,
        elementType: { type: 'struct', fields: [field('text', 3, 'c3', 'string')] },
      }),
      field('map', 4, 'c4', {
        type: 'map',
        keyType: 'string',
        valueContainsNull: true,
        valueType: { type: 'struct', fields: [field('number', 5, 'c5', 'double')] },
      }),
      field('day', 6, 'p6', 'date'),
      field('at', 7, 'p7', 'timestamp'),
      field('price', 8, 'c8', 'decimal(12,4)'),
      field('added', 9, 'c9', 'string'),
    ],
  }),
  partitionColumns: ['day', 'at'],
  configuration: { 'delta.columnMapping.mode': 'id', 'delta.columnMapping.maxColumnId': '9' },
  createdTime: 1,
}

const z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

/** A bitmap of one array container, as text of an inline vector. */
function vectorOf(rows: readonly number[]): string {
  const bytes = Buffer.alloc(32 + rows.length * 2)
  bytes.writeUInt32LE(1681511377, 0)
  bytes.writeUInt32LE(1, 4)
  bytes.writeUInt32LE(12346, 16)
  bytes.writeUInt32LE(1, 20)
  bytes.writeUInt16LE(rows.length - 1, 26)
  bytes.writeUInt32LE(16, 28)
  rows.forEach((row, index) => bytes.writeUInt16LE(row, 32 + index * 2))
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    let value = bytes.readUInt32BE(at)
    let group = ''
    for (let digit = 0; digit < 5; digit++, value = Math.floor(value / 85)) group = (z85[value % 85] as string) + group
    text += group
  }
  return text
}
