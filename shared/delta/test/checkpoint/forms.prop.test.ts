import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import {
  checkTable,
  commitKey,
  encodeEntry,
  loadSnapshot,
  loadState,
  writeCheckpoint,
  type Action,
  type Snapshot,
} from '../../src/index.ts'
import { readCheckpoint } from '../../src/checkpoint/read-checkpoint.ts'
import { checkpointSchema } from '../../src/checkpoint/checkpoint-schema.ts'
import { actionBatch } from '../../src/checkpoint/checkpoint-batches.ts'
import { classicCheckpointKey, logPrefix, sidecarKey, versionPrefix } from '../../src/log/file-names.ts'
import { entryFaults } from '../../src/log/entry-rules.ts'
import { anyStateAction } from '../support/arbitrary.ts'
import { add, append, info, makeTable, remove, txn } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const reader = new HyparquetReader()
const writer = new StreamedParquetWriter({ rowGroupRowsMax: 3 })
const v2: Action = {
  protocol: {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['v2Checkpoint'],
    writerFeatures: ['v2Checkpoint', 'domainMetadata'],
  },
}

const anyCommit = fc
  .array(anyStateAction, { maxLength: 6 })
  .filter((actions: readonly Action[]) => entryFaults(actions).length === 0)
const anyHistory = fc.array(anyCommit, { minLength: 1, maxLength: 6 })

/** Nothing expires in it. */
async function tableOf(history: readonly (readonly Action[])[], policy: 'classic' | 'v2'): Promise<TestStore> {
  const store = new TestStore()
  store.nowMs = 0
  await makeTable(store, { configuration: { 'delta.checkpointPolicy': policy } })
  const commits = [[v2], ...history]
  commits.forEach((actions, index) => {
    store.objects.set(commitKey(index + 1), { body: encodeEntry([info(`t${index}`), ...actions]), modifiedMs: 0 })
  })
  return store
}

const text = (files: Iterable<object>): readonly string[] =>
  [...files].map((each) => JSON.stringify(Object.entries({ ...each, dataChange: false }).sort())).sort()

const stored = (snapshot: Snapshot): unknown => ({
  version: snapshot.version,
  protocol: snapshot.protocol,
  id: snapshot.metadata.id,
  txns: [...snapshot.txns].sort(),
  domains: [...snapshot.domains].sort(),
  files: text(snapshot.files),
  removes: text(snapshot.removes),
})

function cutBelow(store: TestStore, version: number): void {
  for (let below = 0; below <= version; below++) store.objects.delete(commitKey(below))
}

const checkpointKeys = (store: TestStore): readonly string[] =>
  [...store.objects.keys()].filter((key) => key.includes('.checkpoint.'))

/** The V1 checkpoint of `version` as other writers may have put it: in parts, or as JSON with the files in it or in a sidecar. */
async function rewritten(
  from: TestStore,
  version: number,
  as: 'parts' | 'json' | 'json with sidecar',
): Promise<TestStore> {
  const store = from.copy()
  const key = classicCheckpointKey(version)
  const actions: Action[] = []
  for await (const action of readCheckpoint(store, reader, { version, keys: [key] }, 'files')) actions.push(action)
  store.objects.delete(key)
  const schema = checkpointSchema({ stats: true, parsed: undefined })
  const put = (name: string, these: readonly Action[]): number => {
    const file = writer.open(schema)
    file.write(actionBatch(schema, these))
    const body = file.finish()
    store.objects.set(name, { body, modifiedMs: 0 })
    return body.length
  }
  if (as === 'parts') {
    const parts = [0, 1, 2].map((part) => actions.filter((_, index) => index % 3 === part))
    parts.forEach((part, index) => {
      const number = String(index + 1).padStart(10, '0')
      put(`${versionPrefix(version)}.checkpoint.${number}.0000000003.parquet`, part)
    })
    return store
  }
  const isFile = (action: Action): boolean => 'add' in action || 'remove' in action
  const inside = as === 'json' ? actions : actions.filter((action) => !isFile(action))
  const sizeInBytes = as === 'json' ? 0 : put(sidecarKey('one.parquet'), actions.filter(isFile))
  const sidecar: readonly Action[] =
    as === 'json' ? [] : [{ sidecar: { path: 'one.parquet', sizeInBytes, modificationTime: 0 } }]
  const body = encodeEntry([{ checkpointMetadata: { version } }, ...inside, ...sidecar])
  store.objects.set(`${versionPrefix(version)}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json`, {
    body,
    modifiedMs: 0,
  })
  return store
}

