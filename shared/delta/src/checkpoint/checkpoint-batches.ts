import {
  batchOf,
  nullVector,
  struct,
  type ColumnBatch,
  type ColumnVector,
  type StructField,
  type StructType,
} from '@silt/core'
import type { Action } from '../actions/action.ts'
import { fileSchemas, type FileChunk } from '../files/file-chunk.ts'
import { partitionVector, statsVector, type ParsedColumns } from './parsed-columns.ts'

/** Small actions as rows of a checkpoint's schema: fields the schema lacks are left out, absent ones are null. */
export function actionBatch(schema: StructType, actions: readonly Action[]): ColumnBatch {
  return batchOf(schema, actions)
}

/** File actions as rows of a checkpoint's schema, `dataChange` false: it is of commits alone. */
export function fileBatch(schema: StructType, chunk: FileChunk, parsed?: ParsedColumns): ColumnBatch {
  const { kind, rowCount, fields } = chunk
  const held = fileSchemas[kind]
  const column = ({ name, type }: StructField): ColumnVector => {
    // All of them null, and looked at no further: one child is as good as many.
    if (name !== kind) return nullVector(type, rowCount)
    const children = (type as StructType).fields.map((each) => {
      if (each.name === 'dataChange') return noChange(rowCount)
      if (parsed !== undefined && each === parsed.stats) return statsVector(parsed, chunk)
      if (parsed?.partitionValues !== undefined && each === parsed.partitionValues) return partitionVector(each, chunk)
      return fields.children[held.fields.findIndex((one) => one.name === each.name)] ?? nullVector(each.type, rowCount)
    })
    return { kind: 'struct', length: rowCount, nullCount: 0, children }
  }
  return { schema: struct(schema.fields), rowCount, columns: schema.fields.map(column) }
}

function noChange(length: number): ColumnVector {
  return { kind: 'boolean', length, nullCount: 0, values: new Uint8Array(length) }
}
