import { isSiltError, type ObjectInfo, type ObjectStore, type ParquetReader } from '@silt/core'
import type { AddAction } from '../actions/action.ts'
import { decodePath, isAbsolutePath } from '../actions/path.ts'
import { readDeletionVector } from '../deletion-vectors/read-deletion-vector.ts'
import type { DeletedRows } from '../deletion-vectors/roaring.ts'
import type { CheckFinding } from './check-finding.ts'
import { columnsWithStatistics, statisticsFaults, type StatisticsSubject } from './check-statistics.ts'

/** Files looked at, at the same time. */
const filesAtOnce = 16

/** How far a check looks into data files: by their sizes alone, unless told more. */
export interface FileCheckOptions {
  /**
   * Rows in the Parquet file with this body, from its footer: given, every live file is read and its count compared with the
   * statistics. Throws for a file that is no Parquet.
   */
  readonly rowCount?: (body: Uint8Array) => number | Promise<number>
  /** Where the live files have no more bytes than this, every value and every deletion vector is read and the statistics are held against them. */
  readonly valuesBytesMax?: number
  /** Hears after each file how many have been looked at. */
  readonly looked?: (files: number) => void
}

/** What reading values needs to know of the table. */
export interface ValuesSubject extends StatisticsSubject {
  readonly reader: ParquetReader
}

export interface FileCheck {
  readonly rows: number
  readonly filesRead: number
  /** Not looked at: they, or their deletion vectors, lie outside of the table's folder. */
  readonly filesElsewhere: number
  /** Whether statistics were held against values. */
  readonly valuesRead: boolean
  readonly findings: readonly CheckFinding[]
}

/** Looks up every live file that lies in the table's folder; those elsewhere (absolute paths) are out of the store's reach. */
export async function checkFiles(
  store: ObjectStore,
  live: readonly AddAction[],
  options: FileCheckOptions,
  subject?: ValuesSubject,
): Promise<FileCheck> {
  const findings: CheckFinding[] = []
  let rows = 0
  let filesRead = 0
  const filesElsewhere = live.filter(
    ({ path, deletionVector }) => isAbsolutePath(path) || deletionVector?.storageType === 'p',
  ).length
  const bytes = live.reduce((sum, { size }) => sum + size, 0)
  const values = bytes <= (options.valuesBytesMax ?? -1) ? subject : undefined
  const checkOne = async (add: AddAction): Promise<void> => {
    const records = numRecords(add)
    rows += records ?? 0
    if (isAbsolutePath(add.path)) return
    const key = keyOf(add.path)
    if (key === undefined) {
      findings.push({ code: 'file-missing', where: add.path, message: 'its path is not URI-encoded' })
      return
    }
    const placing = await sizeFindings(store, key, add)
    findings.push(...placing)
    if (placing.some(({ code }) => code === 'file-missing')) return
    if (options.rowCount === undefined && values === undefined) return
    const found = await store.get(key)
    if (found.kind === 'missing') return
    filesRead++
    if (values !== undefined) findings.push(...(await valueFindings(store, key, add, found.body, values)))
    else if (options.rowCount !== undefined)
      findings.push(...(await rowFindings(key, found.body, records, options.rowCount)))
  }
  // Unpacked rows are many times their file.
  const atOnce = values === undefined ? filesAtOnce : 1
  for (let index = 0; index < live.length; index += atOnce) {
    await Promise.all(live.slice(index, index + atOnce).map(checkOne))
    options.looked?.(Math.min(live.length, index + atOnce))
  }
  return { rows, filesRead, filesElsewhere, valuesRead: values !== undefined, findings }
}

/** `stats.numRecords` of a file; undefined where the file has no statistics or they cannot be read. */
function numRecords(add: AddAction): number | undefined {
  if (add.stats === undefined) return undefined
  try {
    const { numRecords } = JSON.parse(add.stats) as { readonly numRecords?: unknown }
    return typeof numRecords === 'number' && Number.isSafeInteger(numRecords) ? numRecords : undefined
  } catch {
    return undefined
  }
}

/** Undefined for a path that is none. */
function keyOf(path: string): string | undefined {
  try {
    return decodePath(path)
  } catch (error) {
    if (isSiltError(error, 'delta/invalid-path')) return undefined
    throw error
  }
}

async function sizeFindings(store: ObjectStore, key: string, add: AddAction): Promise<CheckFinding[]> {
  let info: ObjectInfo | undefined
  try {
    info = await store.head(key)
  } catch (error) {
    if (!isSiltError(error, 'store/invalid-key')) throw error
    return [{ code: 'file-missing', where: key, message: 'its path leaves the table, or is none' }]
  }
  if (info === undefined) return [{ code: 'file-missing', where: key, message: 'the file is live and not there' }]
  if (info.sizeBytes === add.size) return []
  return [{ code: 'file-size', where: key, message: `it has ${info.sizeBytes} bytes, its add says ${add.size}` }]
}

async function rowFindings(
  key: string,
  body: Uint8Array,
  records: number | undefined,
  rowCount: (body: Uint8Array) => number | Promise<number>,
): Promise<CheckFinding[]> {
  let rows: number
  try {
    rows = await rowCount(body)
  } catch (error) {
    return [{ code: 'file-unreadable', where: key, message: error instanceof Error ? error.message : String(error) }]
  }
  if (records === undefined || records === rows) return []
  return [{ code: 'row-count', where: key, message: `it has ${rows} rows, its numRecords is ${records}` }]
}

async function valueFindings(
  store: ObjectStore,
  key: string,
  add: AddAction,
  body: Uint8Array,
  { reader, ...subject }: ValuesSubject,
): Promise<CheckFinding[]> {
  let deleted: DeletedRows | undefined
  try {
    if (add.deletionVector !== undefined) deleted = await readDeletionVector(store, add.deletionVector)
  } catch (error) {
    // One that lies elsewhere is out of the store's reach, as files there are.
    if (isSiltError(error, 'delta/outside-table')) return []
    if (!isSiltError(error) || error.kind !== 'data') throw error
    return [{ code: 'deletion-vector', where: key, message: error.message }]
  }
  try {
    const rows = reader.rows(body, { columns: columnsWithStatistics(add) })
    const faults = await statisticsFaults(add, subject, rows, deleted)
    return faults.map((message) => ({ code: 'statistics', where: key, message }))
  } catch (error) {
    if (!isSiltError(error) || error.kind !== 'data') throw error
    return [{ code: 'file-unreadable', where: key, message: error.message }]
  }
}
