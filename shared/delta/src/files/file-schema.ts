import { field, struct, type MapType, type StructField, type StructType } from '@silt/core'

/** Delta PROTOCOL § Add File and Remove File, § Deletion Vector Descriptor Schema: the fields that are kept of file actions. */

export const stringMap: MapType = { type: 'map', keyType: 'string', valueType: 'string', valueContainsNull: true }

const deletionVectorField: StructField = field(
  'deletionVector',
  struct([
    field('storageType', 'string'),
    field('pathOrInlineDv', 'string'),
    field('offset', 'integer'),
    field('sizeInBytes', 'integer'),
    field('cardinality', 'long'),
  ]),
)

const rowTrackingFields: readonly StructField[] = [field('baseRowId', 'long'), field('defaultRowCommitVersion', 'long')]

const path = field('path', 'string')
const size = field('size', 'long')

/** `path` first, then `deletionVector`, then `size`: whoever walks columns finds them there. */
export const addFileSchema: StructType = struct([
  path,
  deletionVectorField,
  size,
  field('partitionValues', stringMap),
  field('modificationTime', 'long'),
  field('dataChange', 'boolean'),
  field('tags', stringMap),
  field('stats', 'string'),
  ...rowTrackingFields,
  field('clusteringProvider', 'string'),
])

export const removeFileSchema: StructType = struct([
  path,
  deletionVectorField,
  size,
  field('partitionValues', stringMap),
  field('deletionTimestamp', 'long'),
  field('dataChange', 'boolean'),
  field('extendedFileMetadata', 'boolean'),
  field('tags', stringMap),
  field('stats', 'string'),
  ...rowTrackingFields,
])
