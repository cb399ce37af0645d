import type { ParquetRow } from '@silt/core'
import { FaultyStore } from '@silt/object-store/testing'
import { ArrowParquetWriter, HyparquetReader, StreamedParquetWriter, footerRowCount } from '@silt/parquet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { append, cleanLog, deleteRows, optimize, overwrite, setProperty, type EngineDeps } from './index.ts'
import { keysOf, newTableWorld, overtaken, type TableWorld } from './table-world.ts'

let world: TableWorld
beforeEach(async () => {
  world = await newTableWorld()
  await world.table.settle(0, 6)
  await world.table.settle(1, 4)
  await world.table.settle(0, 5)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
})

const progress = async (): Promise<readonly (readonly [string, number])[]> =>
  [...(await world.now()).txns].filter(([appId]) => appId.startsWith('silt'))

describe('a blind append', () => {
  test('brings rows of nobody, which the audit tells apart', async () => {
    const before = await progress()
    expect(await append(world.engine, { rows: 3 })).toMatchObject({ kind: 'done', version: 5 })
    expect(await world.newestFacts()).toMatchObject({ kind: 'appends', operation: 'WRITE' })
    expect(await progress()).toEqual(before)
    expect([await world.verdict(), await world.parkedBy()]).toEqual(['proved', undefined])
  })

  test('counts a txn of its own up', async () => {
    await append(world.engine, { rows: 1, appId: 'their-job' })
    await append(world.engine, { rows: 1, appId: 'their-job' })
    expect((await world.now()).txns.get('their-job')).toBe(2)
  })

  test('is committed after the winner, with the file it has written', async () => {
    const engine = overtaken(world.engine, 2, () => world.table.settle(1, 2))
    expect(await append(engine, { rows: 1 })).toMatchObject({ kind: 'done', version: 7 })
    expect((await keysOf(world.store)).filter((key) => key.endsWith('snappy.parquet'))).toHaveLength(1)
    expect(await world.verdict()).toBe('proved')
  })

  test('is lost to one who describes the table anew, and to one who is always first', async () => {
    const described = overtaken(world.engine, 1, () => setProperty(world.engine, 'a', 'b'))
    expect(await append(described, { rows: 1 })).toEqual({ kind: 'lost' })
    const late = overtaken(world.engine, 99, () => world.table.settle(1, 1))
    expect(await append(late, { rows: 1 })).toEqual({ kind: 'lost' })
    expect((await world.now()).files.size).toBe(3 + 5)
  })

  test('that the store does not take is a failure with a code; a lost answer is found in the log', async () => {
    const faulty = (kind: 'fail-before' | 'answer-lost', operation: string): EngineDeps => {
      const plan = (call: { readonly operation: string }) => (call.operation === operation ? { kind } : undefined)
      return { ...world.engine, store: new FaultyStore(world.store, { plan, clock: world.clock }) }
    }
    const failed = { kind: 'failed', code: 'store/unavailable' }
    expect(await append(faulty('fail-before', 'put'), { rows: 1 })).toEqual(failed)
    expect(await append(faulty('fail-before', 'list'), { rows: 1 })).toEqual(failed)
    expect(await append(faulty('answer-lost', 'putIfAbsent'), { rows: 1 })).toMatchObject({ kind: 'done', version: 5 })
  })
})

describe('a compaction', () => {
  test('makes one file of several, without tags, and every row stays', async () => {
    expect(await optimize(world.engine, { tags: 'merged', filesMax: 3 })).toMatchObject({ kind: 'done', version: 5 })
    expect(await world.newestFacts()).toMatchObject({ kind: 'rearranges', addedFiles: 1 })
    const files = [...(await world.now()).files.values()]
    expect(files.filter(({ tags }) => tags === undefined)).toHaveLength(1)
    expect(files.every(({ stats }) => stats?.includes('numRecords'))).toBe(true)
    expect([await world.verdict(), await world.parkedBy()]).toEqual(['proved', undefined])
  })

  test('by an engine that carries tags along rewrites each file by itself', async () => {
    const tagsOf = async (): Promise<unknown> => [...(await world.now()).files.values()].map(({ tags }) => tags)
    const [tags, keys] = [await tagsOf(), [...(await world.now()).files.keys()]]
    const outcome = await optimize({ ...world.engine, random: { ...world.random, next: () => 0 } }, { tags: 'kept' })
    expect(outcome).toMatchObject({ kind: 'done', did: 'rewrote 3 files as 3, tags kept' })
    expect(await tagsOf()).toEqual(tags)
    expect([...(await world.now()).files.keys()].filter((key) => keys.includes(key))).toEqual([])
    expect(await world.verdict()).toBe('proved')
  })

  test('stands beside appends that win, and is lost to a removal of what it has read', async () => {
    const appended = overtaken(world.engine, 1, () => world.table.settle(0, 1))
    expect(await optimize(appended, { tags: 'merged' })).toMatchObject({ kind: 'done', version: 6 })
    const removed = overtaken(world.engine, 1, () => overwrite(world.engine))
    expect(await optimize(removed, { tags: 'kept' })).toEqual({ kind: 'lost' })
  })

  test('of too few files of Silt is none', async () => {
    const fresh = await newTableWorld()
    await append(fresh.engine, { rows: 1 })
    await append(fresh.engine, { rows: 1 })
    await fresh.table.settle(0, 1)
    expect(await optimize(fresh.engine, { tags: 'merged' })).toMatchObject({ kind: 'nothing' })
    expect(await optimize(fresh.engine, { tags: 'kept' })).toMatchObject({ kind: 'done' })
  })
})

