import type { ObjectStore } from '@silt/core'
import type { AddAction } from '../actions/action.ts'
import { decodePath, isAbsolutePath } from '../actions/path.ts'
import type { CheckFinding } from './check-finding.ts'

/** Files looked at, at the same time. */
const filesAtOnce = 16

export interface FileCheckOptions {
  /**
   * Rows in the Parquet file with this body, from its footer: given, every live file is read and its count compared with the
   * statistics. Throws for a file that is no Parquet.
   */
  readonly rowCount?: (body: Uint8Array) => number | Promise<number>
}

export interface FileCheck {
  readonly rows: number
  readonly filesRead: number
  readonly findings: readonly CheckFinding[]
}

/** Looks up every live file that lies in the table's folder; those elsewhere (absolute paths) are out of the store's reach. */
export async function checkFiles(
  store: ObjectStore,
  live: readonly AddAction[],
  options: FileCheckOptions,
): Promise<FileCheck> {
  const findings: CheckFinding[] = []
  let rows = 0
  let filesRead = 0
  const checkOne = async (add: AddAction): Promise<void> => {
    const records = numRecords(add)
    rows += records ?? 0
    if (isAbsolutePath(add.path)) return
    const key = decodePath(add.path)
    findings.push(...(await sizeFindings(store, key, add)))
    if (options.rowCount === undefined) return
    const found = await store.get(key)
    if (found.kind === 'missing') return
    filesRead++
    findings.push(...(await rowFindings(key, found.body, records, options.rowCount)))
  }
  for (let index = 0; index < live.length; index += filesAtOnce)
    await Promise.all(live.slice(index, index + filesAtOnce).map(checkOne))
  return { rows, filesRead, findings }
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

async function sizeFindings(store: ObjectStore, key: string, add: AddAction): Promise<CheckFinding[]> {
  const info = await store.head(key)
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
