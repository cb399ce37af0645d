import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { decodePath } from '@silt/delta'
import { contentsOfFile, RowDigest } from './row-digest.ts'
import { siltCommand, siltInto } from '../support/silt-command.ts'

/** What the other reader found: `error` where it refused the table, `rowsError` where it read the log but not the rows. */
export interface Expected {
  readonly version?: number
  readonly minReader?: number
  readonly minWriter?: number
  readonly readerFeatures?: readonly string[]
  readonly writerFeatures?: readonly string[]
  readonly partitionColumns?: readonly string[]
  readonly schema?: unknown
  readonly files?: readonly string[]
  readonly rows?: number
  readonly error?: string
  readonly rowsError?: string
}

export interface Examined {
  readonly name: string
  readonly verdict: 'same' | 'better' | 'refused' | 'FAIL'
  readonly detail: string
  /** Read from the data. */
  readonly rows: number | undefined
  readonly contents: 'same' | 'DIFFERENT' | '-'
}

interface Shown {
  readonly version: number
  readonly protocol: { readonly minReaderVersion: number; readonly minWriterVersion: number }
  readonly features: readonly string[]
  readonly partitionColumns: readonly string[]
  readonly schema: unknown
  readonly files: number
  readonly rows: number | null
}

/** `rowsPath` + `.jsonl` holds the rows as the other reader has them, where it could read them. */
export async function examine(table: string, expected: Expected, rowsPath: string): Promise<Omit<Examined, 'name'>> {
  const show = await siltCommand(['table', 'show', table, '--json'])
  if (show.code !== 0) return refusal(show.refusedAs, show.told, expected)
  if (expected.error !== undefined) return failed(`the other reader refused it: ${expected.error.slice(0, 100)}`)
  const shown = JSON.parse(show.printed) as Shown
  const files = await siltCommand(['table', 'files', table, '--json'])
  const paths = files.printed
    .split('\n')
    .flatMap((text) => (text === '' ? [] : [(JSON.parse(text) as { path: string }).path]))
  const differences = differencesOf(shown, paths, expected)
  if (differences.length > 0) return failed(`differs in ${differences.join(', ')}`)
  return rowsOf(table, shown, expected, rowsPath)
}

function refusal(code: string | undefined, told: string, expected: Expected): Omit<Examined, 'name'> {
  if (code === undefined) return failed(`no named error: ${told.trim().slice(0, 200)}`)
  if (expected.error === undefined) return failed(`refused as ${code}, but the other reader reads it`)
  return { verdict: 'refused', detail: code, rows: undefined, contents: '-' }
}

function differencesOf(shown: Shown, paths: readonly string[], expected: Expected): readonly string[] {
  const features = [...new Set([...(expected.readerFeatures ?? []), ...(expected.writerFeatures ?? [])])].sort()
  const wantedPaths = (expected.files ?? []).map(decodePath).sort()
  const held: readonly (readonly [name: string, found: unknown, wanted: unknown])[] = [
    ['version', shown.version, expected.version],
    ['reader version', shown.protocol.minReaderVersion, expected.minReader],
    ['writer version', shown.protocol.minWriterVersion, expected.minWriter],
    ['features', shown.features, features],
    ['partition columns', shown.partitionColumns, expected.partitionColumns],
    ['schema', shown.schema, expected.schema],
    ['files', [...paths].sort(), wantedPaths],
    ['number of files', shown.files, wantedPaths.length],
    ...(expected.rows === undefined ? [] : [['rows shown', shown.rows, expected.rows] as const]),
  ]
  return held.flatMap(([name, found, wanted]) =>
    isDeepStrictEqual(found, wanted) ? [] : [`${name} (${short(found)}, expected ${short(wanted)})`],
  )
}

async function rowsOf(
  table: string,
  shown: Shown,
  expected: Expected,
  rowsPath: string,
): Promise<Omit<Examined, 'name'>> {
  const digest = new RowDigest()
  const cat = await siltInto((text) => digest.add(text), ['table', 'cat', table])
  if (cat.code !== 0) {
    const isNamed = cat.refusedAs !== undefined && expected.rowsError !== undefined
    const detail = `rows: ${cat.refusedAs ?? cat.told.trim().slice(0, 200)}`
    return { verdict: isNamed ? 'same' : 'FAIL', detail, rows: undefined, contents: '-' }
  }
  const rows = digest.count
  if (expected.rows !== undefined && rows !== expected.rows)
    return failed(`cat has ${rows} rows, expected ${expected.rows}`)
  const counted = await siltCommand(['table', 'query', 'SELECT count(*) AS rows FROM t', table])
  if (counted.printed.trim() !== `{"rows":${rows}}`)
    return failed(`query counts ${counted.printed.trim()}, cat has ${rows} rows`)
  const contents = existsSync(`${rowsPath}.jsonl`)
    ? isDeepStrictEqual((await contentsOfFile(`${rowsPath}.jsonl`)).value, digest.value)
      ? 'same'
      : 'DIFFERENT'
    : '-'
  if (contents === 'DIFFERENT')
    return { verdict: 'FAIL', detail: 'its rows are not those of deltalake', rows, contents }
  const isBetter = expected.rowsError !== undefined
  const detail = isBetter
    ? `deltalake: ${expected.rowsError.slice(0, 90)}`
    : `version ${shown.version}, ${shown.files} files`
  return { verdict: isBetter ? 'better' : 'same', detail, rows, contents }
}

function failed(detail: string): Omit<Examined, 'name'> {
  return { verdict: 'FAIL', detail, rows: undefined, contents: '-' }
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
