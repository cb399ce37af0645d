import { field, struct, type DataType, type MapType, type StructField, type StructType } from '@silt/core'

/** Delta PROTOCOL § Checkpoint Schema. */

const stringMap: MapType = { type: 'map', keyType: 'string', valueType: 'string', valueContainsNull: true }
const strings: DataType = { type: 'array', elementType: 'string', containsNull: true }

const deletionVector = field(
  'deletionVector',
  struct([
    field('storageType', 'string'),
    field('pathOrInlineDv', 'string'),
    field('offset', 'integer'),
    field('sizeInBytes', 'integer'),
    field('cardinality', 'long'),
  ]),
)
const rowTracking = [field('baseRowId', 'long'), field('defaultRowCommitVersion', 'long')]

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

const addFields: readonly StructField[] = [
  field('path', 'string'),
  field('partitionValues', stringMap),
  field('size', 'long'),
  field('modificationTime', 'long'),
  field('dataChange', 'boolean'),
  field('tags', stringMap),
]

const removeFields: readonly StructField[] = [
  field('path', 'string'),
  field('deletionTimestamp', 'long'),
  field('dataChange', 'boolean'),
  field('extendedFileMetadata', 'boolean'),
  field('partitionValues', stringMap),
  field('size', 'long'),
]

/** Columns that only some tables need; a column nobody uses would only cost readers. */
export interface CheckpointShape {
  readonly stats: boolean
  readonly domains: boolean
  readonly deletionVectors: boolean
  readonly rowTracking: boolean
  readonly clustering: boolean
}

export function checkpointSchema(shape: CheckpointShape): StructType {
  const vector = shape.deletionVectors ? [deletionVector] : []
  const rows = shape.rowTracking ? rowTracking : []
  const stats = shape.stats ? [field('stats', 'string')] : []
  const clustering = shape.clustering ? [field('clusteringProvider', 'string')] : []
  return struct([
    protocol,
    metaData,
    txn,
    ...(shape.domains ? [domainMetadata] : []),
    field('add', struct([...addFields, ...stats, ...vector, ...rows, ...clustering])),
    field('remove', struct([...removeFields, ...vector, ...rows])),
  ])
}

/** Every column a checkpoint row may have, with the fields that are kept of it. */
export const wholeCheckpointSchema: StructType = struct([
  ...checkpointSchema({ stats: true, domains: true, deletionVectors: true, rowTracking: true, clustering: true })
    .fields,
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
