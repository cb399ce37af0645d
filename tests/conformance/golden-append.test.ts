import { existsSync, readFileSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asSiltError, decimalOf, systemClock, systemRandom, type DataType, type StructType } from '@silt/core'
import { checkTable, columnMappingOf } from '@silt/delta'
import { openStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { appendEvents, stateOf } from '../support/append-events.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'

const golden = join(import.meta.dirname, '../../../shared/golden')
const here = existsSync(join(golden, 'expected.json'))
if (!here) console.warn(`golden tables: not appended to, there is no ${golden}`)

const script = join(import.meta.dirname, 'appended_rows.py')
const eventCount = 3
/** Tables of a log alone: the files that their adds name were never there. */
const withoutData = ['checkpoint', 'delete-re-add-same-file-different-transactions', 'log-replay-special-characters-b']
const noS3 = { endpoint: undefined, region: '', allowHttp: false, credentials: undefined }

interface Appended {
  readonly name: string
  readonly table: string
  readonly original: string
  readonly mappedPartitions: readonly string[]
  readonly expected: readonly Readonly<Record<string, unknown>>[]
}

/** What a reader says of each table: `ok`, or why not. */
type Verdicts = Readonly<Record<string, Readonly<Record<'deltalake' | 'duckdb', string>>>>

test.runIf(here)('every golden table that Silt accepts keeps its rows and has ours, for deltalake and DuckDB', () =>
  withScratch(async (folder) => {
    const names = Object.keys(JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8')) as object)
    const refused: Record<string, string> = {}
    const appended: Appended[] = []
    for (const name of names) {
      const table = join(folder, name)
      await cp(join(golden, name), table, { recursive: true, dereference: true })
      const store = openStore(table, noS3, { clock: systemClock, random: systemRandom })
      try {
        const { schema } = await stateOf(store)
        const events = Array.from({ length: eventCount }, (_, row) => eventOf(schema, row))
        const known = await findingsOf(store)
        const { after } = await appendEvents(
          store,
          events.map((event) => JSON.stringify(event)),
        )
        expect(
          (await findingsOf(store)).filter((each) => !known.includes(each)),
          name,
        ).toEqual([])
        const mappedPartitions = columnMappingOf(after) === undefined ? [] : after.metadata.partitionColumns
        appended.push({ name, table, original: join(golden, name), mappedPartitions, expected: events })
      } catch (error) {
        refused[name] =
          error instanceof Error && error.message.startsWith('there is no table') ? 'no table' : asSiltError(error).code
      }
    }
    const list = join(folder, 'appended.json')
    await writeFile(list, JSON.stringify(appended))
    const verdicts = await runPython<Verdicts>(script, [list])
    expect(Object.keys(verdicts)).toEqual(appended.map(({ name }) => name))
    console.log(report(verdicts, refused))
    const differing = Object.entries(verdicts).filter(([, { deltalake, duckdb }]) =>
      [deltalake, duckdb].some((each) => each !== 'ok' && !each.startsWith('unsupported')),
    )
    expect(differing).toEqual([])
    const unread = Object.entries(verdicts).flatMap(([name, { deltalake, duckdb }]) =>
      deltalake === 'ok' || duckdb === 'ok' ? [] : [name],
    )
    expect(unread).toEqual(withoutData)
    expect({ appended: appended.length, refused: Object.keys(refused).length }).toEqual({ appended: 75, refused: 25 })
  }),
)

async function findingsOf(store: Parameters<typeof checkTable>[0]): Promise<string[]> {
  const { findings } = await checkTable(store, new HyparquetReader())
  return findings.map(({ code, where, message }) => `${code} ${where}: ${message}`)
}

/** A value for every column that JSON fills. */
function eventOf(schema: StructType, row: number): Readonly<Record<string, unknown>> {
  const columns = schema.fields.flatMap(({ name, type }) => {
    const value = name.startsWith('_') ? undefined : valueOf(type, row)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(columns), user_id: `ours-${row}` }
}

function valueOf(type: DataType, row: number): unknown {
  switch (type) {
    case 'string':
      return ['plain', 'a b/c:d=e%', `ü${row}`][row]
    case 'long':
    case 'integer':
    case 'short':
    case 'byte':
      return row + 1
    case 'double':
    case 'float':
      return row + 0.5
    case 'boolean':
      return row % 2 === 0
    case 'date':
      return `2026-02-0${row + 1}`
    case 'timestamp':
    case 'timestamp_ntz':
      return `2026-02-0${row + 1}T04:05:06.789123Z`
    default: {
      const decimal = decimalOf(type)
      return decimal === undefined || decimal.precision > 18 || decimal.precision - decimal.scale < 1
        ? undefined
        : row + 1
    }
  }
}

function report(verdicts: Verdicts, refused: Readonly<Record<string, string>>): string {
  const lines = Object.entries(verdicts).map(([name, each]) => `${name} | ${each.deltalake} | ${each.duckdb}`)
  const others = Object.entries(refused).map(([name, code]) => `${name} | refused | ${code}`)
  return [`appended to ${lines.length} golden tables, ${others.length} refused:`, ...lines, ...others].join('\n')
}
