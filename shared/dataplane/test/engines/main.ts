// Random event tables and records, and random tables of nested types: files of both builds of the plane as DuckDB, pyarrow, parquet-wasm and hyparquet read
// them, against what docs/events.md makes of the records' bytes (event_oracle.py, which uses nothing of Silt).
//   npm run engines --workspace shared/dataplane -- [--schemas 1000] [--tables 1000] [--seed 1]
import { parseArgs } from 'node:util'
import { compareEngines } from './compare.ts'

const { values } = parseArgs({
  options: { schemas: { type: 'string' }, tables: { type: 'string' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? 1)
const found = await compareEngines({
  schemas: Number(values.schemas ?? 1000),
  tables: Number(values.tables ?? 1000),
  seed,
  python: process.env['SILT_TEST_PYTHON'] ?? 'python3',
})
const told = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
    .join(', ')
console.log(`seed ${seed}: ${told(found.counts)}`)
console.log(`values compared: ${told(found.values)}`)
for (const difference of found.differences.slice(0, 20)) console.log(difference)
process.exitCode = found.counts['differences'] === 0 ? 0 : 1