describe('rows taken away', () => {
  test('by an overwrite park the table', async () => {
    const before = await progress()
    expect(await overwrite(world.engine)).toMatchObject({ kind: 'done', version: 5 })
    expect([await world.parkedBy(), (await world.now()).files.size]).toEqual(['WRITE', 1])
    expect(await progress()).toEqual(before)
    expect(await world.verdict()).toBe('removed-by-others')
  })

  test.each(['whole', 'part'] as const)('by a DELETE of %s of a file are told by the audit', async (extent) => {
    expect(await deleteRows(world.engine, extent)).toMatchObject({ kind: 'done', version: 5 })
    expect(await world.newestFacts()).toMatchObject({ kind: 'removes-data', addedFiles: extent === 'part' ? 1 : 0 })
    expect([await world.verdict(), await world.parkedBy()]).toEqual(['removed-by-others', undefined])
  })

  test('of a table without files are none', async () => {
    expect(await deleteRows((await newTableWorld()).engine, 'part')).toMatchObject({ kind: 'nothing' })
  })
})

test('the same seed makes the same log, another seed another', async () => {
  const logOf = async (seed: number): Promise<readonly string[]> => {
    const other = await newTableWorld(seed)
    for (const partition of [0, 1, 0, 1]) await other.table.settle(partition, 3)
    await append(other.engine, { rows: 2 })
    await optimize(other.engine, { tags: 'merged' })
    await deleteRows(other.engine, 'part')
    const bodies: string[] = []
    for (const key of await keysOf(other.store, '_delta_log/')) {
      const found = await other.store.get(key)
      if (found.kind === 'found') bodies.push(Buffer.from(found.body).toString())
    }
    return bodies
  }
  expect(await logOf(7)).toEqual(await logOf(7))
  expect(await logOf(7)).not.toEqual(await logOf(8))
})

test('real Parquet goes through it as well: every row is still there, and theirs is as written', async () => {
  const [reader, writer, files] = [new HyparquetReader(), new ArrowParquetWriter(), new StreamedParquetWriter()]
  const real = await newTableWorld(1, {
    rows: (file, options) => reader.rows(file, options),
    batches: (source, schema) => reader.batches(source, schema),
    open: (schema) => files.open(schema),
    encode: (batch) => writer.encode(batch),
    encodeRows: (schema, rows) => writer.encodeRows(schema, rows),
    rowCount: footerRowCount,
  })
  await real.table.settle(0, 6)
  await real.table.settle(0, 5)
  await append(real.engine, { rows: 1 })
  expect(await optimize(real.engine, { tags: 'merged' })).toMatchObject({ kind: 'done' })
  expect(await deleteRows(real.engine, 'part')).toMatchObject({ kind: 'done' })
  expect(await cleanLog(real.engine, { keepVersions: 0 })).toMatchObject({ kind: 'done' })
  expect(await real.findings()).toEqual([])
  const rows: ParquetRow[] = []
  for (const path of (await real.now()).files.keys()) {
    const found = await real.store.get(path)
    if (found.kind === 'found') for await (const some of reader.rows(found.body)) rows.push(...some)
  }
  const timestamp = BigInt(real.clock.nowMs()) * 1000n
  const theirs = { timestamp, channel: 'theirs', event_type: 'import', _topic: null, _offset: null }
  expect(rows).toContainEqual(expect.objectContaining(theirs))
  expect(rows.filter(({ channel }) => channel === 'web')).toHaveLength(5)
})
