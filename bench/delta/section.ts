import { execFileSync } from 'node:child_process'
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { python, runPython } from '../../tests/support/python.ts'
import { environment } from '../measure/environment.ts'
import { GoAhead } from '../measure/go-ahead.ts'
import { spreadOf, type Spread } from '../measure/spread.ts'
import { resultPath, writeResult } from '../results.ts'

export const deltaHelp = `npm run bench -- delta [--rounds 3] [--sizes 10,10000,1000000] [--keep FOLDER] [--wait] [--out FILE]

Snapshot load, refresh, commit and checkpoint of tables of 10, 10 thousand and 1 million files beside deltalake, each measurement in a process of its own (Linux: memory from
/proc). The tables have logs only, some 150 MB of them.

  --rounds N      processes for each figure; each repeats what is quick
  --keep FOLDER   tables made there once are used again
  --wait          waits for Enter before each measurement
  --out FILE      where the results go; default bench/results/delta.json
`

const operations = ['load', 'refresh', 'commit', 'checkpoint'] as const
export type Operation = (typeof operations)[number]

/** One thing done to one table by both: medians over processes. */
export interface DeltaResult {
  readonly operation: Operation
  readonly files: number
  /** Who wrote the table's checkpoint. */
  readonly madeBy: 'Spark' | 'deltalake'
  readonly silt: Measure
  readonly deltalake: Measure
}

export interface Measure {
  readonly ms: Spread
  /** Of the whole process. */
  readonly peakMiB: Spread
}

interface Sample {
  readonly times: readonly number[]
  readonly peakMiB: number
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export async function runDelta(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '3' },
      sizes: { type: 'string', default: '10,10000,1000000' },
      keep: { type: 'string' },
      wait: { type: 'boolean', default: false },
      out: { type: 'string', default: resultPath('delta') },
    },
  })
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'silt-bench-delta-'))
  const goAhead = new GoAhead(values.wait)
  try {
    const sizes = values.sizes.split(',').map(Number)
    const small = await tableOf(folder, 10, 'Spark')
    const measured: DeltaResult[] = []
    for (const files of sizes)
      for (const madeBy of files === sizes.at(-1) ? (['Spark', 'deltalake'] as const) : (['Spark'] as const)) {
        const table = await tableOf(folder, files, madeBy)
        for (const operation of operations) {
          if (madeBy === 'deltalake' && (operation === 'refresh' || operation === 'commit')) continue
          await goAhead.before(`${operation} of ${files} files`)
          const result = measureBoth({ operation, table, small, files, madeBy, rounds: Number(values.rounds) })
          console.error(shown(result))
          measured.push(result)
        }
      }
    const deltalake = execFileSync(python, ['-c', 'import deltalake; print(deltalake.__version__)'], {
      encoding: 'utf8',
    })
    writeResult(values.out, { environment: environment('delta', args, { deltalake: deltalake.trim() }), measured })
  } finally {
    goAhead.close()
    if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function tableOf(folder: string, files: number, madeBy: DeltaResult['madeBy']): Promise<string> {
  const path = join(folder, `${madeBy}-${files}`)
  const isThere = readdirOf(folder).includes(basename(path))
  const by = madeBy === 'deltalake' ? ['deltalake'] : []
  if (!isThere) await runPython(here('make_table.py'), [path, String(files), files > 10 ? '20' : '5', ...by])
  return path
}

function measureBoth(spec: {
  readonly operation: Operation
  readonly table: string
  readonly small: string
  readonly files: number
  readonly madeBy: DeltaResult['madeBy']
  readonly rounds: number
}): DeltaResult {
  const { operation, table, small, files, madeBy } = spec
  const isLarge = files > 100_000
  const repeats = operation === 'checkpoint' ? (isLarge ? 1 : 9) : !isLarge ? 31 : operation === 'load' ? 1 : 3
  const samples = { silt: [] as Sample[], deltalake: [] as Sample[] }
  for (let round = 0; round < spec.rounds; round++) {
    for (const who of ['silt', 'deltalake'] as const) {
      const scratch = mkdtempSync(`${table}-`)
      try {
        const [copy, warmUp] = [copied(table, join(scratch, 'table')), copied(small, join(scratch, 'small'))]
        const program = who === 'silt' ? process.execPath : python
        const script = here(who === 'silt' ? 'measure-silt.ts' : 'measure_deltalake.py')
        const rest = [script, operation, copy, warmUp, String(repeats)]
        samples[who].push(JSON.parse(execFileSync(program, rest, { encoding: 'utf8' })) as Sample)
      } finally {
        rmSync(scratch, { recursive: true })
      }
    }
  }
  return { operation, files, madeBy, silt: measureOf(samples.silt), deltalake: measureOf(samples.deltalake) }
}

function measureOf(samples: readonly Sample[]): Measure {
  return {
    ms: spreadOf(samples.map(({ times }) => spreadOf(times).median)),
    peakMiB: spreadOf(samples.map(({ peakMiB }) => peakMiB)),
  }
}

/** A table whose checkpoints are the same files: they are never written in place. */
function copied(from: string, to: string): string {
  mkdirSync(join(to, '_delta_log'), { recursive: true })
  for (const name of readdirSync(join(from, '_delta_log'))) {
    const [source, target] = [join(from, '_delta_log', name), join(to, '_delta_log', name)]
    if (name.endsWith('.parquet')) linkSync(source, target)
    else cpSync(source, target)
  }
  return to
}

function readdirOf(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
}

function shown({ operation, files, madeBy, silt, deltalake }: DeltaResult): string {
  const of = ({ ms, peakMiB }: Measure): string => `${ms.median.toFixed(1)} ms, ${peakMiB.median.toFixed(0)} MiB`
  return `${operation} of ${files} files (checkpoint by ${madeBy}): Silt ${of(silt)}; deltalake ${of(deltalake)}`
}
