import { describe, expect, it } from 'vitest'
import { decodeEntry, encodeEntry } from '../../src/actions/entry-body.ts'

const decode = (text: string) => decodeEntry('_delta_log/00000000000000000007.json', new TextEncoder().encode(text))

describe('reading a commit', () => {
  it('names file and line of a line that is not JSON', () => {
    const cut = '{"txn":{"appId":"a","version":1}}\n{"add":{"path":"x'
    expect(() => decode(cut)).toThrow(/00000000000000000007\.json line 2: the line is not JSON/)
    expect(() => decode(cut)).toThrow(expect.objectContaining({ code: 'delta/broken-log', kind: 'data' }))
  })

  it('refuses an empty commit, which only a store without atomic puts leaves behind', () => {
    expect(() => decode('')).toThrow(/holds no action/)
    expect(() => decode('\n\n')).toThrow(/holds no action/)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => decodeEntry('k', new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(/k line 1: the line is not UTF-8/)
  })

  it.each([
    ['{"txn":{"appId":"a","version":9007199254740993}}', /txn\.version must be an integer below 2\^53/],
    ['{"txn":{"appId":"a","version":1.5}}', /txn\.version/],
    ['{"txn":{"version":1}}', /txn\.appId must be a string, found nothing/],
    [
      '{"add":{"path":"a","partitionValues":{},"size":9223372036854775807,"modificationTime":1,"dataChange":true}}',
      /add\.size/,
    ],
    [
      '{"add":{"path":"a","partitionValues":{"p":1},"size":1,"modificationTime":1,"dataChange":true}}',
      /partitionValues/,
    ],
    ['{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":1}}', /add\.dataChange/],
    ['{"metaData":{"id":"x","format":{"provider":"parquet"},"partitionColumns":[]}}', /metaData\.schemaString/],
    ['{"protocol":{"minReaderVersion":"1","minWriterVersion":2}}', /minReaderVersion/],
    ['{"txn":{"appId":"a","version":1},"add":{"path":"b"}}', /one action expected, found txn and add/],
    ['[]', /must be a JSON object/],
    ['3', /must be a JSON object/],
    ['{"add":[]}', /add must be an object/],
  ])('refuses %s', (line, message) => {
    expect(() => decode(line)).toThrow(message)
  })

  it('takes null fields for absent ones, and null actions for none', () => {
    expect(decode('{"txn":{"appId":"a","version":1,"lastUpdated":null},"add":null}\n{"add":null}\n')).toEqual([
      { txn: { appId: 'a', version: 1 } },
    ])
  })

  it('keeps actions and fields it does not know', () => {
    const lines = '{"telemetry":{"a":[1,{"b":null}]}}\n{"txn":{"appId":"a","version":1,"shard":"x"}}\n'
    expect(new TextDecoder().decode(encodeEntry(decode(lines)))).toBe(lines)
  })

  it('leaves out commitInfo fields of another type than the spec has: any JSON is allowed there', () => {
    const line =
      '{"commitInfo":{"timestamp":"soon","operation":7,"operationParameters":{"a":1,"b":{"c":[]}},"silt":{"v":1}}}'
    expect(decode(line)).toEqual([{ commitInfo: { operationParameters: { a: 1, b: { c: [] } }, silt: { v: 1 } } }])
    expect(decode('{"commitInfo":"hello"}')).toEqual([{ commitInfo: {} }])
  })

  it('leaves out what nests too deep to be written out again', () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    const actions = decode(`{"commitInfo":{"operation":"WRITE","x":${deep}}}\n{"later":${deep},"y":1}`)
    expect(actions).toEqual([{ commitInfo: { operation: 'WRITE' } }, { unknown: { later: null, y: 1 } }])
    expect(() => encodeEntry(actions)).not.toThrow()
  })

  it('is not confused by prototype names', () => {
    const line =
      '{"constructor":{"a":1}}\n{"add":{"path":"__proto__","partitionValues":{"__proto__":"x"},"size":1,"modificationTime":1,"dataChange":true}}\n'
    expect(new TextDecoder().decode(encodeEntry(decode(line)))).toBe(line)
  })
})
