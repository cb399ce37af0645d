import { describe, expect, it } from 'vitest'
import { field, struct, type StructField } from '@silt/core'
import { layoutDigest, tableLayout, type Protocol } from '../../src/index.ts'

const protocol = (...writerFeatures: readonly string[]): Protocol => ({
  minReaderVersion: 1,
  minWriterVersion: 7,
  writerFeatures,
})
const withMetadata = (name: string, metadata: Readonly<Record<string, unknown>>): StructField => ({
  ...field(name, 'long'),
  metadata,
})

function layoutOf(
  table: {
    readonly features?: readonly string[]
    readonly configuration?: Readonly<Record<string, string>>
    readonly fields?: readonly StructField[]
    readonly clustering?: string
  } = {},
) {
  const configuration = table.configuration ?? {}
  const schema = struct(table.fields ?? [field('id', 'long')])
  const domain = { domain: 'delta.clustering', configuration: table.clustering ?? '', removed: false }
  const metadata = { id: 't', format: { provider: 'parquet' }, schemaString: '', partitionColumns: [], configuration }
  const domains = new Map(table.clustering === undefined ? [] : [[domain.domain, domain]])
  return tableLayout({ protocol: protocol(...(table.features ?? [])), metadata, schema, domains })
}

describe('the layout of a table', () => {
  it('asks nothing of a plain one but the usual statistics', () => {
    expect(layoutOf()).toEqual({ statistics: { firstColumns: 32 } })
    expect(layoutDigest(layoutOf())).toBeUndefined()
  })

  it('maps columns where the protocol has the feature, and only there', () => {
    const configuration = { 'delta.columnMapping.mode': 'id', 'delta.columnMapping.maxColumnId': '4' }
    expect(layoutOf({ configuration }).columnMapping).toBeUndefined()
    const mapped = layoutOf({ configuration, features: ['columnMapping'] })
    expect(mapped.columnMapping).toEqual({ mode: 'id', tableId: 't', maxColumnId: 4 })
  })

  it.each([
    ['3', { firstColumns: 3 }],
    ['-1', { firstColumns: -1 }],
    ['many', { firstColumns: 32 }],
  ])('takes delta.dataSkippingNumIndexedCols %s', (count, statistics) => {
    expect(layoutOf({ configuration: { 'delta.dataSkippingNumIndexedCols': count } }).statistics).toEqual(statistics)
  })

  it('reads lists of columns with quoted names', () => {
    const listed = (text: string) =>
      layoutOf({ configuration: { 'delta.dataSkippingStatsColumns': text } }).statistics?.columns
    expect(listed('a, b.c')).toEqual([['a'], ['b', 'c']])
    expect(listed('`x, ``y``.z`.w,v')).toEqual([['x, `y`.z', 'w'], ['v']])
    expect(listed('')).toEqual([])
    expect(() => listed('`open')).toThrow(expect.objectContaining({ code: 'delta/broken-property' }))
  })

  it('has statistics of clustering columns whatever the properties say', () => {
    const clustering = '{"clusteringColumns":["a",["s","x"]]}'
    const layout = layoutOf({ clustering, features: ['clustering'] })
    expect(layout.statistics?.always).toEqual([['a'], ['s', 'x']])
    expect(layoutOf({ clustering }).statistics?.always).toBeUndefined()
    expect(() => layoutOf({ clustering: '[]', features: ['clustering'] })).toThrow(/clusteringColumns/)
  })

  it('collects the rules of rows in order, of supported features only', () => {
    const fields = [
      withMetadata('a', { 'delta.invariants': '{"expression":{"expression":"a > 3"}}' }),
      withMetadata('b', { 'delta.generationExpression': 'a + 1' }),
      withMetadata('c', { CURRENT_DEFAULT: '7' }),
    ]
    const configuration = { 'delta.constraints.positive': 'a > 0' }
    const features = ['invariants', 'generatedColumns', 'allowColumnDefaults', 'checkConstraints']
    expect(layoutOf({ fields, configuration, features }).rowRules).toEqual({
      checks: [
        { kind: 'invariant', name: 'a', sql: 'a > 3' },
        { kind: 'constraint', name: 'positive', sql: 'a > 0' },
      ],
      generated: [{ column: 'b', sql: 'a + 1' }],
      defaults: [{ column: 'c', sql: '7' }],
    })
    expect(layoutOf({ fields, configuration }).rowRules).toBeUndefined()
    const broken = [withMetadata('a', { 'delta.invariants': '{}' })]
    expect(() => layoutOf({ fields: broken, features })).toThrow(/delta\.invariants of column a/)
  })

  it('has a digest of what a file must keep, which new columns do not change', () => {
    const configuration = { 'delta.columnMapping.mode': 'name', 'delta.columnMapping.maxColumnId': '1' }
    const features = ['columnMapping', 'checkConstraints']
    const one = layoutDigest(layoutOf({ configuration, features }))
    const later = { ...configuration, 'delta.columnMapping.maxColumnId': '2' }
    expect(layoutDigest(layoutOf({ configuration: later, features }))).toBe(one)
    const ruled = { ...configuration, 'delta.constraints.c': 'id > 0' }
    expect(layoutDigest(layoutOf({ configuration: ruled, features }))).not.toBe(one)
  })
})
