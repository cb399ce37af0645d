import { eventTableSchema, partitionAppId, partitionProgress } from '@silt/contracts'
import { seededRandom } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { commitEntry, commitInfo, loadState, newTableActions, type Action, type TableState } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { MemorySource } from '@silt/source'
import { beforeEach, expect, test } from 'vitest'
import { acceptGap, commitOnTopic, restartAll } from '../../src/partition/decide-partition.ts'
import type { DecisionDeps } from '../../src/table/commit-decision.ts'

const topic = 'events'
const operator = { sourceKind: 'memory', by: 'me' } as const
const clock = new ManualClock()
let store: MemoryStore
let source: MemorySource

/** Partition 0 was cut short below what is committed, partition 1 goes on. */
beforeEach(async () => {
  store = new MemoryStore({ clock })
  source = new MemorySource({ clock })
  source.createTopic(topic, 2, 'id')
  for (const partition of [0, 1]) source.append(topic, partition, records(10))
  source.log(topic, 0).truncateTo(4)
  const table = { id: 'table', schema: eventTableSchema, partitionColumns: [], configuration: {}, createdMs: 1 }
  await commit(newTableActions(table))
  await commit([progress(0, 10), progress(1, 10)])
})

test('restart all leaves a partition alone that takes events while it is being decided', async () => {
  let flows = 2
  const deps = { ...decisionDeps(), source: lookedAt(() => (flows-- > 0 ? flow() : Promise.resolve())) }
  await commitOnTopic(deps, topic, (view, state) => restartAll(view, state, operator))
  const { txns } = await stateOf()
  expect(partitionProgress(txns, topic, 'id', 0)).toMatchObject({ restart: 1, next: 0, first: 0 })
  expect(partitionProgress(txns, topic, 'id', 1)).toMatchObject({ restart: 0, next: 14 })
})

test('restart all of a topic whose partitions all go on is refused', async () => {
  source.append(topic, 0, records(6))
  const decided = commitOnTopic({ ...decisionDeps(), source }, topic, (view, state) =>
    restartAll(view, state, operator),
  )
  await expect(decided).rejects.toMatchObject({ code: 'partition/not-applicable' })
  expect((await stateOf()).version).toBe(1)
})

test('a gap is accepted up to where the log begins when it is committed', async () => {
  source.append(topic, 1, records(30))
  source.log(topic, 1).deleteBelow(20)
  await commitOnTopic({ ...decisionDeps(), source }, topic, (view, state) => acceptGap(view, 1, state, operator))
  expect(partitionProgress((await stateOf()).txns, topic, 'id', 1)).toMatchObject({ next: 20, accepted: 10 })
})

/** What live actors do meanwhile: two more events in partition 1, committed. */
async function flow(): Promise<void> {
  source.append(topic, 1, records(2))
  await commit([progress(1, source.log(topic, 1).readableEnd)])
}

/** The source, after each look at whose ends something happens. */
function lookedAt(act: () => Promise<void>): MemorySource {
  return new Proxy(source, {
    get(target, name) {
      if (name === 'ends')
        return async (...given: Parameters<MemorySource['ends']>) => {
          const ends = await target.ends(...given)
          await act()
          return ends
        }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

function records(count: number): readonly { readonly value: Uint8Array }[] {
  return Array.from({ length: count }, () => ({ value: new TextEncoder().encode('{}') }))
}

function progress(partition: number, next: number): Action {
  return { txn: { appId: partitionAppId('silt', { topic, topicId: 'id', partition, restart: 0 }), version: next } }
}

function decisionDeps(): DecisionDeps {
  return { store, reader: new HyparquetReader(), clock, random: seededRandom(1), readBack: false }
}

let commits = 0
async function commit(actions: readonly Action[]): Promise<void> {
  const version = ((await loadState(store, new HyparquetReader()))?.version ?? -1) + 1
  const token = `t${commits++}`
  const info = commitInfo({ timestampMs: 1, operation: 'STREAMING UPDATE', engineInfo: 'test', token })
  const outcome = await commitEntry(store, { version, actions: [info, ...actions], token, readBack: false })
  expect(outcome.kind).toBe('committed')
}

async function stateOf(): Promise<TableState> {
  const state = await loadState(store, new HyparquetReader())
  if (state === undefined) throw new Error('no table')
  return state
}
