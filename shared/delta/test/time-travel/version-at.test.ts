import { describe, expect, it } from 'vitest'
import { commitInfo, commitKey, loadSnapshot, writeCheckpoint, type Action } from '../../src/index.ts'
import { encodeEntry } from '../../src/actions/entry-body.ts'
import { readableVersions } from '../../src/log/segment.ts'
import { parseLogFile } from '../../src/log/file-names.ts'
import { versionAt } from '../../src/time-travel/version-at.ts'
import { fakeReader, fakeWriter } from '../support/fake-parquet.ts'
import { add, append, makeTable } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

async function threeVersions(): Promise<TestStore> {
  const store = new TestStore()
  await makeTable(store)
  await append(store, add('a'))
  await append(store, add('b'))
  ;[100, 300, 200].forEach((modifiedMs, version) => dated(store, version, modifiedMs))
  return store
}

function dated(store: TestStore, version: number, modifiedMs: number): void {
  const found = store.objects.get(commitKey(version))
  if (found !== undefined) store.objects.set(commitKey(version), { ...found, modifiedMs })
}

/**
 * Versions 0 to `newest`, in-commit timestamps 1000 + 10 a version from version `enabled` on; before that the store dates them 100 + 10 a version.
 * The store dates those with a clock of their own all wrong.
 */
async function stamped(
  newest: number,
  enabled: number,
  properties: Readonly<Record<string, string>>,
): Promise<TestStore> {
  const store = new TestStore()
  const configuration = { 'delta.enableInCommitTimestamps': 'true', ...properties }
  await makeTable(store, { configuration })
  const created = store.text(commitKey(0)).split('\n')
  for (let version = 0; version <= newest; version++) {
    const stamp = version >= enabled ? { inCommitTimestamp: 1000 + 10 * version } : {}
    const written = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'another', token: `t${version}` })
    const info: Action = { commitInfo: { ...('commitInfo' in written ? written.commitInfo : {}), ...stamp } }
    const made = version === 0 ? created.slice(1).join('\n') : ''
    const body = new TextDecoder().decode(encodeEntry([info, ...(version === 0 ? [] : [add(`f${version}`)])])) + made
    store.seed(commitKey(version), body)
    dated(store, version, version >= enabled ? 5 : 100 + 10 * version)
  }
  return store
}

const enabledAt = (version: number): Readonly<Record<string, string>> => ({
  'delta.inCommitTimestampEnablementVersion': String(version),
  'delta.inCommitTimestampEnablementTimestamp': String(1000 + 10 * version),
})

describe('time travel by version', () => {
  it('gives the version asked for, or says which there are', async () => {
    const store = await threeVersions()
    expect([...(await loadSnapshot(store, fakeReader, { version: 1 })).files.keys()]).toEqual(['a'])
    await expect(loadSnapshot(store, fakeReader, { version: 3 })).rejects.toMatchObject({
      code: 'delta/version-missing',
      message: expect.stringContaining('has no version 3; versions 0 to 2 can be read') as string,
    })
    await expect(loadSnapshot(new TestStore(), fakeReader)).rejects.toMatchObject({ code: 'delta/no-table' })
  })

  it('says the range of a cleaned log', async () => {
    const store = await threeVersions()
    await writeCheckpoint(store, fakeReader, fakeWriter, 1)
    store.objects.delete(commitKey(0))
    await expect(loadSnapshot(store, fakeReader, { version: 0 })).rejects.toMatchObject({
      code: 'delta/version-missing',
      message: expect.stringContaining('versions 1 to 2 can be read') as string,
    })
  })
})

describe('time travel by the time of the store', () => {
  it('makes times ascend', async () => {
    const store = await threeVersions()
    expect(await versionAt(store, fakeReader, 100)).toBe(0)
    expect(await versionAt(store, fakeReader, 299)).toBe(0)
    expect(await versionAt(store, fakeReader, 300)).toBe(1)
    expect(await versionAt(store, fakeReader, 301)).toBe(2)
    expect(await versionAt(store, fakeReader, 1e15)).toBe(2)
    expect([...(await loadSnapshot(store, fakeReader, { timestampMs: 300 })).files.keys()]).toEqual(['a'])
  })

  it('says what the oldest is where none is as old', async () => {
    await expect(versionAt(await threeVersions(), fakeReader, 99)).rejects.toMatchObject({
      code: 'delta/version-missing',
      message: expect.stringContaining(
        'no version as old as 1970-01-01T00:00:00.099Z; the oldest that can be read is 0, of 1970-01-01T00:00:00.100Z',
      ) as string,
    })
  })

  it('chooses no version that can be listed and not read', async () => {
    const store = await threeVersions()
    await writeCheckpoint(store, fakeReader, fakeWriter, 2)
    store.objects.delete(commitKey(0))
    await expect(versionAt(store, fakeReader, 300)).rejects.toMatchObject({ code: 'delta/version-missing' })
    expect(await versionAt(store, fakeReader, 301)).toBe(2)
  })

  it('a table is no table', async () => {
    await expect(versionAt(new TestStore(), fakeReader, 1)).rejects.toMatchObject({ code: 'delta/no-table' })
  })
})

