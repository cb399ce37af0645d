import { eventTableSchema, partitionAppId } from '@silt/contracts'
import { struct, type Log } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { commitEntry, commitInfo, newTableActions } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { Health } from '@silt/telemetry'
import { beforeEach, expect, test } from 'vitest'
import { watchUntilIdle } from '../../src/compose/idle-watch.ts'

let clock: ManualClock
let store: MemoryStore
let health: Health
let warnings: string[]
let log: Log

beforeEach(async () => {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  health = new Health(['ingestor'])
  warnings = []
  log = { ...silentLog, warn: (_fields, message) => void warnings.push(message) }
  const schema = struct(eventTableSchema.fields)
  const appId = partitionAppId('silt', { topic: 'events', topicId: 'id', partition: 0, restart: 0 })
  await commit(0, 'CREATE TABLE', [
    ...newTableActions({ id: 't', schema, partitionColumns: [], configuration: {}, createdMs: 1 }),
    { txn: { appId, version: 0 } },
  ])
})

async function commit(version: number, operation: string, actions: readonly object[] = []): Promise<void> {
  const info = commitInfo({ timestampMs: 1, operation, engineInfo: 'x', token: `t${version}` })
  await commitEntry(store, { version, actions: [info, ...(actions as [])], token: `t${version}`, readBack: false })
}

function watch(committerElsewhere: boolean, signal = new AbortController().signal): ReturnType<typeof watchUntilIdle> {
  const reader = new HyparquetReader()
  return watchUntilIdle({ clock, log, health, store, reader, committerElsewhere }, signal)
}

test('what is waited for is said again every half a minute, as long as it is waited for', async () => {
  const stop = new AbortController()
  const watching = watch(false, stop.signal)
  health.waiting('ingestor', 'topic "events" does not exist: check KAFKA_TOPIC')
  await clock.advance(100_000)
  expect(warnings).toHaveLength(3)
  expect(warnings[0]).toContain('check KAFKA_TOPIC')
  health.ready('ingestor')
  await clock.advance(100_000)
  expect(warnings).toHaveLength(3)
  stop.abort()
  await clock.advance(1)
  expect(await watching).toBeUndefined()
})

test('a parked table ends the wait where the committer is elsewhere, and is left to the committer where it is here', async () => {
  const [alone, together] = [watch(true), watch(false)]
  await clock.advance(20_000)
  await commit(1, 'RESTORE')
  await clock.advance(20_000)
  expect(await alone).toMatchObject({ code: 'committer/parked', kind: 'unsupported' })
  let isOver = false
  void together.then(() => (isOver = true))
  await clock.advance(20_000)
  expect(isOver).toBe(false)
})
