import { describe, expect, it } from 'vitest'
import { field, struct, type AddFile, type ColumnBatch, type ParquetFileWriter } from '@silt/core'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import {
  checkpointDue,
  checkTable,
  commitKey,
  loadSnapshot,
  loadState,
  withCheckpoint,
  writeCheckpoint,
} from '../../src/index.ts'
import { classicCheckpointKey } from '../../src/log/file-names.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const hintOf = (store: TestStore): unknown => JSON.parse(store.text('_delta_log/_last_checkpoint'))

const byPath = (a: AddFile, b: AddFile): number => (a.path < b.path ? -1 : 1)

/** Version 3: two live files, one fresh and one long expired tombstone, three txns. */
async function smallTable(): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store, { configuration: { 'delta.deletedFileRetentionDuration': 'interval 1 hour' } })
  await append(store, add('a', 5), add('old'), add('fresh'), txn('silt:t:x:0', 5))
  const other = { txn: { appId: 'other', version: 3, lastUpdated: 1 } }
  await append(store, remove('old', store.nowMs - 3_700_000), remove('fresh', store.nowMs), txn('silt:t:x:1', 2), other)
  await append(store, add('b%20c', 7, { tags: { 'silt.ranges': '[]' } }), txn('silt:t:x:0', 9))
  return store
}

const codecs = [
  { name: 'a stand-in codec', reader: fakeReader, writer: fakeWriter },
  { name: 'real Parquet', reader: new HyparquetReader(), writer: new StreamedParquetWriter() as ParquetFileWriter },
]

describe.each(codecs)('writing a checkpoint with $name', ({ reader, writer }) => {
  it('gives the same state without the commits below it', async () => {
    const store = await smallTable()
    const whole = await loadSnapshot(store, reader)
    expect(await writeCheckpoint(store, reader, writer, 3)).toMatchObject({ kind: 'written', version: 3, actions: 8 })
    expect(hintOf(store)).toMatchObject({ version: 3, size: 8, numOfAddFiles: 2 })
    expect((await checkTable(store, reader)).findings).toEqual([])
    for (const version of [0, 1, 2]) store.objects.delete(commitKey(version))
    const cut = await loadSnapshot(store, reader)
    expect(cut.txns).toEqual(whole.txns)
    expect(cut.metadata).toEqual(whole.metadata)
    expect(cut.protocol).toEqual(whole.protocol)
    const stored = [...whole.files].map((each) => ({ ...each, dataChange: false }))
    expect([...cut.files].sort(byPath)).toEqual(stored.sort(byPath))
    expect([...cut.removes].map((each) => each.path)).toEqual(['fresh'])
    expect(await loadState(store, reader)).toMatchObject({ version: 3, checkpointVersion: 3, txns: whole.txns })
    await append(store, add('d'))
    expect((await loadSnapshot(store, reader)).files.size).toBe(3)
    expect((await checkTable(store, reader)).findings).toEqual([])
  })

  it('builds on the checkpoint before it', async () => {
    const store = await smallTable()
    await writeCheckpoint(store, reader, writer, 2)
    for (const version of [0, 1, 2]) store.objects.delete(commitKey(version))
    await append(store, add('d'), txn('silt:t:x:2', 1))
    expect(await writeCheckpoint(store, reader, writer, 4)).toMatchObject({ kind: 'written' })
    const snapshot = await loadSnapshot(store, reader)
    expect([...snapshot.files.keys()].sort()).toEqual(['a', 'b%20c', 'd'])
    expect(Object.fromEntries(snapshot.txns)).toEqual({ 'silt:t:x:0': 9, 'silt:t:x:1': 2, 'silt:t:x:2': 1, other: 3 })
  })

  it('keeps a txn without lastUpdated without it, and one with it as it was', async () => {
    const store = await smallTable()
    await writeCheckpoint(store, reader, writer, 3)
    const rows: unknown[] = []
    const body = store.objects.get(classicCheckpointKey(3))?.body ?? new Uint8Array()
    for await (const each of reader.rows(body, { columns: ['txn'] })) rows.push(...each)
    const txns = rows
      .map((row) => (row as { txn: { appId: string; lastUpdated: unknown } | null }).txn)
      .filter((each) => each !== null)
    expect(txns.map((each) => [each.appId, Number(each.lastUpdated ?? 0)])).toEqual([
      ['silt:t:x:0', 0],
      ['silt:t:x:1', 0],
      ['other', 1],
    ])
  })
})

