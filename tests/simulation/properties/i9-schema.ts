import type { StructType } from '@silt/core'
import { mergeSchema } from '@silt/delta'
import type { Invariant } from './turn.ts'

/**
 * I9: changes of the schema add or widen, never narrow; a commit job whose files no longer fit the table is stale.
 *
 *     I9-narrowed         a commit of Silt after which older files do not fit the schema
 *     I9-schema-mismatch  a file of Silt whose columns do not fit the schema of its version
 */
export const i9Schema: Invariant = ({ step, before, after, parquet, where }, report) => {
  if (!step.isSilts || after.schema === undefined) return
  if (before.schema !== undefined && before.schema !== after.schema && !takes(after.schema, before.schema))
    report('I9-narrowed', `the schema no longer takes what it took (${where})`)
  for (const { table, add, body } of step.files)
    if (table === step.entry.table && body !== undefined && !takes(after.schema, parquet.schemaOf(body)))
      report('I9-schema-mismatch', `the columns of ${add.path} do not fit the table (${where})`)
}

function takes(table: StructType, file: StructType): boolean {
  return isLeftPartOf(file, table) || mergeSchema(table, file).kind === 'same'
}

/** The usual case, quickly: the file's columns are the table's first ones. */
function isLeftPartOf(file: StructType, table: StructType): boolean {
  return (
    file.fields.length <= table.fields.length &&
    file.fields.every(({ name, type }, index) => {
      const column = table.fields[index]
      return typeof type === 'string' && column?.name === name && column.type === type && column.nullable
    }) &&
    table.fields.every(({ nullable }) => nullable)
  )
}
