import * as fc from 'fast-check'
import type { Json } from '@silt/core'
import type { Action } from '../../src/index.ts'

// Few names, so that actions meet each other.
const path = fc.constantFrom('a', 'b', 'c%20d', 'p=1/e', 'f.parquet')
const appId = fc.constantFrom('silt:t:x:0', 'silt:t:x:1', 'other')
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const stringMap = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true })
const nullableMap = fc.dictionary(text, fc.option(text), { maxKeys: 3, noNullPrototype: true })
const vector = fc.record({
  storageType: fc.constant('u'),
  pathOrInlineDv: fc.constantFrom('x', 'y'),
  sizeInBytes: fc.nat(),
  cardinality: whole,
})

const anyAdd: fc.Arbitrary<Action> = fc
  .record(
    {
      path,
      partitionValues: nullableMap,
      size: whole,
      modificationTime: whole,
      dataChange: fc.boolean(),
      stats: text,
      tags: stringMap,
      deletionVector: vector,
    },
    { requiredKeys: ['path', 'partitionValues', 'size', 'modificationTime', 'dataChange'], noNullPrototype: true },
  )
  .map((add) => ({ add }))

const anyRemove: fc.Arbitrary<Action> = fc
  .record(
    { path, deletionTimestamp: whole, dataChange: fc.boolean(), size: whole, deletionVector: vector },
    { requiredKeys: ['path', 'dataChange'], noNullPrototype: true },
  )
  .map((remove) => ({ remove }))

const anyTxn: fc.Arbitrary<Action> = fc
  .record({ appId, version: whole, lastUpdated: whole }, { requiredKeys: ['appId', 'version'], noNullPrototype: true })
  .map((txn) => ({ txn }))

const anyDomain: fc.Arbitrary<Action> = fc
  .record({ domain: fc.constantFrom('d', 'e'), configuration: text, removed: fc.boolean() }, { noNullPrototype: true })
  .map((domainMetadata) => ({ domainMetadata }))

const anyUnknown: fc.Arbitrary<Action> = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => value !== null)
  .map((value) => ({ unknown: { mystery: JSON.parse(JSON.stringify(value)) as Json } }))

const anyProtocol: fc.Arbitrary<Action> = fc
  .record(
    {
      minReaderVersion: fc.integer({ min: 1, max: 3 }),
      minWriterVersion: fc.integer({ min: 1, max: 7 }),
      readerFeatures: fc.array(text, { maxLength: 3 }),
      writerFeatures: fc.array(text, { maxLength: 3 }),
    },
    { requiredKeys: ['minReaderVersion', 'minWriterVersion'], noNullPrototype: true },
  )
  .map((protocol) => ({ protocol }))

const anyMetaData: fc.Arbitrary<Action> = fc
  .record(
    {
      id: text,
      name: text,
      description: text,
      format: fc.record({ provider: text, options: stringMap }, { noNullPrototype: true }),
      schemaString: text,
      partitionColumns: fc.array(text, { maxLength: 3 }),
      configuration: stringMap,
      createdTime: whole,
    },
    {
      requiredKeys: ['id', 'format', 'schemaString', 'partitionColumns', 'configuration'],
      noNullPrototype: true,
    },
  )
  .map((metaData) => ({ metaData }))

const anyCommitInfo: fc.Arbitrary<Action> = fc
  .record(
    {
      timestamp: whole,
      operation: text,
      operationParameters: stringMap,
      operationMetrics: stringMap,
      engineInfo: text,
      isBlindAppend: fc.boolean(),
      readVersion: whole,
      inCommitTimestamp: whole,
      txnId: text,
      silt: fc.constant({ v: 1, units: [] }),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((commitInfo) => ({ commitInfo }))

const anyCdc: fc.Arbitrary<Action> = fc
  .record(
    { path, partitionValues: nullableMap, size: whole, dataChange: fc.boolean(), tags: stringMap },
    { requiredKeys: ['path', 'partitionValues', 'size', 'dataChange'], noNullPrototype: true },
  )
  .map((cdc) => ({ cdc }))

const anySidecar: fc.Arbitrary<Action> = fc
  .record(
    { path, sizeInBytes: whole, modificationTime: whole, tags: stringMap },
    { requiredKeys: ['path', 'sizeInBytes', 'modificationTime'], noNullPrototype: true },
  )
  .map((sidecar) => ({ sidecar }))

const anyCheckpointMetadata: fc.Arbitrary<Action> = fc
  .record({ version: whole, tags: stringMap }, { requiredKeys: ['version'], noNullPrototype: true })
  .map((checkpointMetadata) => ({ checkpointMetadata }))

export const anyStateAction = fc.oneof(anyAdd, anyRemove, anyTxn, anyDomain)
/** Every kind of action there is. */
export const anyAction = fc.oneof(
  anyStateAction,
  anyProtocol,
  anyMetaData,
  anyCommitInfo,
  anyCdc,
  anySidecar,
  anyCheckpointMetadata,
  anyUnknown,
)
