import { describe, expect, it } from 'vitest'
import { field, struct, type StructType } from '@silt/core'
import {
  requireReadable,
  requireSameTable,
  requireWritable,
  schemaToString,
  type Protocol,
  type TableState,
} from '../../src/index.ts'
import { featureRules } from '../../src/protocol/features.ts'

const plain = struct([field('id', 'long')])

function table(
  protocol: Protocol,
  configuration: Readonly<Record<string, string>> = {},
  schema: StructType = plain,
): TableState {
  const metadata = {
    id: 'x',
    format: { provider: 'parquet' },
    schemaString: schemaToString(schema),
    partitionColumns: [],
    configuration,
  }
  return { version: 0, protocol, metadata, schema, txns: new Map(), domains: new Map() }
}

const legacy = (minReaderVersion: number, minWriterVersion: number): Protocol => ({
  minReaderVersion,
  minWriterVersion,
})
const writer = (...writerFeatures: readonly string[]): Protocol => ({
  minReaderVersion: 1,
  minWriterVersion: 7,
  writerFeatures,
})
const both = (...features: readonly string[]): Protocol => ({
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: features,
  writerFeatures: features,
})
const withKey = (key: string, value: unknown = '1') =>
  struct([field('a', struct([{ ...field('id', 'long'), metadata: { [key]: value } }]))])
const invariant = '{"expression":{"expression":"id > 3"}}'
const mappedColumn = {
  ...field('id', 'long'),
  metadata: { 'delta.columnMapping.id': 1, 'delta.columnMapping.physicalName': 'col-1' },
}
const byName = { 'delta.columnMapping.mode': 'name', 'delta.columnMapping.maxColumnId': '1' }
const widened = (fromType: string, toType: string) => withKey('delta.typeChanges', [{ fromType, toType }])

describe('a table whose files are no Parquet', () => {
  it('is neither read nor written to', () => {
    const parquet = table(legacy(1, 2))
    const orc = { ...parquet, metadata: { ...parquet.metadata, format: { provider: 'orc' } } }
    for (const require of [requireReadable, requireWritable])
      expect(() => require(orc)).toThrow(expect.objectContaining({ code: 'delta/unsupported-feature' }))
  })
})

describe('a table with a column that never holds a value', () => {
  it('is read, and not written to', () => {
    const state = table(legacy(1, 2), {}, struct([field('id', 'long'), field('s', struct([field('v', 'void')]))]))
    expect(() => requireReadable(state)).not.toThrow()
    expect(() => requireWritable(state)).toThrow(/uses the type void.*column s\.v/)
  })
})

describe('tables Silt writes to', () => {
  it.each([
    ['(1, 1)', table(legacy(1, 1))],
    ['(1, 2)', table(legacy(1, 2))],
    ['(1, 2), append-only', table(legacy(1, 2), { 'delta.appendOnly': 'true' })],
    ['(1, 3) without constraints', table(legacy(1, 3))],
    ['(1, 4) with change data feed', table(legacy(1, 4), { 'delta.enableChangeDataFeed': 'true' })],
    ['(2, 5) without column mapping', table(legacy(2, 5), { 'delta.columnMapping.mode': 'none' })],
    ['(2, 6) without identity columns', table(legacy(2, 6))],
    [
      'listed features that are not in use',
      table(writer('appendOnly', 'invariants', 'checkConstraints', 'generatedColumns')),
    ],
    ['domain metadata', table(writer('domainMetadata'))],
    [
      'in-commit timestamps listed, not enabled',
      table(writer('inCommitTimestamp'), { 'delta.enableInCommitTimestamps': 'false' }),
    ],
    ['v2 checkpoints and vacuum check', table(both('v2Checkpoint', 'vacuumProtocolCheck'))],
    ['a zoneless timestamp', table(both('timestampNtz'), {}, struct([field('t', 'timestamp_ntz')]))],
    ['mapped columns, (2, 5)', table(legacy(2, 5), byName, struct([mappedColumn]))],
    [
      'mapped columns',
      table(both('columnMapping'), { ...byName, 'delta.columnMapping.mode': 'id' }, struct([mappedColumn])),
    ],
    ['deletion vectors', table(both('deletionVectors'), { 'delta.enableDeletionVectors': 'true' })],
    ['row tracking', table(writer('domainMetadata', 'rowTracking'), { 'delta.enableRowTracking': 'true' })],
    ['clustering', table(writer('domainMetadata', 'clustering'))],
    ['in-commit timestamps', table(writer('inCommitTimestamp'), { 'delta.enableInCommitTimestamps': 'true' })],
    ['type changes', table(both('typeWidening'), {}, widened('short', 'decimal(12, 2)'))],
  ])('%s', (_, state) => {
    expect(() => requireWritable(state)).not.toThrow()
  })
})

