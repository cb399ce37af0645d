import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ArrowParquetWriter, footerRowCount, HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import {
  checkTable,
  commitKey,
  entryFacts,
  history,
  loadSnapshot,
  loadState,
  requireWritable,
  writeCheckpoint,
} from '../../src/index.ts'
import { add, append, makeTable, plainSchema, remove, txn } from '../support/table.ts'
import { storeOfFolder, TestStore } from '../support/test-store.ts'

const reader = new HyparquetReader()
const writer = new ArrowParquetWriter()
/** The Python that has the engines. */
const python = process.env['SILT_TEST_PYTHON'] ?? 'python3'
const script = resolve(import.meta.dirname, '../support/read_table.py')
const makeScript = resolve(import.meta.dirname, '../support/make_table.py')
const appIds = ['silt:events:5f:0', 'silt-first:events:5f:0', 'silt:dead-letters', 'never']

interface Read {
  readonly version: number
  readonly txns: Readonly<Record<string, number | null>>
  readonly files: readonly string[]
  readonly rows: readonly (readonly [number, string | null])[]
  readonly duckRows: readonly (readonly [number, string | null])[]
}

/** The table as other engines read it from a folder. */
async function readByOthers(store: TestStore): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), 'silt-delta-'))
  try {
    for (const [key, { body }] of store.objects) {
      await mkdir(dirname(join(folder, key)), { recursive: true })
      await writeFile(join(folder, key), body)
    }
    return JSON.parse(execFileSync(python, [script, folder, ...appIds], { encoding: 'utf8' })) as Read
  } finally {
    await rm(folder, { recursive: true })
  }
}

function putFile(store: TestStore, path: string, ids: readonly number[]): ReturnType<typeof add> {
  const rows = ids.map((id) => ({ id: BigInt(id), name: id % 3 === 0 ? null : `n${id}` }))
  const body = writer.encodeRows(plainSchema, rows)
  store.objects.set(path, { body, modifiedMs: 1 })
  return add(path, ids.length, { size: body.byteLength, tags: { 'silt.ranges': '[{"partition":0}]' } })
}

/** Version 0 makes it, the last one moves a file. */
async function tableOf(versions: number, configuration: Readonly<Record<string, string>> = {}): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store, { configuration: { 'silt.format': '1', ...configuration } })
  for (let version = 1; version <= versions; version++) {
    const file = putFile(store, `part-${version}.zstd.parquet`, [version * 10, version * 10 + 1, version * 10 + 2])
    const first = version === 1 ? [txn('silt-first:events:5f:0', 0)] : []
    await append(store, file, txn('silt:events:5f:0', version * 3), txn('silt:dead-letters', version), ...first)
  }
  const moved = putFile(store, 'part-moved.zstd.parquet', [10, 11, 12])
  await append(store, { add: { ...moved.add, dataChange: false } }, remove('part-1.zstd.parquet', store.nowMs, false))
  return store
}

describe('a checkpointed table, its older commits gone', () => {
  it('is to deltalake and DuckDB what it was before: rows, files and txns', async () => {
    const store = await tableOf(12)
    const before = await readByOthers(store)
    expect(before.rows).toHaveLength(36)
    for (const version of [5, 13]) {
      await writeCheckpoint(store, reader, new StreamedParquetWriter(), version)
      const cut = store.copy()
      for (let below = 0; below < version; below++) cut.objects.delete(commitKey(below))
      const after = await readByOthers(cut)
      expect(after).toEqual(before)
      expect(after.duckRows).toEqual(after.rows)
      const snapshot = await loadSnapshot(cut, reader)
      expect(snapshot.version).toBe(after.version)
      expect([...snapshot.files.keys()].sort()).toEqual(after.files)
      for (const appId of appIds) expect(after.txns[appId] ?? undefined).toBe(snapshot.txns.get(appId))
      expect((await checkTable(cut, reader, { rowCount: footerRowCount })).findings).toEqual([])
    }
    expect(before.txns).toEqual({
      'silt:events:5f:0': 36,
      'silt-first:events:5f:0': 0,
      'silt:dead-letters': 12,
      never: null,
    })
    expect((await checkTable(store, reader, { rowCount: footerRowCount })).findings).toEqual([])
  })
})

describe('a table with V2 checkpoints, its older commits gone', () => {
  it('is to deltalake and DuckDB what it was before, whatever the name of the checkpoint', async () => {
    const store = await tableOf(12, { 'delta.checkpointPolicy': 'v2' })
    const features = ['v2Checkpoint']
    const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features }
    await append(store, { protocol })
    const before = await readByOthers(store)
    for (const version of [14, 15]) {
      if (version === 15)
        await append(store, putFile(store, 'part-15.zstd.parquet', [150]), txn('silt:dead-letters', 15))
      const wanted = await readByOthers(store)
      await writeCheckpoint(store, reader, new StreamedParquetWriter(), version)
      const cut = store.copy()
      for (let below = 0; below < version; below++) cut.objects.delete(commitKey(below))
      const after = await readByOthers(cut)
      expect(after).toEqual(wanted)
      expect(after.duckRows).toEqual(after.rows)
      expect((await checkTable(cut, reader, { rowCount: footerRowCount })).findings).toEqual([])
    }
    expect(before.rows).toHaveLength(36)
    const names = [...store.objects.keys()].filter((key) => key.includes('.checkpoint.'))
    expect(names.map((name) => /checkpoint\.parquet$/.test(name))).toEqual([true, false])
  })
})

describe('a table that deltalake made and worked on', () => {
  it('has the files deltalake says, at every version, and each commit is known for what it did', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'silt-delta-'))
    try {
      const made = JSON.parse(
        execFileSync(python, [makeScript, folder], { encoding: 'utf8' }),
      ) as readonly (readonly string[])[]
      const store = await storeOfFolder(folder)
      for (const [version, files] of made.entries()) {
        const snapshot = await loadSnapshot(store, reader, { version })
        expect([...snapshot.files.keys()].sort()).toEqual(files)
      }
      const kinds = (await history(store)).map(({ entry }) => entryFacts(entry).kind).reverse()
      expect(kinds).toEqual([
        'appends',
        'appends',
        'removes-data',
        'rearranges',
        'metadata',
        'restore',
        'overwrite',
        'appends',
      ])
      const state = await loadState(store, reader)
      if (state === undefined) throw new Error('no table')
      expect(state.checkpointVersion).toBe(6)
      expect(state.txns.get('app')).toBe(7)
      requireWritable(state)
      expect((await checkTable(store, reader, { rowCount: footerRowCount })).findings).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
