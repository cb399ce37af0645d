import { parseUnitTags, type UnitTags } from '@silt/contracts'
import type { AddFile } from '@silt/core'
import { decodePath } from '@silt/delta'
import { fileKey, type TableName } from '../history.ts'
import type { Place } from '../sim-parquet.ts'
import type { Turn } from './turn.ts'

/** Body of the file an add names; undefined where no such file was ever put. */
export function bodyOf(turn: Turn, table: TableName, add: Pick<AddFile, 'path'>): Uint8Array | undefined {
  return turn.history.files.get(fileKey(table, decodePath(add.path)))
}

/** Where the rows of an add come from; none where no such file was ever put, which I10a reports. */
export function placesOf(turn: Turn, table: TableName, add: Pick<AddFile, 'path'>): readonly Place[] {
  const body = bodyOf(turn, table, add)
  return body === undefined ? [] : turn.parquet.placesOf(body)
}

/** The main table's new files that Silt wrote, with the dead-letter files their commit records, each with its unit's tags. */
export function unitFiles(turn: Turn): readonly UnitFile[] {
  const { adds, record, isSilts } = turn.step
  if (!isSilts) return []
  return [
    ...adds.map((add): UnitFile => ({ table: 'main', add, tags: parseUnitTags(add.tags) })),
    ...(record?.deadLetters ?? []).map((add): UnitFile => ({
      table: 'dead-letters',
      add,
      tags: parseUnitTags(add.tags),
    })),
  ]
}

export interface UnitFile {
  readonly table: TableName
  readonly add: AddFile
  /** Undefined where the add names no unit. */
  readonly tags: UnitTags | undefined
}
