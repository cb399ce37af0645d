import { describe, expect, it } from 'vitest'
import { loadSnapshot, refreshSnapshot } from '../../src/index.ts'
import { fakeReader } from '../support/fake-parquet.ts'
import { add, append, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

describe('reading a snapshot on', () => {
  it('ends as a load does where the table came to be read in a way that is not known', async () => {
    const store = new TestStore()
    await makeTable(store)
    const before = await loadSnapshot(store, fakeReader)
    const features = ['futureThing']
    const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features }
    await append(store, { protocol }, add('a'))
    const refused = expect.objectContaining({ code: 'delta/unsupported-feature' }) as Error
    await expect(loadSnapshot(store, fakeReader)).rejects.toEqual(refused)
    await expect(refreshSnapshot(store, fakeReader, before)).rejects.toEqual(refused)
  })
})
