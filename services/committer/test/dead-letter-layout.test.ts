import { deadLetterSchema } from '@silt/contracts'
import { schemaToString, type TableState } from '@silt/delta'
import { expect, it } from 'vitest'
import { requirePlainFiles } from '../src/dead-letter-projection.ts'

function deadLetters(
  writerFeatures: readonly string[],
  configuration: Readonly<Record<string, string>>,
  partitionColumns: readonly string[] = [],
): TableState {
  const schema = deadLetterSchema
  const metadata = {
    id: 'd',
    format: { provider: 'parquet' },
    schemaString: schemaToString(schema),
    partitionColumns,
    configuration,
  }
  const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures }
  return { version: 3, protocol, metadata, schema, txns: new Map(), domains: new Map() }
}

it.each([
  ['mapped columns', deadLetters(['columnMapping'], { 'delta.columnMapping.mode': 'name' })],
  ['a constraint', deadLetters(['checkConstraints'], { 'delta.constraints.c': '_offset > 0' })],
  ['partitions', deadLetters([], {}, ['reason'])],
])('a dead-letter table that another engine gave %s takes no file that its readers could not read', (_, state) => {
  expect(() => requirePlainFiles(state, 'place')).toThrow(
    expect.objectContaining({ code: 'committer/dead-letter-layout' }),
  )
})

it('one with clocks and row ids goes on: the commit has them', () => {
  const features = ['inCommitTimestamp', 'rowTracking', 'domainMetadata']
  expect(() =>
    requirePlainFiles(deadLetters(features, { 'delta.enableInCommitTimestamps': 'true' }), 'place'),
  ).not.toThrow()
})