describe('tables Silt refuses to write to, by name', () => {
  it.each([
    ['a newer writer version', table(legacy(1, 8)), 'writer version 8'],
    ['a newer reader version', table(legacy(4, 7)), 'reader version 4'],
    ['an unknown writer feature', table(writer('appendOnly', 'collations')), 'collations'],
    ['an unknown reader feature', table(both('fooReader')), 'fooReader'],
    ['a name of Object.prototype', table(writer('constructor')), 'constructor'],
    ['invariants in use, nested', table(legacy(1, 2), {}, withKey('delta.invariants', invariant)), 'invariants'],
    ['a check constraint', table(legacy(1, 3), { 'delta.constraints.positive': 'id > 0' }), 'checkConstraints'],
    ['a generated column', table(legacy(1, 4), {}, withKey('delta.generationExpression')), 'generatedColumns'],
    ['mapped columns without ids', table(legacy(2, 5), { 'delta.columnMapping.mode': 'name' }), 'columnMapping'],
    ['an unknown mapping', table(both('columnMapping'), { 'delta.columnMapping.mode': 'path' }), 'columnMapping'],
    ['an identity column', table(legacy(2, 6), {}, withKey('delta.identity.start')), 'identityColumns'],
    ['a column default', table(writer('allowColumnDefaults'), {}, withKey('CURRENT_DEFAULT')), 'allowColumnDefaults'],
    ['a type change that is none', table(both('typeWidening'), {}, widened('long', 'integer')), 'typeWidening'],
    ['a broken history of types', table(both('typeWidening'), {}, withKey('delta.typeChanges')), 'typeWidening'],
    ['a feature for readers alone', table({ ...both('fooReader'), writerFeatures: [] }), 'fooReader'],
    ['a catalog', table(both('catalogManaged')), 'catalogManaged'],
    ['Iceberg', table(writer('icebergCompatV2'), { 'delta.enableIcebergCompatV2': 'true' }), 'icebergCompatV2'],
  ])('%s', (_, state, feature) => {
    const wanted = { code: 'delta/unsupported-feature', kind: 'unsupported', context: { feature } }
    expect(() => requireWritable(state)).toThrow(expect.objectContaining(wanted))
    expect(() => requireWritable(state)).toThrow(/nothing was (read|written)\. Drop the feature/)
  })

  it('rules of rows that whoever writes can evaluate are no reason', () => {
    const constrained = table(legacy(1, 3), { 'delta.constraints.positive': 'id > 0' })
    const asked: unknown[] = []
    requireWritable(constrained, (rules) => void asked.push(rules.checks.map((each) => each.sql)))
    expect(asked).toEqual([['id > 0']])
    expect(() => requireWritable(constrained, () => 'no such function')).toThrow(/checkConstraints.*no such function/)
  })

  it('reader version 3 without its list is a broken protocol', () => {
    expect(() => requireReadable(table(legacy(3, 7)))).toThrow(
      expect.objectContaining({ code: 'delta/broken-protocol' }),
    )
  })

  it('another id is another table', () => {
    expect(() => requireSameTable(table(legacy(1, 2)), 'x')).not.toThrow()
    expect(() => requireSameTable(table(legacy(1, 2)), 'y')).toThrow(
      expect.objectContaining({ code: 'delta/table-replaced' }),
    )
  })
})

