import { eventTableSchema } from '@silt/contracts'
import { systemClock, systemRandom, struct, type ObjectStore } from '@silt/core'
import { commitEntry, commitInfo, loadState, newTableActions, type TableState } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { beforeEach, expect, test } from 'vitest'
import { adopt } from '../../src/table/adopt.ts'
import { commitDecision } from '../../src/table/commit-decision.ts'
import { resume } from '../../src/table/resume.ts'

let store: MemoryStore
beforeEach(() => {
  store = new MemoryStore({ clock: systemClock })
})

test('a table that cannot be written to by its partitions is not adopted', async () => {
  const view = { topic: 'events', partitions: [{ partition: 0, topicId: 'id' }], ends: [] }
  const tryAdopt = (state: TableState): unknown => adopt(view, new Map([[0, 0]]), 'earliest', 'me', state)
  const byChannel = await table(['channel'])
  expect(() => tryAdopt(byChannel)).toThrow('the table is partitioned by channel')
  store = new MemoryStore({ clock: systemClock })
  const whole = await table([])
  expect(() => tryAdopt(whole)).not.toThrow()
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
  const decided = commitDecision(deps(careless), resume('looked', 'me', undefined))
  await expect(decided).rejects.toMatchObject({ code: 'store/no-put-if-absent' })
  expect((await stateOf()).version).toBe(0)
  expect(await commitDecision(deps(store), resume('looked', 'me', undefined))).toBe(1)
})

test('resume releases what the operator has seen, not what came while it was being committed', async () => {
  const state = await table([])
  const decide = resume('looked', 'me', undefined)
  decide(state)
  expect(decide({ ...state, version: 5 }).decisions).toEqual([
    { kind: 'resume', reason: 'looked', atVersion: state.version, by: 'me' },
  ])
  expect(() => resume('looked', 'me', 9)(state)).toThrow('--at-version 9 does not exist')
})

function deps(of: ObjectStore): Parameters<typeof commitDecision>[0] {
  return { store: of, reader: new HyparquetReader(), clock: systemClock, random: systemRandom, readBack: false }
}

async function table(partitionColumns: readonly string[]): Promise<TableState> {
  const schema = struct(eventTableSchema.fields)
  const actions = newTableActions({ id: 'table', schema, partitionColumns, configuration: {}, createdMs: 1 })
  const info = commitInfo({ timestampMs: 1, operation: 'CREATE TABLE', engineInfo: 'another', token: 't' })
  await commitEntry(store, { version: 0, actions: [info, ...actions], token: 't', readBack: false })
  return stateOf()
}

async function stateOf(): Promise<TableState> {
  const state = await loadState(store, new HyparquetReader())
  if (state === undefined) throw new Error('no table')
  return state
}
