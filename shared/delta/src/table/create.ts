import { SiltError, type StructType } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { leafTypes } from '../schema/walk-schema.ts'
import { schemaToString } from '../schema/parse-schema.ts'

export interface NewTable {
  /** A fresh UUID. */
  readonly id: string
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  /** Table properties; `delta.checkpointInterval` is 100 unless given. */
  readonly configuration: Readonly<Record<string, string>>
  readonly createdMs: number
}

/**
 * What version 0 holds beside its `commitInfo`: protocol (1, 2), readable by every engine, and metaData.
 * Errors: `delta/invalid-table` (invalid) for a schema that such a table cannot have.
 */
export function newTableActions(table: NewTable): Action[] {
  checkTable(table)
  return [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: table.id,
        format: { provider: 'parquet', options: {} },
        schemaString: schemaToString(table.schema),
        partitionColumns: table.partitionColumns,
        configuration: { 'delta.checkpointInterval': '100', ...table.configuration },
        createdTime: table.createdMs,
      },
    },
  ]
}

function checkTable({ schema, partitionColumns }: NewTable): void {
  const names = schema.fields.map((each) => each.name)
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
    throw invalidTable('two columns have the same name but for its case')
  const unknown = partitionColumns.find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalidTable(`the partition column ${unknown} is not in the schema`)
  if (new Set(partitionColumns).size >= names.length)
    throw invalidTable('a table needs a column that is no partition column')
  const zoneless = [...leafTypes(schema)].find((each) => each.type === 'timestamp_ntz')
  if (zoneless !== undefined)
    throw invalidTable(`column ${zoneless.path} is a timestamp_ntz, which needs a table feature`)
}

function invalidTable(problem: string): SiltError {
  return new SiltError('invalid', 'delta/invalid-table', `the table cannot be made: ${problem}`)
}