/** § Valid Feature Names in Table Features, and those of sections beside it: each in use, whether its tables are read and appended to. */
const features: readonly (readonly [name: string, use: TableState, read: boolean, append: boolean])[] = [
  ['appendOnly', table(writer('appendOnly'), { 'delta.appendOnly': 'true' }), true, true],
  ['invariants', table(writer('invariants'), {}, withKey('delta.invariants', invariant)), true, false],
  ['checkConstraints', table(writer('checkConstraints'), { 'delta.constraints.c': 'id > 0' }), true, false],
  ['generatedColumns', table(writer('generatedColumns'), {}, withKey('delta.generationExpression')), true, false],
  ['allowColumnDefaults', table(writer('allowColumnDefaults'), {}, withKey('CURRENT_DEFAULT')), true, false],
  ['changeDataFeed', table(writer('changeDataFeed'), { 'delta.enableChangeDataFeed': 'true' }), true, true],
  ['columnMapping', table(both('columnMapping'), byName, struct([mappedColumn])), true, true],
  ['identityColumns', table(writer('identityColumns'), {}, withKey('delta.identity.start')), true, false],
  ['deletionVectors', table(both('deletionVectors')), true, true],
  ['rowTracking', table(writer('rowTracking', 'domainMetadata')), true, true],
  ['timestampNtz', table(both('timestampNtz'), {}, struct([field('t', 'timestamp_ntz')])), true, true],
  ['domainMetadata', table(writer('domainMetadata')), true, true],
  ['v2Checkpoint', table(both('v2Checkpoint')), true, true],
  ['catalogManaged', table(both('catalogManaged')), false, false],
  ['icebergCompatV1', table(writer('icebergCompatV1'), { 'delta.enableIcebergCompatV1': 'true' }), true, false],
  ['icebergCompatV2', table(writer('icebergCompatV2'), { 'delta.enableIcebergCompatV2': 'true' }), true, false],
  ['clustering', table(writer('clustering', 'domainMetadata')), true, true],
  ['vacuumProtocolCheck', table(both('vacuumProtocolCheck')), true, true],
  ['inCommitTimestamp', table(writer('inCommitTimestamp'), { 'delta.enableInCommitTimestamps': 'true' }), true, true],
  ['typeWidening', table(both('typeWidening'), {}, widened('integer', 'long')), true, true],
  ['typeWidening-preview', table(both('typeWidening-preview'), {}, widened('integer', 'long')), true, true],
  ['variantType', table(both('variantType'), {}, struct([field('v', 'variant')])), true, false],
  ['variantType-preview', table(both('variantType-preview'), {}, struct([field('v', 'variant')])), true, false],
  ['variantShredding', table(both('variantShredding')), false, false],
  ...['checkpointProtection', 'icebergCompatV3', 'icebergWriterCompatV1', 'materializePartitionColumns'].map(
    (name) => [name, table(writer(name)), true, false] as const,
  ),
  ['collations', table(writer('collations')), true, false],
]

describe('the features of the protocol', () => {
  it.each(features)('%s: read and appended to as promised, or refused by name', (name, use, read, append) => {
    const refusal: unknown = expect.objectContaining({ code: 'delta/unsupported-feature', context: { feature: name } })
    if (read) expect(() => requireReadable(use)).not.toThrow()
    else expect(() => requireReadable(use)).toThrow(refusal)
    if (append) expect(() => requireWritable(use)).not.toThrow()
    else expect(() => requireWritable(use)).toThrow(refusal)
  })

  it('are all in the table of rules, but for those refused as unknown', () => {
    const unknown = features.filter(([name]) => !featureRules.has(name))
    expect(unknown.every(([, , , append]) => !append)).toBe(true)
    expect([...featureRules.keys()].filter((name) => !features.some(([each]) => each === name))).toEqual([])
  })
})
