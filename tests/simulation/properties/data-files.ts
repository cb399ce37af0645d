import { parseUnitTags, type CommitRecord, type UnitTags } from '@silt/contracts'
import type { AddFile } from '@silt/core'
import { decodePath } from '@silt/delta'
import { fileKey, type History, type TableName } from '../history.ts'
import type { Place, SimParquet } from '../sim-parquet.ts'

/** A file that an entry brings: by an add, or in a main commit's record of dead letters. */
export interface NewFile {
  /** Whose file it is. */
  readonly table: TableName
  readonly add: AddFile
  /** As in `History.files`. */
  readonly key: string
  /** Undefined where no such file was ever put, which I10a reports. */
  readonly body: Uint8Array | undefined
  /** Where its rows come from. */
  readonly places: readonly Place[]
  /** Undefined where the add names no unit, or is another engine's. */
  readonly tags: UnitTags | undefined
}

/** The files of an entry of `table`, each looked up once. Errors: `data/tags-malformed`, `parquet/unreadable`. */
export function newFiles(
  { history, parquet }: { readonly history: History; readonly parquet: SimParquet },
  entry: {
    readonly table: TableName
    readonly isSilts: boolean
    readonly adds: readonly AddFile[]
    readonly record: CommitRecord | undefined
  },
): readonly NewFile[] {
  const found = (table: TableName, add: AddFile): NewFile => {
    const key = fileKey(table, decodePath(add.path))
    const body = history.files.get(key)
    const places = body === undefined ? [] : parquet.placesOf(body)
    return { table, add, key, body, places, tags: entry.isSilts ? parseUnitTags(add.tags) : undefined }
  }
  return [
    ...entry.adds.map((add) => found(entry.table, add)),
    ...(entry.record?.deadLetters ?? []).map((add) => found('dead-letters', add)),
  ]
}
