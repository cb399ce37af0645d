import { describe, expect, it } from 'vitest'
import { field, struct, type DataType, type StructType } from '@silt/core'
import { completeCommit, newTableActions, parseSchema, type Action } from '../../src/index.ts'
import { plainSchema } from '../support/table.ts'

const make = (schema = plainSchema, partitionColumns: readonly string[] = []) =>
  newTableActions({ id: 'x', schema, partitionColumns, configuration: { 'silt.format': '1' }, createdMs: 5 })

const inList = (elementType: DataType): StructType =>
  struct([field('l', { type: 'array', elementType, containsNull: true })])

describe('a new table', () => {
  it('is protocol (1, 2) with a checkpoint every 100 commits', () => {
    expect(make()).toMatchObject([
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      {
        metaData: { id: 'x', configuration: { 'delta.checkpointInterval': '100', 'silt.format': '1' }, createdTime: 5 },
      },
    ])
  })

  it('says what it is for', () => {
    const table = { id: 'x', schema: plainSchema, partitionColumns: [], configuration: {}, createdMs: 5 }
    expect(newTableActions({ ...table, description: 'clicks' })).toMatchObject([
      {},
      { metaData: { description: 'clicks' } },
    ])
    expect(make()[1]).not.toHaveProperty('metaData.description')
  })

  it.each([
    ['an unknown partition column', plainSchema, ['nope']],
    ['only partition columns', plainSchema, ['id', 'name']],
    ['names that differ in case only', struct([field('a', 'long'), field('A', 'long')]), []],
    ['such names within a list', inList(struct([field('a', 'long'), field('A', 'long')])), []],
    ['a column without a name', struct([field('', 'long')]), []],
    ['a column that never holds a value', inList('void'), []],
    ['more digits than decimals have', inList('decimal(39,2)'), []],
    ['more digits behind the point than there are', inList('decimal(5,6)'), []],
    ['a partition column twice', plainSchema, ['name', 'name']],
    ['a nested partition column', struct([field('a', 'long'), field('s', plainSchema)]), ['s']],
    ['a column that only Silt refuses', struct([field('v', 'variant')]), []],
  ])('is refused with %s', (_, schema, partitionColumns) => {
    expect(() => make(schema, partitionColumns)).toThrow(expect.objectContaining({ code: 'delta/invalid-table' }))
  })

  const madeWith = (
    configuration: Readonly<Record<string, string>>,
    more: { readonly schema?: StructType; readonly clusterColumns?: readonly string[] } = {},
  ): Action[] =>
    newTableActions({ id: 'x', schema: plainSchema, partitionColumns: [], configuration, createdMs: 5, ...more })
  const protocolOf = (actions: readonly Action[]): unknown => (actions[0] as { readonly protocol: unknown }).protocol
  const both = (...features: readonly string[]): unknown => ({
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: features,
    writerFeatures: features,
  })
  const writer = (...writerFeatures: readonly string[]): unknown => ({
    minReaderVersion: 1,
    minWriterVersion: 7,
    writerFeatures,
  })

  it.each([
    ['nothing', madeWith({ 'delta.appendOnly': 'false' }), { minReaderVersion: 1, minWriterVersion: 2 }],
    ['a zoneless timestamp', madeWith({}, { schema: struct([field('t', 'timestamp_ntz')]) }), both('timestampNtz')],
    ['mapped columns', madeWith({ 'delta.columnMapping.mode': 'name' }), both('columnMapping')],
    ['a constraint', madeWith({ 'delta.constraints.c': 'id > 0' }), writer('checkConstraints')],
    ['row tracking', madeWith({ 'delta.enableRowTracking': 'true' }), writer('domainMetadata', 'rowTracking')],
    ['clustering', madeWith({}, { clusterColumns: ['id'] }), writer('clustering', 'domainMetadata')],
    ['a feature by name', madeWith({ 'delta.feature.vacuumProtocolCheck': 'supported' }), both('vacuumProtocolCheck')],
    [
      'several',
      madeWith({ 'delta.enableInCommitTimestamps': 'true', 'delta.enableDeletionVectors': 'true' }),
      {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['deletionVectors'],
        writerFeatures: ['deletionVectors', 'inCommitTimestamp'],
      },
    ],
  ])('with %s has just the features it uses', (_, actions, protocol) => {
    expect(protocolOf(actions)).toEqual(protocol)
    expect(JSON.stringify(actions)).not.toContain('delta.feature.')
  })

  it('has ids and physical names, and clusters by them', () => {
    const actions = madeWith({ 'delta.columnMapping.mode': 'id' }, { clusterColumns: ['name'] })
    const completed = completeCommit(undefined, actions, 1)
    const { metaData } = completed[1] as Extract<Action, { readonly metaData: unknown }>
    const { fields } = parseSchema(metaData.schemaString)
    expect(fields.map((each) => each.metadata['delta.columnMapping.id'])).toEqual([1, 2])
    expect(metaData.configuration['delta.columnMapping.maxColumnId']).toBe('2')
    const physical = fields[1]?.metadata['delta.columnMapping.physicalName']
    const configuration = JSON.stringify({ clusteringColumns: [[physical]] })
    expect(completed[2]).toEqual({ domainMetadata: { domain: 'delta.clustering', configuration, removed: false } })
  })

  it.each([
    ['a mode of column mapping that there is not', { 'delta.columnMapping.mode': 'position' }],
    ['a feature that is not asked for', { 'delta.feature.deletionVectors': 'disabled' }],
  ])('is refused with %s', (_, configuration) => {
    expect(() => madeWith(configuration)).toThrow(expect.objectContaining({ code: 'delta/invalid-table' }))
  })

  it('keeps the mode of column mapping as readers compare it, and no version of the protocol as a property', () => {
    const [, described] = madeWith({
      'delta.columnMapping.mode': 'NAME',
      'delta.minReaderVersion': '2',
      'delta.minWriterVersion': '5',
    })
    const { metaData } = described as Extract<Action, { readonly metaData: unknown }>
    expect(metaData.configuration).toEqual({ 'delta.checkpointInterval': '100', 'delta.columnMapping.mode': 'name' })
  })

  it.each(['icebergCompatV2', 'identityColumns-ish', 'catalogManaged'])('is refused with %s by its name', (name) => {
    const asked = { [`delta.feature.${name}`]: 'supported', 'delta.enableIcebergCompatV2': 'true' }
    expect(() => madeWith(asked)).toThrow(/which Silt does not write/)
  })
})
