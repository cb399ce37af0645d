import { describe, expect, it } from 'vitest'
import { loadSnapshot, planRestore, type Action, type Snapshot } from '../../src/index.ts'
import { fakeReader } from '../support/fake-parquet.ts'
import { add, append, expectSound, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const nowMs = 1_700_000_100_000
const vector = { storageType: 'i', pathOrInlineDv: 'x', sizeInBytes: 1, cardinality: 1 }

describe('a restore', () => {
  it('takes away what came since and brings back what went, and leaves progress alone', async () => {
    const store = await tableWith([add('a'), txn('silt:t:x:0', 5)], [add('b'), txn('silt:t:x:0', 9)], [remove('a', 1)])
    const plan = await planned(store, 1)
    expect(plan.actions).toMatchObject([
      { remove: { path: 'b', dataChange: true, deletionTimestamp: nowMs } },
      { add: { path: 'a', dataChange: true } },
    ])
    expect(plan.returning.map(({ path }) => path)).toEqual(['a'])
    await append(store, ...plan.actions)
    const restored = await loadSnapshot(store, fakeReader)
    expect([...restored.files.values()].map(({ path }) => path)).toEqual(['a'])
    expect(restored.txns.get('silt:t:x:0')).toBe(9)
    await expectSound(store)
    expect((await planned(store, 1)).actions).toEqual([])
  })

  it('brings back the rows that a vector deleted, in one commit that is valid', async () => {
    const store = await tableWith([add('a')], [remove('a', 1), { add: { ...add('a').add, deletionVector: vector } }])
    const plan = await planned(store, 1)
    expect(plan.actions).toMatchObject([{ remove: { path: 'a', deletionVector: vector } }, { add: { path: 'a' } }])
    await append(store, ...plan.actions)
    const restored = await loadSnapshot(store, fakeReader)
    expect(restored.files.get('a')?.deletionVector).toBeUndefined()
  })

  it('brings back schema and properties, but not what must not go back', async () => {
    const store = await tableWith([add('a')])
    const before = await loadSnapshot(store, fakeReader)
    const { metadata } = before
    const wider = metadata.schemaString.replace(
      '"fields":[',
      '"fields":[{"name":"new","type":"long","nullable":true,"metadata":{}},',
    )
    const configuration = {
      ...metadata.configuration,
      'silt.format': '1',
      'delta.enableChangeDataFeed': 'true',
      'delta.enableRowTracking': 'true',
    }
    await append(store, { metaData: { ...metadata, schemaString: wider, configuration } })
    const [action] = (await planned(store, 1)).actions as readonly [Extract<Action, { metaData: unknown }>]
    expect(action.metaData).toEqual({
      ...metadata,
      configuration: { ...metadata.configuration, 'silt.format': '1', 'delta.enableRowTracking': 'true' },
    })
  })

  it('brings back the columns it is clustered by, of domains those alone', async () => {
    const domain = (name: string, configuration: string): Action => ({
      domainMetadata: { domain: name, configuration, removed: false },
    })
    const by = (column: string): Action => domain('delta.clustering', JSON.stringify({ clusteringColumns: [[column]] }))
    const store = await tableWith([add('a')], [by('id')], [by('name'), domain('user.x', 'kept')])
    expect((await planned(store, 2)).actions).toEqual([by('id')])
    const unclustered = (await planned(store, 1)).actions
    expect(unclustered).toMatchObject([{ domainMetadata: { domain: 'delta.clustering', removed: true } }])
    await append(store, ...unclustered)
    expect([...(await loadSnapshot(store, fakeReader)).domains.keys()]).toEqual(['user.x'])
    expect((await planned(store, 2)).actions).toEqual([by('id')])
    await expectSound(store)
  })

  it.each<[string, (target: Snapshot) => Snapshot, string]>([
    ['another table', (each) => ({ ...each, metadata: { ...each.metadata, id: 'other' } }), 'another table (other)'],
    [
      'a dropped feature',
      (each) => ({
        ...each,
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: ['deletionVectors'],
          writerFeatures: ['deletionVectors'],
        },
      }),
      'deletionVectors',
    ],
    [
      'a switched mapping',
      (each) => ({ ...each, metadata: { ...each.metadata, configuration: { 'delta.columnMapping.mode': 'id' } } }),
      'was id',
    ],
  ])('of a version of %s is refused', async (_, change, message) => {
    const store = await tableWith([add('a')])
    const snapshot = await loadSnapshot(store, fakeReader)
    expect(() => planRestore(snapshot, change(snapshot), nowMs)).toThrow(message)
    expect(() => planRestore(snapshot, change(snapshot), nowMs)).toThrow(
      expect.objectContaining({ code: 'table/restore-refused' }),
    )
  })
})

async function tableWith(...commits: readonly (readonly Action[])[]): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  for (const actions of commits) await append(store, ...actions)
  return store
}

async function planned(store: TestStore, version: number): Promise<ReturnType<typeof planRestore>> {
  return planRestore(await loadSnapshot(store, fakeReader), await loadSnapshot(store, fakeReader, { version }), nowMs)
}
