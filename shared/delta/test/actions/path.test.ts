import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePath, encodePath, partitionFolder } from '../../src/index.ts'
import { fileKey } from '../../src/actions/file-key.ts'
import { isAbsolutePath } from '../../src/actions/path.ts'

describe('paths in the log', () => {
  it('encodes what a URI cannot hold and keeps folders readable', () => {
    expect(encodePath('event_date=2026-11-22/part-0.zstd.parquet')).toBe('event_date=2026-11-22/part-0.zstd.parquet')
    expect(encodePath('a b/c%3A#?ü:x')).toBe('a%20b/c%253A%23%3F%C3%BC%3Ax')
  })

  it('never makes a relative path look absolute', () => {
    expect(isAbsolutePath(encodePath('s3:x/y'))).toBe(false)
    expect(isAbsolutePath('s3://bucket/y')).toBe(true)
    expect(isAbsolutePath('/y')).toBe(true)
  })

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) => {
        expect(decodePath(encodePath(path))).toBe(path)
      }),
    )
  })

  it('refuses text that is not encoded rightly, while replay goes on with it as it stands', () => {
    expect(() => decodePath('100%')).toThrow(expect.objectContaining({ code: 'delta/invalid-path' }))
    expect(() => encodePath('\ud800')).toThrow(expect.objectContaining({ code: 'delta/invalid-path' }))
    expect(fileKey({ path: '100%' })).toBe('100%')
  })

  it('tells logical files apart by path as decoded and by deletion vector', () => {
    const vector = { storageType: 'u', pathOrInlineDv: 'x', sizeInBytes: 1, cardinality: 1 }
    expect(fileKey({ path: 'a%20b' })).toBe(fileKey({ path: 'a b' }))
    expect(fileKey({ path: 'a', deletionVector: vector })).not.toBe(fileKey({ path: 'a' }))
    expect(fileKey({ path: 'a', deletionVector: { ...vector, offset: 4 } })).not.toBe(
      fileKey({ path: 'a', deletionVector: vector }),
    )
  })
})

describe('folders of partitions', () => {
  it.each([
    [{ event_date: '2026-11-22' }, 'event_date=2026-11-22'],
    [{ a: 'x', b: null }, 'a=x/b=__HIVE_DEFAULT_PARTITION__'],
    [{ a: '' }, 'a=__HIVE_DEFAULT_PARTITION__'],
    [{ a: '10:30/..\\ ü' }, 'a=10%3A30%2F..%5C%20ü'],
    [{ 'a=b': '%2F' }, 'a%3Db=%252F'],
    [{}, ''],
  ])('of %j', (values, folder) => {
    expect(partitionFolder(values)).toBe(folder)
  })

  it('are cut where a file system would refuse them', () => {
    expect(partitionFolder({ a: 'ü'.repeat(500) })).toBe(`a=${'ü'.repeat(99)}`)
  })

  it.each([1, 6, 7, 64, 500])('of %i columns with long values fit into the key of an object', (count) => {
    const values = Object.fromEntries(Array.from({ length: count }, (_, index) => [`column${index}`, 'ü'.repeat(500)]))
    const folder = partitionFolder(values)
    expect(Buffer.byteLength(folder)).toBeLessThanOrEqual(640)
    expect(folder.split('/').every((each) => each.length > 2)).toBe(true)
  })
})
