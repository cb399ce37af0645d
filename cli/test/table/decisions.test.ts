import { eventTableSchema, partitionAppId } from '@silt/contracts'
import { systemClock, systemRandom, struct, type ObjectStore } from '@silt/core'
import {
  commitEntry,
  commitInfo,
  commitKey,
  loadState,
  newTableActions,
  type Action,
  type TableState,
} from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { FaultyStore } from '@silt/object-store/testing'
import { HyparquetReader } from '@silt/parquet'
import { beforeEach, expect, test } from 'vitest'
import { adopt } from '../../src/table/adopt.ts'
import { commitDecision } from '../../src/table/commit-decision.ts'
import { pause } from '../../src/table/pause.ts'
import { resume } from '../../src/table/resume.ts'
import { pauseLine, standingOf } from '../../src/table/table-standing.ts'

let store: MemoryStore
beforeEach(() => {
  store = new MemoryStore({ clock: systemClock })
})

test('a table that cannot be written to by its partitions is not adopted', async () => {
  const view = { topic: 'events', partitions: [{ partition: 0, topicId: 'id' }], ends: [] }
  const tryAdopt = (state: TableState): unknown => adopt(view, new Map([[0, 0]]), 'earliest', 'me', state)
  const byOffset = await table(['_offset'])
  expect(() => tryAdopt(byOffset)).toThrow('the table is partitioned by _offset')
  store = new MemoryStore({ clock: systemClock })
  const byChannel = await table(['channel'])
  expect(() => tryAdopt(byChannel)).not.toThrow()
  store = new MemoryStore({ clock: systemClock })
  const whole = await table([])
  expect(() => tryAdopt(whole)).not.toThrow()
})

test('a table whose properties went back to before its adoption is taken over again, going on from its progress', async () => {
  const view = { topic: 'events', partitions: [{ partition: 0, topicId: 'id' }], ends: [] }
  const tryAdopt = (state: TableState, from: string): ReturnType<typeof adopt> =>
    adopt(view, new Map([[0, 7]]), from, 'me', state)
  const state = await table([])
  expect(() => tryAdopt(state, 'progress')).toThrow('holds no progress of topic events')
  const appId = partitionAppId('silt', { topic: 'events', topicId: 'id', partition: 0, restart: 0 })
  const again = { ...state, txns: new Map([[appId, 5]]) }
  expect(() => tryAdopt(again, 'earliest')).toThrow('--start-from progress')
  const { actions, decisions } = tryAdopt(again, 'progress')
  expect(actions.map((action) => Object.keys(action))).toEqual([['metaData']])
  expect(decisions).toEqual([{ kind: 'adopt', startFrom: 'progress', by: 'me' }])
})

