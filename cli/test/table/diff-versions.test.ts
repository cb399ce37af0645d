import { describe, expect, it } from 'vitest'
import { field, struct, type DataType, type StructType } from '@silt/core'
import type { AddAction, Snapshot } from '@silt/delta'
import { diffLines, diffVersions } from '../../src/table/diff-versions.ts'

const vector = { storageType: 'i', pathOrInlineDv: 'x', sizeInBytes: 1, cardinality: 3 }

describe('what changed between two versions', () => {
  it('counts files and rows that came and went, those a vector deletes among them', () => {
    const from = version(3, [file('a', 10), file('b', 20)])
    const to = version(5, [{ ...file('a', 10), deletionVector: vector }, file('c%20d', 5)])
    expect(diffVersions(from, to)).toMatchObject({
      from: 3,
      to: 5,
      filesAdded: 1,
      filesRemoved: 1,
      filesChanged: 1,
      rowsAdded: 5,
      rowsRemoved: 23,
      paths: { added: ['c d'], removed: ['b'] },
    })
    expect(diffVersions(to, from)).toMatchObject({ rowsAdded: 23, rowsRemoved: 5 })
  })

  it('does not make up rows of a file without statistics', () => {
    const added = diffVersions(version(0, []), version(1, [{ ...file('a', 1), stats: '{}' }]))
    expect(added).toMatchObject({ filesAdded: 1, rowsAdded: null, rowsRemoved: 0 })
    expect(diffLines(added)).toContain('added       1 files, ? rows')
  })

  it('names columns at every depth, properties, features and progress', () => {
    const from = version(0, [])
    const to: Snapshot = {
      ...version(1, []),
      schema: struct([field('id', 'long', false), field('s', struct([field('x', 'string')]))]),
      metadata: { ...from.metadata, configuration: { 'delta.appendOnly': 'true' } },
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['deletionVectors'],
        writerFeatures: ['deletionVectors'],
      },
      txns: new Map([['silt:t:x:0', 7]]),
    }
    expect(diffLines(diffVersions(from, to))).toEqual([
      'version 0 to 1',
      'added       0 files, 0 rows',
      'removed     0 files, 0 rows',
      'protocol    ~ reader version: 1 -> 3',
      'protocol    ~ writer version: 2 -> 7',
      'protocol    + feature deletionVectors: listed',
      'column      ~ id: integer -> long not null',
      'column      - gone: string',
      'column      + s: struct',
      'column      + s.x: string',
      'property    + delta.appendOnly: true',
      'progress    + silt:t:x:0: 7',
    ])
  })

  it('sees what changed within lists and maps, and another table in its place', () => {
    const inside = (type: DataType): StructType => {
      const item = struct([field('x', type)])
      return struct([
        field('l', { type: 'array', elementType: item, containsNull: true }),
        field('m', { type: 'map', keyType: 'string', valueType: item, valueContainsNull: true }),
      ])
    }
    const from = { ...version(0, []), schema: inside('long') }
    const to = { ...version(1, []), schema: inside('string'), metadata: { ...from.metadata, id: 'y' } }
    expect(diffLines(diffVersions(from, to)).slice(3)).toEqual([
      'protocol    ~ table id: x -> y',
      'column      ~ l.element.x: long -> string',
      'column      ~ m.value.x: long -> string',
    ])
  })
})

function file(path: string, rows: number): AddAction {
  const stats = JSON.stringify({ numRecords: rows })
  return { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true, stats }
}

function version(number: number, adds: readonly AddAction[]): Snapshot {
  const byPath = new Map(adds.map((add) => [add.path, add]))
  const files = { size: byPath.size, values: () => byPath.values(), get: (path: string) => byPath.get(path) }
  return {
    version: number,
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    metadata: { id: 'x', format: { provider: 'parquet' }, schemaString: '', partitionColumns: [], configuration: {} },
    schema: struct([field('id', 'integer'), field('gone', 'string')]),
    txns: new Map(),
    files,
  } as unknown as Snapshot
}
