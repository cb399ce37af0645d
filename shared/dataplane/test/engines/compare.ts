import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'
import { writeEventCase, writeFilterCases, writeTableCases, type Engines } from './cases.ts'

export interface EngineRun {
  /** Random event tables, each with one unit of random records. */
  readonly schemas: number
  /** Random tables of nested types, by the batch import. */
  readonly tables: number
  readonly seed: number
  /** With what is in tests/conformance/requirements.txt. */
  readonly python: string
}

/** What engines found, added up. */
export interface EngineFindings {
  readonly counts: Record<string, number>
  /** Values compared, by engine. */
  readonly values: Record<string, number>
  readonly differences: string[]
}

/** Cases whose files lie on disk at once. */
const casesAtOnce = 100

/** Has DuckDB, pyarrow, parquet-wasm and hyparquet read the files that both builds of the plane make of random records, against event_oracle.py. */
export async function compareEngines({ schemas, tables, seed, python }: EngineRun): Promise<EngineFindings> {
  const engines: Engines = [new Engine(loadPlane('simd')), new Engine(loadPlane('scalar'))]
  const found: EngineFindings = { counts: { differences: 0 }, values: {}, differences: [] }
  for (let first = 0; first < Math.max(schemas, tables); first += casesAtOnce) {
    const folder = mkdtempSync(join(tmpdir(), 'silt-engines-'))
    try {
      for (let index = first; index < Math.min(schemas, first + casesAtOnce); index++)
        await writeEventCase(folder, `unit-${seed + index}`, seed + index, engines)
      await writeTableCases(folder, Math.min(casesAtOnce, Math.max(0, tables - first)), seed + first, engines)
      if (first === 0) writeFilterCases(folder, engines[0])
      add(found, check(folder, python))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return found
}

function check(folder: string, python: string): EngineFindings {
  const script = join(import.meta.dirname, 'check_engines.py')
  const { status, stdout, stderr } = spawnSync(python, ['-B', script, folder], { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${script} ended with ${status}\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as EngineFindings
}

function add(into: EngineFindings, { counts, values, differences }: EngineFindings): void {
  for (const [name, count] of Object.entries(counts)) into.counts[name] = (into.counts[name] ?? 0) + count
  for (const [engine, count] of Object.entries(values)) into.values[engine] = (into.values[engine] ?? 0) + count
  into.differences.push(...differences)
}
