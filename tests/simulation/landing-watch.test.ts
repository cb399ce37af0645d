import { expect, test } from 'vitest'
import type { LandedEntry } from './history.ts'
import { LandingWatch } from './landing-watch.ts'

test('a version that names a file nobody has put is found, whatever comes later', () => {
  const files = new Map([['main/a b.parquet', new Uint8Array()]])
  const watch = new LandingWatch(files, 3)
  watch.landed(entry('committer-1#1', { add: { path: 'a%20b.parquet' } }))
  watch.landed(entry('engine-1#1', { add: { path: 'theirs.parquet' } }))
  expect(watch.violations).toEqual([])
  watch.landed(entry('committer-1#1', { add: { path: 'late.parquet' } }))
  files.set('main/late.parquet', new Uint8Array())
  expect(watch.violations.map(({ name }) => name)).toEqual(['I4-file-not-there'])
})

test('a table is widened past its bound by others only', () => {
  const watch = new LandingWatch(new Map(), 3)
  watch.landed(entry('committer-1#1', described(3)))
  watch.landed(entry('engine-1#1', described(4)))
  watch.landed(entry('committer-1#1', described(4)))
  expect(watch.violations).toEqual([])
  watch.landed(entry('committer-1#1', described(5)))
  expect(watch.violations.map(({ name }) => name)).toEqual(['I10-columns'])
})

function described(columns: number): unknown {
  return { metaData: { schemaString: JSON.stringify({ fields: Array.from({ length: columns }, () => ({})) }) } }
}

function entry(by: string, action: unknown): LandedEntry {
  return { table: 'main', version: 1, body: Buffer.from(`${JSON.stringify(action)}\n`), atMs: 0, by }
}