describe('every form of a checkpoint', () => {
  it('gives what the commits give, and so does one built on it', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, fc.nat(), async (history, at) => {
        const classic = await tableOf(history, 'classic')
        const sidecars = await tableOf(history, 'v2')
        const version = 1 + (at % (history.length + 1))
        const newest = history.length + 1
        const whole = stored(await loadSnapshot(classic, reader))
        await writeCheckpoint(classic, reader, writer, version)
        await writeCheckpoint(sidecars, reader, writer, version)
        const others = await Promise.all(
          (['parts', 'json', 'json with sidecar'] as const).map((as) => rewritten(classic, version, as)),
        )
        for (const store of [classic, sidecars, ...others]) {
          const differing = (await checkTable(store, reader)).findings.filter((each) =>
            each.code.startsWith('checkpoint'),
          )
          expect(differing).toEqual([])
          cutBelow(store, version - 1)
          expect(stored(await loadSnapshot(store, reader))).toEqual(whole)
          await writeCheckpoint(store, reader, writer, newest)
          cutBelow(store, newest)
          expect(stored(await loadSnapshot(store, reader))).toEqual(whole)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a table that wants V2 checkpoints', () => {
  const files = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      add(`part-${from + index}`, 1, { stats: 'x'.repeat(9) + (from + index) }),
    )

  it('has their files in sidecars, and one in eleven under the name every reader knows', async () => {
    const store = await tableOf([], 'v2')
    for (let version = 2; version <= 14; version++) {
      await append(store, ...files(version * 10, 3), txn('silt:t:x:0', version))
      await writeCheckpoint(store, reader, writer, version)
    }
    const classic = checkpointKeys(store).filter((key) => key.endsWith('.checkpoint.parquet'))
    expect(classic).toEqual([classicCheckpointKey(2), classicCheckpointKey(13)])
    expect(checkpointKeys(store)).toHaveLength(13)
    cutBelow(store, 14)
    const snapshot = await loadSnapshot(store, reader)
    expect(snapshot.files.size).toBe(39)
    expect(await loadState(store, reader)).toMatchObject({ version: 14, txns: new Map([['silt:t:x:0', 14]]) })
  })

  it('refers again to large sidecars of which nothing changed, and to no other', async () => {
    const store = await tableOf([], 'v2')
    // Too different to be compressed to less than is kept.
    let seed = 1
    const noise = (): string =>
      Array.from({ length: 600 }, () => (seed = (seed * 48_271) % 2_147_483_647).toString(36)).join('')
    const many = Array.from({ length: 600 }, (_, index) => add(`a-${index}`, 1, { stats: noise() }))
    await append(store, ...many)
    await writeCheckpoint(store, reader, writer, 2)
    const sidecarsOf = (): readonly string[] =>
      [...store.objects.keys()].filter((key) => key.startsWith(sidecarKey('')))
    const [first] = sidecarsOf()
    await append(store, ...files(0, 2))
    await writeCheckpoint(store, reader, writer, 3)
    expect(sidecarsOf()).toContain(first)
    expect(sidecarsOf()).toHaveLength(2)
    await append(store, remove('a-7', store.nowMs))
    await writeCheckpoint(store, reader, writer, 4)
    expect(sidecarsOf()).toHaveLength(3)
    cutBelow(store, 4)
    const snapshot = await loadSnapshot(store, reader)
    expect([snapshot.files.size, snapshot.files.has('a-7'), snapshot.removes.size]).toEqual([601, false, 1])
  })

  it('survives a death at each request, and a second attempt puts no sidecar twice', async () => {
    for (let death = 1; death < 40; death++) {
      const store = await tableOf([], 'v2')
      await append(store, ...files(0, 3), txn('silt:t:x:0', 5))
      let requests = 0
      store.before = () => {
        if (++requests === death) throw new Error('died')
      }
      await writeCheckpoint(store, reader, writer, 2).catch(() => undefined)
      const died = requests >= death
      store.before = () => undefined
      expect((await loadSnapshot(store, reader)).files.size).toBe(3)
      await writeCheckpoint(store, reader, writer, 2)
      const under = [...store.objects.keys()].filter((key) => key.startsWith(`${logPrefix}_sidecars/`))
      expect(under).toHaveLength(1)
      expect((await checkTable(store, reader)).findings.filter((each) => each.code.startsWith('checkpoint'))).toEqual(
        [],
      )
      if (!died) return
    }
    expect.fail('it never got through')
  })
})