describe('a checkpoint', () => {
  it('is written once: the second call finds it', async () => {
    const store = await smallTable()
    await writeCheckpoint(store, fakeReader, fakeWriter, 3)
    const before = store.objects.get(classicCheckpointKey(3))
    expect(await writeCheckpoint(store, fakeReader, fakeWriter, 3)).toMatchObject({ kind: 'exists' })
    expect(store.objects.get(classicCheckpointKey(3))).toBe(before)
  })

  it('gets its hint when the process died before the hint moved', async () => {
    const store = await smallTable()
    await writeCheckpoint(store, fakeReader, fakeWriter, 3)
    store.objects.delete('_delta_log/_last_checkpoint')
    expect(await writeCheckpoint(store, fakeReader, fakeWriter, 3)).toMatchObject({ kind: 'exists' })
    expect(hintOf(store)).toMatchObject({ version: 3 })
  })

  it('survives a death at each of its requests', async () => {
    for (let death = 1; death < 30; death++) {
      const store = await smallTable()
      let requests = 0
      store.before = () => {
        if (++requests === death) throw new Error('died')
      }
      await writeCheckpoint(store, fakeReader, fakeWriter, 3).catch(() => undefined)
      const died = requests >= death
      store.before = () => undefined
      await expectSound(store)
      expect((await loadSnapshot(store, fakeReader)).files.size).toBe(2)
      await writeCheckpoint(store, fakeReader, fakeWriter, 3)
      expect(hintOf(store)).toMatchObject({ version: 3 })
      await expectSound(store)
      if (!died) return
    }
    expect.fail('it never got through')
  })

  it('never moves the hint back, unless it points at nothing', async () => {
    const store = await smallTable()
    await writeCheckpoint(store, fakeReader, fakeWriter, 3)
    await writeCheckpoint(store, fakeReader, fakeWriter, 1)
    expect(hintOf(store)).toMatchObject({ version: 3 })
    store.seed('_delta_log/_last_checkpoint', '{"version":900,"size":1}')
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    expect(hintOf(store)).toMatchObject({ version: 2 })
    expect(await loadState(store, fakeReader)).toMatchObject({ version: 3 })
  })

  it('does not move the hint to a file that reads back differently', async () => {
    const store = await smallTable()
    const forgetful: ParquetFileWriter = {
      open(schema) {
        const file = fakeWriter.open(schema)
        // Protocol, metadata and the first txn of three are in the first batch.
        const write = ({ columns, ...batch }: ColumnBatch): void =>
          file.write({ ...batch, rowCount: Math.min(3, batch.rowCount), columns })
        return { ...file, write }
      },
    }
    await expect(writeCheckpoint(store, fakeReader, forgetful, 3)).rejects.toMatchObject({
      code: 'delta/checkpoint-mismatch',
    })
    expect(store.objects.has('_delta_log/_last_checkpoint')).toBe(false)
  })

  it('replaces one that cannot be read, from the commits', async () => {
    const store = await smallTable()
    store.seed(classicCheckpointKey(3), 'PAR1 broken')
    expect(await loadState(store, fakeReader)).toMatchObject({ unreadableCheckpoints: [classicCheckpointKey(3)] })
    expect(await writeCheckpoint(store, fakeReader, fakeWriter, 3)).toMatchObject({ kind: 'written' })
    expect((await loadState(store, fakeReader))?.unreadableCheckpoints).toBeUndefined()
    await expectSound(store)
  })

  it('leaves out what the spec gives no column, and is none the worse', async () => {
    const store = new TestStore()
    await makeTable(store)
    store.seed(
      commitKey(1),
      store.text(commitKey(0)).replaceAll('"partitionColumns"', '"mood":"good","partitionColumns"'),
    )
    expect(store.text(commitKey(1))).toContain('mood')
    expect(await writeCheckpoint(store, fakeReader, fakeWriter, 1)).toMatchObject({ kind: 'written', actions: 2 })
  })

  it('is refused where the table wants partition values in it that have no typed form here', async () => {
    const store = new TestStore()
    const state = await makeTable(store, { configuration: { 'delta.checkpoint.writeStatsAsStruct': 'true' } })
    expect(checkpointDue({ ...state, version: 500 })).toBe(true)
    const schema = struct([field('id', 'long'), field('place', 'binary')])
    const metadata = { ...state.metadata, schemaString: JSON.stringify(schema), partitionColumns: ['place'] }
    await append(store, { metaData: metadata })
    await expect(writeCheckpoint(store, fakeReader, fakeWriter, 1)).rejects.toMatchObject({
      code: 'delta/unsupported-checkpoint',
      message: expect.stringContaining('place') as string,
    })
    expect(checkpointDue({ ...state, metadata, schema, version: 500 })).toBe(false)
  })
})

describe('when a checkpoint is due', () => {
  it('depends on the table alone: a failed one is due again at the next version', async () => {
    const store = new TestStore()
    const state = await makeTable(store)
    expect(checkpointDue({ ...state, version: 99 })).toBe(false)
    expect(checkpointDue({ ...state, version: 100 })).toBe(true)
    expect(checkpointDue({ ...state, version: 101 })).toBe(true)
    expect(checkpointDue(withCheckpoint({ ...state, version: 101 }, 100))).toBe(false)
    expect(checkpointDue(withCheckpoint({ ...state, version: 200 }, 100))).toBe(true)
    expect(checkpointDue({ ...state, version: 5 }, 5)).toBe(true)
  })
})
