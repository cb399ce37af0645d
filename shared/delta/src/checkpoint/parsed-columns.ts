import {
  decimalOf,
  field,
  isPresent,
  physicalName,
  SiltError,
  struct,
  textAt,
  valueAt,
  vectorOf,
  type BytesVector,
  type ColumnMapping,
  type ColumnVector,
  type DataType,
  type PrimitiveType,
  type StructField,
  type StructType,
} from '@silt/core'
import { fileSchemas, type FileChunk } from '../files/file-chunk.ts'
import { columnMappingOf } from '../schema/table-layout.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { typedStatistic, typedPartitionValue } from './typed-values.ts'

/** Columns of a checkpoint's `add` beside its texts (§ Checkpoint Schema), where `delta.checkpoint.writeStatsAsStruct` asks for them. */
export interface ParsedColumns {
  readonly stats: StructField
  /** Undefined for a table without partitions. */
  readonly partitionValues: StructField | undefined
}

/** Undefined where the table wants none. Pure. */
export function parsedColumns(state: TableState): ParsedColumns | undefined {
  const { metadata, schema } = state
  if (metadata.configuration['delta.checkpoint.writeStatsAsStruct']?.toLowerCase() !== 'true') return undefined
  const mapping = columnMappingOf(state)
  const isPartition = (each: StructField): boolean => metadata.partitionColumns.includes(each.name)
  const data = schema.fields.filter((each) => !isPartition(each))
  const bounds = boundFields(data, mapping)
  const stats = [
    field('numRecords', 'long'),
    ...(bounds.length === 0 ? [] : [field('minValues', struct(bounds)), field('maxValues', struct(bounds))]),
    ...(data.length === 0 ? [] : [field('nullCount', struct(countFields(data, mapping)))]),
  ]
  const partition = schema.fields.filter(isPartition).map((each) => field(physicalName(each, mapping), each.type))
  return {
    stats: field('stats_parsed', struct(stats)),
    partitionValues: partition.length === 0 ? undefined : field('partitionValues_parsed', struct(partition)),
  }
}

/** Why the values of a column cannot be written so: what only a checkpoint could hold is refused, statistics are left out instead. */
export function unparsedPartition({ metadata, schema }: TableState): string | undefined {
  const column = schema.fields.find(({ name, type }) => metadata.partitionColumns.includes(name) && !isParsed(type))
  return column && `its partition column ${column.name} is ${JSON.stringify(column.type)}`
}

/** `stats_parsed` of a chunk's files: of their texts, else of what the previous checkpoint had so, which stands behind the chunk's other columns. */
export function statsVector({ stats: { type } }: ParsedColumns, chunk: FileChunk): ColumnVector {
  const schema = fileSchemas.add
  const texts = chunk.fields.children[indexOf(schema, 'stats')] as BytesVector
  const before = chunk.fields.children[schema.fields.length]
  const values: unknown[] = []
  for (let row = 0; row < chunk.rowCount; row++) {
    if (isPresent(texts, row)) values.push(typedStatistic(type as StructType, textAt(texts, row)))
    else values.push(before && valueAt(before, type, row))
  }
  return vectorOf(type, values)
}

/** `partitionValues_parsed` of a chunk's files. Errors: `delta/unsupported-checkpoint` (unsupported) for a text that is no value of its column's type. */
export function partitionVector({ type }: StructField, chunk: FileChunk): ColumnVector {
  const at = indexOf(fileSchemas.add, 'partitionValues')
  const texts = chunk.fields.children[at] as ColumnVector
  const textType = fileSchemas.add.fields[at]?.type as DataType
  const { fields } = type as StructType
  const values: unknown[] = []
  for (let row = 0; row < chunk.rowCount; row++) {
    const held = (valueAt(texts, textType, row) ?? {}) as Readonly<Record<string, string | null>>
    values.push(Object.fromEntries(fields.map((each) => [each.name, valueOf(each, held[each.name])])))
  }
  return vectorOf(type, values)
}

function valueOf({ name, type }: StructField, text: string | null | undefined): unknown {
  if (text === null || text === undefined || text === '') return undefined
  const value = typedPartitionValue(type, text)
  if (value !== undefined) return value
  const problem = `the partition value ${JSON.stringify(text)} of column ${name} cannot be written as a value of its type`
  throw new SiltError(
    'unsupported',
    'delta/unsupported-checkpoint',
    `${problem}; let another engine write the checkpoint`,
  )
}

function indexOf({ fields }: StructType, name: string): number {
  return fields.findIndex((each) => each.name === name)
}

/** Columns whose smallest and largest values are kept. */
function boundFields(fields: readonly StructField[], mapping: ColumnMapping | undefined): StructField[] {
  return fields.flatMap((each) => {
    const name = physicalName(each, mapping)
    if (typeof each.type === 'string') return hasBounds(each.type) ? [field(name, each.type)] : []
    if (each.type.type !== 'struct') return []
    const inner = boundFields(each.type.fields, mapping)
    return inner.length === 0 ? [] : [field(name, struct(inner))]
  })
}

function countFields(fields: readonly StructField[], mapping: ColumnMapping | undefined): StructField[] {
  return fields.map((each) => {
    const isStruct = typeof each.type === 'object' && each.type.type === 'struct' && each.type.fields.length > 0
    const type = isStruct ? struct(countFields(each.type.fields, mapping)) : 'long'
    return field(physicalName(each, mapping), type)
  })
}

function hasBounds(type: PrimitiveType): boolean {
  return isParsed(type) && type !== 'boolean'
}

/** Types that vectors and the checkpoint's writer have. */
function isParsed(type: DataType): boolean {
  if (typeof type !== 'string') return false
  const decimal = decimalOf(type)
  return decimal === undefined ? type !== 'binary' && type !== 'timestamp_ntz' : decimal.precision <= 18
}
