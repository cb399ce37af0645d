import { field, struct, type DataType, type StructType } from '@silt/core'
import type { ParsedColumns } from './parsed-columns.ts'
import { addFileSchema, removeFileSchema, stringMap } from '../files/file-schema.ts'

/** Delta PROTOCOL § Checkpoint Schema. */

const strings: DataType = { type: 'array', elementType: 'string', containsNull: true }

const txn = field('txn', struct([field('appId', 'string'), field('version', 'long'), field('lastUpdated', 'long')]))

const protocol = field(
  'protocol',
  struct([
    field('minReaderVersion', 'integer'),
    field('minWriterVersion', 'integer'),
    field('readerFeatures', strings),
    field('writerFeatures', strings),
  ]),
)

const metaData = field(
  'metaData',
  struct([
    field('id', 'string'),
    field('name', 'string'),
    field('description', 'string'),
    field('format', struct([field('provider', 'string'), field('options', stringMap)])),
    field('schemaString', 'string'),
    field('partitionColumns', strings),
    field('configuration', stringMap),
    field('createdTime', 'long'),
  ]),
)

const domainMetadata = field(
  'domainMetadata',
  struct([field('domain', 'string'), field('configuration', 'string'), field('removed', 'boolean')]),
)

/** What a table wants of its checkpoints. */
export interface CheckpointShape {
  /** `delta.checkpoint.writeStatsAsJson`. */
  readonly stats: boolean
  /** `delta.checkpoint.writeStatsAsStruct`. */
  readonly parsed: ParsedColumns | undefined
}

/** Of a V1 checkpoint. Listed or not, what a feature keeps in an action has its column: nothing the log holds is lost. */
export function checkpointSchema(shape: CheckpointShape): StructType {
  return struct([protocol, metaData, txn, domainMetadata, ...sidecarSchema(shape).fields])
}

/** The file actions' columns alone. The `remove`s of a checkpoint have neither `stats` nor `tags`. */
export function sidecarSchema({ stats, parsed }: CheckpointShape): StructType {
  const columns = parsed && [parsed.stats, ...(parsed.partitionValues === undefined ? [] : [parsed.partitionValues])]
  const kept = [...addFileSchema.fields.filter(({ name }) => stats || name !== 'stats'), ...(columns ?? [])]
  const tombstone = removeFileSchema.fields.filter(({ name }) => name !== 'stats' && name !== 'tags')
  return struct([field('add', struct(kept)), field('remove', struct(tombstone))])
}

/** Every column with the small actions of a checkpoint, with the fields that are kept of it. */
export const stateColumns: StructType = struct([
  protocol,
  metaData,
  txn,
  domainMetadata,
  field('checkpointMetadata', struct([field('version', 'long'), field('tags', stringMap)])),
  field(
    'sidecar',
    struct([
      field('path', 'string'),
      field('sizeInBytes', 'long'),
      field('modificationTime', 'long'),
      field('tags', stringMap),
    ]),
  ),
])

/** The file actions' columns, likewise. */
export const fileColumns: StructType = struct([field('add', addFileSchema), field('remove', removeFileSchema)])

/** Of the file actions' columns what identifies a file, and its size. */
export const pathColumns: StructType = struct(
  fileColumns.fields.map(({ name, type }) => field(name, struct((type as StructType).fields.slice(0, 3)))),
)
