import { expect } from 'vitest'
import { field, struct, type AddFile, type StructType } from '@silt/core'
import {
  checkTable,
  commitEntry,
  commitInfo,
  decodePath,
  loadState,
  newTableActions,
  type Action,
  type TableState,
} from '../../src/index.ts'
import { fakeReader } from './fake-parquet.ts'
import type { TestStore } from './test-store.ts'

const tableId = '0c1f2ad5-63a0-4b8e-9a5e-0f6c1d2e3f40'

export const plainSchema: StructType = struct([field('id', 'long'), field('name', 'string')])

export function info(token: string, operation = 'STREAMING UPDATE'): Action {
  return commitInfo({ timestampMs: 1_700_000_000_000, operation, engineInfo: 'silt/test', token })
}

export function add(path: string, rows = 1, extra: Partial<AddFile> = {}): { readonly add: AddFile } {
  return {
    add: {
      path,
      partitionValues: {},
      size: 10,
      modificationTime: 1_700_000_000_000,
      dataChange: true,
      stats: JSON.stringify({ numRecords: rows }),
      ...extra,
    },
  }
}

export function remove(path: string, deletionTimestamp: number, dataChange = true): Action {
  return { remove: { path, deletionTimestamp, dataChange } }
}

export function txn(appId: string, version: number): Action {
  return { txn: { appId, version } }
}

/** Version 0 of a table with `plainSchema`. */
export async function makeTable(
  store: TestStore,
  options: { configuration?: Readonly<Record<string, string>>; extra?: readonly Action[] } = {},
): Promise<TableState> {
  const actions = [
    info('create', 'CREATE TABLE'),
    ...newTableActions({
      id: tableId,
      schema: plainSchema,
      partitionColumns: [],
      configuration: options.configuration ?? {},
      createdMs: 1,
    }),
    ...(options.extra ?? []),
  ]
  await commit(store, 0, actions, 'create')
  const state = await loadState(store, fakeReader)
  if (state === undefined) throw new Error('the table was not made')
  return state
}

/** Commits and puts a data file of ten bytes under every add that has none. */
async function commit(store: TestStore, version: number, actions: readonly Action[], token: string): Promise<void> {
  for (const action of actions)
    if ('add' in action && !store.objects.has(decodePath(action.add.path)))
      store.seed(decodePath(action.add.path), '0123456789')
  const outcome = await commitEntry(store, { version, actions, token, readBack: false })
  expect(outcome.kind).toBe('committed')
}

/** Commits as the next version, with the token `t<version>`. */
export async function append(store: TestStore, ...actions: readonly Action[]): Promise<void> {
  const newest =
    [...store.objects.keys()]
      .filter((key) => /\/\d{20}\.json$/.test(key))
      .sort()
      .at(-1) ?? ''
  const version = Number(/\d{20}/.exec(newest)?.[0] ?? -1) + 1
  await commit(store, version, [info(`t${version}`), ...actions], `t${version}`)
}

/** The last step of every test that touches a table. */
export async function expectSound(store: TestStore): Promise<void> {
  expect((await checkTable(store, fakeReader)).findings).toEqual([])
}
