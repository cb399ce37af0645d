import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { batchOf, field, struct } from '@silt/core'
import { StreamedParquetWriter } from '../../src/index.ts'
import { bothWays } from './both-ways.ts'

/** The Python that has the engines. */
const python = process.env['SILT_TEST_PYTHON'] ?? 'python3'

it('reads the columns of files of every layout as rows of them are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-columns-'))
  try {
    execFileSync(python, [join(import.meta.dirname, 'make_files.py'), folder])
    const names = await readdir(folder)
    expect(names).toHaveLength(60)
    for (const name of names) {
      const [byColumns, byRows] = await bothWays(await readFile(join(folder, name)))
      expect(byColumns, name).toEqual(byRows)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('writes what pyarrow and DuckDB read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-columns-'))
  try {
    const path = join(folder, 'streamed.parquet')
    const values = { type: 'map', keyType: 'string', valueType: 'string', valueContainsNull: true } as const
    const schema = struct([
      field('n', 'long'),
      field('add', struct([field('path', 'string'), field('values', values), field('flag', 'boolean')])),
    ])
    const rows = Array.from({ length: 5000 }, (_, n) => ({
      n: n % 7 === 0 ? undefined : n,
      add: n % 3 === 0 ? undefined : { path: `p${n}`, values: { a: n % 2 === 0 ? null : `v${n}` }, flag: n % 5 === 0 },
    }))
    const file = new StreamedParquetWriter({ rowGroupRowsMax: 700 }).open(schema)
    for (let row = 0; row < rows.length; row += 300) file.write(batchOf(schema, rows.slice(row, row + 300)))
    await writeFile(path, file.finish())
    const script = `import json, sys, duckdb, pyarrow.parquet as parquet
rows = parquet.read_table(sys.argv[1]).to_pylist(maps_as_pydicts="strict")
count = duckdb.sql(f"SELECT count(*), count(n), count(add.path), sum(n) FROM '{sys.argv[1]}'").fetchone()
print(json.dumps([rows, [int(each) for each in count]]))`
    const read = execFileSync(python, ['-c', script, path], { encoding: 'utf8', maxBuffer: 1 << 26 })
    const [found, counts] = JSON.parse(read) as readonly [unknown, readonly number[]]
    expect(found).toEqual(rows.map(({ n, add }) => ({ n: n ?? null, add: add ?? null })))
    const numbers = rows.flatMap(({ n }) => (n === undefined ? [] : [n]))
    const paths = rows.filter(({ add }) => add !== undefined)
    expect(counts).toEqual([5000, numbers.length, paths.length, numbers.reduce((sum, n) => sum + n, 0)])
  } finally {
    await rm(folder, { recursive: true })
  }
})
