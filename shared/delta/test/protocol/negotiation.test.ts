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
const withKey = (key: string) => struct([field('a', struct([{ ...field('id', 'long'), metadata: { [key]: '1' } }]))])

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
    ['timestampNtz without such a column', table(both('timestampNtz'))],
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
    ['invariants in use, nested', table(legacy(1, 2), {}, withKey('delta.invariants')), 'invariants'],
    ['a check constraint', table(legacy(1, 3), { 'delta.constraints.positive': 'id > 0' }), 'checkConstraints'],
    ['a generated column', table(legacy(1, 4), {}, withKey('delta.generationExpression')), 'generatedColumns'],
    ['column mapping', table(legacy(2, 5), { 'delta.columnMapping.mode': 'name' }), 'columnMapping'],
    ['an identity column', table(legacy(2, 6), {}, withKey('delta.identity.start')), 'identityColumns'],
    ['a column default', table(writer('allowColumnDefaults'), {}, withKey('CURRENT_DEFAULT')), 'allowColumnDefaults'],
    ['deletion vectors', table(both('deletionVectors')), 'deletionVectors'],
    ['row tracking', table(writer('domainMetadata', 'rowTracking')), 'rowTracking'],
    ['clustering', table(writer('domainMetadata', 'clustering')), 'clustering'],
    [
      'in-commit timestamps',
      table(writer('inCommitTimestamp'), { 'delta.enableInCommitTimestamps': 'true' }),
      'inCommitTimestamp',
    ],
    ['a zoneless timestamp', table(both('timestampNtz'), {}, struct([field('t', 'timestamp_ntz')])), 'timestampNtz'],
    ['type changes', table(both('typeWidening'), {}, withKey('delta.typeChanges')), 'typeWidening'],
    ['a catalog', table(both('catalogManaged')), 'catalogManaged'],
    ['Iceberg', table(writer('icebergCompatV2'), { 'delta.enableIcebergCompatV2': 'true' }), 'icebergCompatV2'],
  ])('%s', (_, state, feature) => {
    const wanted = { code: 'delta/unsupported-feature', kind: 'unsupported', context: { feature } }
    expect(() => requireWritable(state)).toThrow(expect.objectContaining(wanted))
    expect(() => requireWritable(state)).toThrow(/nothing was (read|written)\. Drop the feature/)
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

describe('the feature table', () => {
  it('appends to no table that it cannot read', () => {
    for (const rule of featureRules.values()) {
      const mapped = table(both(rule.name), { 'delta.columnMapping.mode': 'name' })
      if (rule.read(mapped) !== undefined) expect(rule.append(mapped), rule.name).toBeDefined()
    }
  })
})