describe('time travel by in-commit timestamps', () => {
  it('goes by them and not by the store, with some GETs and not one a version', async () => {
    const store = await stamped(200, 0, {})
    await writeCheckpoint(store, fakeReader, fakeWriter, 200)
    store.requests.length = 0
    expect(await versionAt(store, fakeReader, 1000 + 10 * 137 + 9)).toBe(137)
    expect(store.requests.filter((each) => each.startsWith('get')).length).toBeLessThan(20)
    expect(await versionAt(store, fakeReader, 1000)).toBe(0)
    expect(await versionAt(store, fakeReader, 1009)).toBe(0)
    expect(await versionAt(store, fakeReader, 1e15)).toBe(200)
    await expect(versionAt(store, fakeReader, 999)).rejects.toMatchObject({ code: 'delta/version-missing' })
  })

  it.each([
    [99, 'delta/version-missing'],
    [100, 0],
    [129, 2],
    [500, 3], // Before the clock: only versions below it count, however late the time.
    [1039, 3],
    [1040, 4],
    [1059, 5],
    [9999, 9],
  ])('enabled at version 4: %i ms', async (timestampMs, expected) => {
    const found = versionAt(await stamped(9, 4, enabledAt(4)), fakeReader, timestampMs)
    if (typeof expected === 'number') expect(await found).toBe(expected)
    else await expect(found).rejects.toMatchObject({ code: expected })
  })

  it('where clean-up took what came before the clock, the range begins with what is left', async () => {
    const store = await stamped(9, 4, enabledAt(4))
    await writeCheckpoint(store, fakeReader, fakeWriter, 6)
    for (let version = 0; version < 6; version++) store.objects.delete(commitKey(version))
    for (const timestampMs of [500, 1050])
      await expect(versionAt(store, fakeReader, timestampMs)).rejects.toMatchObject({
        code: 'delta/version-missing',
        message: expect.stringContaining('the oldest that can be read is 6, of 1970-01-01T00:00:01.060Z') as string,
      })
    expect(await versionAt(store, fakeReader, 1065)).toBe(6)
  })

  it('names the commit that lacks the timestamp its table promises', async () => {
    const store = await stamped(3, 4, {})
    await expect(versionAt(store, fakeReader, 1020)).rejects.toMatchObject({
      code: 'delta/broken-log',
      message: expect.stringContaining(commitKey(0)) as string,
    })
  })
})

describe('the versions that can be read', () => {
  const v = (version: number): string => String(version).padStart(20, '0')
  const range = (...names: readonly string[]): unknown =>
    readableVersions(names.map((name) => `_delta_log/${name}`).flatMap((key) => parseLogFile(key, 0) ?? []))

  it.each([
    ['all', [`${v(0)}.json`, `${v(1)}.json`], { oldest: 0, newest: 1 }],
    [
      'from a checkpoint',
      [`${v(3)}.json`, `${v(4)}.checkpoint.parquet`, `${v(4)}.json`, `${v(5)}.json`],
      { oldest: 4, newest: 5 },
    ],
    ['from a checkpoint without its commit', [`${v(4)}.checkpoint.parquet`, `${v(5)}.json`], { oldest: 5, newest: 5 }],
    [
      'from a checkpoint after a hole',
      [`${v(0)}.json`, `${v(2)}.json`, `${v(3)}.checkpoint.parquet`, `${v(3)}.json`],
      { oldest: 3, newest: 3 },
    ],
    ['none without a checkpoint', [`${v(3)}.json`], undefined],
    ['none', [], undefined],
  ])('%s', (_, names, expected) => {
    expect(range(...names)).toEqual(expected)
  })
})