test('a decision is not written to a store that lets a second put of a name through', async () => {
  await table([])
  const careless = new Proxy<ObjectStore>(store, {
    get(target, name) {
      if (name === 'putIfAbsent')
        return async (key: string, body: Uint8Array) => ({ kind: 'created', ...(await target.put(key, body)) })
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const decided = commitDecision(
    deps(careless),
    pause('moving', 'me', () => 1),
  )
  await expect(decided).rejects.toMatchObject({ code: 'store/no-put-if-absent' })
  expect((await stateOf()).version).toBe(0)
  expect(
    await commitDecision(
      deps(store),
      pause('moving', 'me', () => 1),
    ),
  ).toBe(1)
})

test('resume releases what the operator has seen, not what came while it was being committed', async () => {
  await table([], [begun])
  await commitAs('another', 'RESTORE')
  const decide = resume({ reason: 'looked', by: 'me', atVersion: undefined }, store)
  expect((await decide(await stateOf()))?.decisions).toEqual([
    { kind: 'resume', reason: 'looked', atVersion: 1, by: 'me' },
  ])
  await commitAs('another', 'RESTORE')
  await expect(decide(await stateOf())).rejects.toMatchObject({ code: 'table/parked-since' })
  const ahead = resume({ reason: 'looked', by: 'me', atVersion: 9 }, store)
  await expect(ahead(await stateOf())).rejects.toThrow('--at-version 9 does not exist')
})

const resumed = (reason?: string): Promise<number | undefined> =>
  commitDecision(deps(store), resume({ reason, by: 'me', atVersion: undefined }, store))
const paused = (by = 'me'): Promise<number | undefined> =>
  commitDecision(
    deps(store),
    pause('moving', by, () => 1_700_000_000_000),
  )

test('a table is paused once and resumed once: what is so already is not committed again', async () => {
  await table([])
  expect([await resumed(), await resumed('whatever')]).toEqual([undefined, undefined])
  expect([await paused('ann'), await paused('bob')]).toEqual([1, undefined])
  expect(await standingOf(store, await stateOf())).toEqual({
    paused: { version: 1, since: '2023-11-14T22:13:20.000Z', by: 'ann', reason: 'moving' },
    parked: null,
  })
  expect([await resumed(), await resumed()]).toEqual([2, undefined])
  expect(await standingOf(store, await stateOf())).toEqual({ paused: null, parked: null })
  expect([await paused(), await resumed()]).toEqual([3, 4])
})

test('of any number who pause at the same moment one commits, the others find it paused', async () => {
  await table([])
  const versions = await Promise.all(['a', 'b', 'c', 'd'].map(paused))
  expect(versions.filter((version) => version !== undefined)).toEqual([1])
  expect((await stateOf()).version).toBe(1)
})

test('a pause whose answer is lost is found in the log, not made twice', async () => {
  await table([])
  const lost = new FaultyStore(store, {
    clock: systemClock,
    plan: (call) =>
      call.operation === 'putIfAbsent' && call.key.includes('_delta_log') ? { kind: 'answer-lost' } : undefined,
  })
  expect(
    await commitDecision(
      deps(lost),
      pause('', 'me', () => 1),
    ),
  ).toBe(1)
  expect((await stateOf()).version).toBe(1)
})

test('what took long to decide is committed only while what it goes by is still the newest', async () => {
  await table([])
  let steadyMs = 0
  const slow = { ...deps(store), clock: { ...systemClock, monotonicMs: () => steadyMs } }
  const decide = pause('', 'me', () => 1)
  const slowly = async (state: TableState): ReturnType<typeof decide> => {
    steadyMs += 61_000
    return decide(state)
  }
  expect(await commitDecision(slow, slowly)).toBe(1)

  // Cleaned away meanwhile: a put of version 2 would succeed, on a name nobody reads.
  const cleaned = new MemoryStore({ clock: systemClock })
  let now: ObjectStore = store
  const cleanedLater = new Proxy<ObjectStore>(store, {
    get: (_, name) => {
      const value: unknown = Reflect.get(now, name)
      return typeof value === 'function' ? (value.bind(now) as unknown) : value
    },
  })
  const release = resume({ reason: undefined, by: 'me', atVersion: undefined }, store)
  const tooSlowly = async (state: TableState): ReturnType<typeof release> => {
    steadyMs += 61_000
    now = cleaned
    return release(state)
  }
  await expect(commitDecision({ ...slow, store: cleanedLater }, tooSlowly)).rejects.toMatchObject({
    code: 'decision/no-table',
  })
  expect((await cleaned.get(commitKey(2))).kind).toBe('missing')
})

test('a paused table whose early log is gone is still paused, by nobody known', async () => {
  await table([])
  await paused()
  const state = await stateOf()
  const empty = new MemoryStore({ clock: systemClock })
  expect((await standingOf(empty, state)).paused).toMatchObject({ version: 1, by: null, reason: null })
  expect(pauseLine({ version: 1, since: 't', by: null, reason: null })).toContain('no longer in the log')
})

test('a table both paused and parked needs a reason, and one command lets it go on', async () => {
  await table([], [begun])
  await paused()
  await commitAs('another', 'RESTORE')
  await expect(resumed()).rejects.toMatchObject({ code: 'table/reason-missing' })
  expect(await resumed('restored on purpose')).toBe(3)
  expect(await standingOf(store, await stateOf())).toEqual({ paused: null, parked: null })
})

async function commitAs(engineInfo: string, operation: string): Promise<void> {
  const version = (await stateOf()).version + 1
  const token = `${engineInfo}-${version}`
  const info = commitInfo({ timestampMs: 1, operation, engineInfo, token })
  await commitEntry(store, { version, actions: [info], token, readBack: false })
}

function deps(of: ObjectStore): Parameters<typeof commitDecision>[0] {
  return { store: of, reader: new HyparquetReader(), clock: systemClock, random: systemRandom, readBack: false }
}

/** Without progress nothing parks a table. */
const begun: Action = {
  txn: { appId: partitionAppId('silt', { topic: 'events', topicId: 'id', partition: 0, restart: 0 }), version: 0 },
}

async function table(partitionColumns: readonly string[], more: readonly Action[] = []): Promise<TableState> {
  const schema = struct(eventTableSchema.fields)
  const actions = newTableActions({ id: 'table', schema, partitionColumns, configuration: {}, createdMs: 1 })
  const info = commitInfo({ timestampMs: 1, operation: 'CREATE TABLE', engineInfo: 'another', token: 't' })
  await commitEntry(store, { version: 0, actions: [info, ...actions, ...more], token: 't', readBack: false })
  return stateOf()
}

async function stateOf(): Promise<TableState> {
  const state = await loadState(store, new HyparquetReader())
  if (state === undefined) throw new Error('no table')
  return state
}
