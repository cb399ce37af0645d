import type { StructType } from '@silt/core'
import { mergeSchema } from '@silt/delta'
import { bodyOf } from './data-files.ts'
import type { Invariant } from './turn.ts'

/**
 * I9: changes of the schema add or widen, never narrow; a commit job whose files no longer fit the table is stale.
 *
 *     I9-narrowed         a commit of Silt after which older files do not fit the schema
 *     I9-schema-mismatch  a file of Silt whose columns do not fit the schema of its version
 */
export function i9Schema(): Invariant {
  const fits = new WeakMap<StructType, WeakMap<StructType, boolean>>()
  const takes = (table: StructType, file: StructType): boolean => {
    let known = fits.get(table)
    if (known === undefined) fits.set(table, (known = new WeakMap()))
    let answer = known.get(file)
    if (answer === undefined) known.set(file, (answer = mergeSchema(table, file).kind === 'same'))
    return answer
  }
  return (turn, report) => {
    const { step, before, after, parquet, where } = turn
    if (!step.isSilts || after.schema === undefined) return
    if (before.schema !== undefined && before.schema !== after.schema && !takes(after.schema, before.schema))
      report('I9-narrowed', `the schema no longer takes what it took (${where})`)
    for (const add of step.adds) {
      const body = bodyOf(turn, step.entry.table, add)
      if (body !== undefined && !takes(after.schema, parquet.schemaOf(body)))
        report('I9-schema-mismatch', `the columns of ${add.path} do not fit the table (${where})`)
    }
  }
}
