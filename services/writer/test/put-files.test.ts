import type { EncodedFile, ObjectStore, PutResult } from '@silt/core'
import { seededRandom, systemClock } from '@silt/core'
import { MemoryStore } from '@silt/object-store'
import { expect, test } from 'vitest'
import { putFiles } from '../src/put-files.ts'

const unit = { unitId: 'unit-1', tags: { 'silt.unit': 'unit-1' } }

test('files are described in order, dated by the store, and none is said to be older than the earliest put', async () => {
  const store = memory()
  let put = 0
  // As with objects in parts: the first to be begun may be the last to be answered.
  const dated: Puts = async (key, body) => {
    await store.put(key, body)
    return { storeTimeMs: 5_000 - 1_000 * put++ }
  }
  const { adds, putAt } = await putFiles(deps(), { ...store, put: dated } as ObjectStore, files(3), unit)
  expect(adds.map(({ size, modificationTime }) => [size, modificationTime])).toEqual([
    [1, 5_000],
    [2, 4_000],
    [3, 3_000],
  ])
  expect(putAt).toBe(3_000)
})

test('at most four files are put at a time, and a name is never used twice', async () => {
  const store = memory()
  const keys: string[] = []
  let [now, most] = [0, 0]
  const counted: Puts = async (key, body) => {
    keys.push(key)
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now--
    return await store.put(key, body)
  }
  await putFiles(deps(), { ...store, put: counted } as ObjectStore, files(9), unit)
  expect(most).toBe(4)
  expect(new Set(keys).size).toBe(9)
})

test('a failure is told only once nothing of the unit is under way, and ends the puts', async () => {
  let [ended, begun] = [0, 0]
  const failing: Puts = async () => {
    const index = begun++
    for (let turn = 0; turn < index; turn++) await new Promise((resolve) => setImmediate(resolve))
    ended++
    if (index === 0) throw new Error('refused')
    return { storeTimeMs: 1 }
  }
  const putting = putFiles(deps(), { ...memory(), put: failing } as ObjectStore, files(6), unit)
  await expect(putting).rejects.toThrow('refused')
  expect([begun, ended]).toEqual([4, 4])
})

test('a unit without files has no put time', async () => {
  expect(await putFiles(deps(), memory(), [], unit)).toEqual({ adds: [], putAt: undefined })
})

type Puts = (key: string, body: Uint8Array) => Promise<PutResult>

function memory(): MemoryStore {
  return new MemoryStore({ clock: systemClock })
}

function deps() {
  return { clock: systemClock, random: seededRandom(7), onPut: () => undefined }
}

/** The first has one byte, the second two. */
function files(count: number): EncodedFile[] {
  return Array.from({ length: count }, (_, index) => ({
    partitionValues: {},
    bytes: new Uint8Array(index + 1),
    rowCount: 1,
    stats: '{}',
  }))
}
