import { isSiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import { commitKey } from '../log/file-names.ts'
import { listLog } from '../log/segment.ts'
import { requireReplayable } from '../protocol/negotiation.ts'
import { parseSchema } from '../schema/parse-schema.ts'
import { columnMappingOf, partitionKeys } from '../schema/table-layout.ts'
import { checkFiles, type FileCheckOptions, type ValuesSubject } from './check-files.ts'
import type { CheckFinding } from './check-finding.ts'
import { checkLog, type LogCheck } from './check-log.ts'

/** What a check looked at, and what it found. */
export interface TableCheck {
  /** Newest version; undefined where there is no table. */
  readonly version: number | undefined
  readonly liveFiles: number
  /** Sum of `numRecords` over the live files that have it. */
  readonly rows: number
  readonly commitsRead: number
  readonly checkpointsCompared: number
  readonly filesRead: number
  /** Live files that lie outside of the table's folder, or whose deletion vector does: nobody looked at those. */
  readonly filesElsewhere: number
  /** Whether statistics were held against values. */
  readonly valuesRead: boolean
  /** Empty for a sound table. */
  readonly findings: readonly CheckFinding[]
}

/**
 * Checks a whole table against the rules of the protocol and of Silt, and returns what it finds as values.
 *
 * 1. The log is contiguous from where reading starts; every commit reads and is valid by itself; the schema parses.
 * 2. No `add` with `dataChange` of a path that is live. A `silt…` txn never decreases and has no `lastUpdated` (I8).
 *    The protocol asks for nothing of readers that Silt does not know.
 * 3. Every complete checkpoint holds the state that the commits below it amount to.
 * 4. Every version checksum and every log compaction whose commits are there says what the log amounts to.
 * 5. Every live file has a value of each partition column and of no other; it is there, with its size; with `rowCount`, it also has as many rows as its `numRecords` says.
 * 6. Within `valuesBytesMax`, every deletion vector can be read, and every row of every live file agrees with the file's statistics.
 *
 * Reads every commit and checkpoint: memory as a snapshot; with `rowCount`, and within `valuesBytesMax`, every data file: as the largest of them, and one row
 * group of it unpacked. Throws only what the store throws.
 */
export async function checkTable(
  store: ObjectStore,
  reader: ParquetReader,
  options: FileCheckOptions = {},
): Promise<TableCheck> {
  const log = await checkLog(store, reader, await listLog(store))
  const files = await checkFiles(store, log.live, options, valuesSubject(reader, log))
  return {
    version: log.version,
    liveFiles: log.live.length,
    rows: files.rows,
    commitsRead: log.commitsRead,
    checkpointsCompared: log.checkpointsCompared,
    filesRead: files.filesRead,
    filesElsewhere: files.filesElsewhere,
    valuesRead: files.valuesRead,
    findings: [...log.findings, ...unknownFeatures(store.location, log), ...partitionFindings(log), ...files.findings],
  }
}

/** Of a table that is read in ways we do not know nobody here can say that it is sound. */
function unknownFeatures(location: string, { protocol, version }: LogCheck): readonly CheckFinding[] {
  if (protocol === undefined || version === undefined) return []
  try {
    requireReplayable(location, protocol)
    return []
  } catch (error) {
    if (!isSiltError(error)) throw error
    return [{ code: 'unknown-feature', where: commitKey(version), message: error.message }]
  }
}

/** § Add File: `partitionValues` has an entry for each partition column, also where it is null. */
function partitionFindings(log: LogCheck): readonly CheckFinding[] {
  const table = readableTable(log)
  if (table === undefined) return []
  const keys = partitionKeys(table)
  const wanted = new Set(keys)
  return log.live.flatMap(({ path, partitionValues }) => {
    const given = Object.keys(partitionValues)
    const wrong = [
      ...keys.filter((key) => !Object.hasOwn(partitionValues, key)).map((key) => `no value of ${key}`),
      ...given.filter((key) => !wanted.has(key)).map((key) => `a value of ${key}, which is no partition column`),
    ]
    return wrong.length === 0 ? [] : [{ code: 'partition-values', where: path, message: wrong.join(', ') } as const]
  })
}

/** What data files are held against; undefined where the table has no schema that can be read, which is a finding by itself. */
function valuesSubject(reader: ParquetReader, log: LogCheck): ValuesSubject | undefined {
  const table = readableTable(log)
  return table && { reader, schema: table.schema, mapping: columnMappingOf(table) }
}

function readableTable({ protocol, metadata }: LogCheck): Parameters<typeof partitionKeys>[0] | undefined {
  if (protocol === undefined || metadata === undefined) return undefined
  try {
    return { protocol, metadata, schema: parseSchema(metadata.schemaString) }
  } catch (error) {
    if (!isSiltError(error)) throw error
    return undefined
  }
}
