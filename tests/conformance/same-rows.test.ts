import { afterAll, expect, test } from 'vitest'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { expectedOfFolder, expectSameRows, generatedRow, type ExpectedRow } from '../support/expected-rows.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt } from '../support/silt-process.ts'
import { handMadeEvents } from './hand-made-events.ts'

afterAll(killAllSilt)

/** Types of the event table as Arrow names them. */
const arrowTypes: Readonly<Record<string, string>> = {
  timestamp: 'timestamp[us, zoned]',
  channel: 'string',
  user_id: 'string',
  interaction_value: 'double',
  metadata: 'string',
  _partition: 'int32',
  _offset: 'int64',
  _kafka_timestamp: 'timestamp[us, zoned]',
  _rescued: 'string',
  score: 'double',
  vip: 'bool',
  plan: 'string',
  cart: 'string',
}
const handMade = new Map(handMadeEvents)

/** The row a line of either kind must become. */
const rowOf = (line: string): ExpectedRow => handMade.get(line) ?? generatedRow(line)

test('every engine reads values, types and nulls as the events had them, before and after a checkpoint', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder, { BATCH_SIZE: '10', COMMIT_INTERVAL_MIN_MS: '10', END_POLL_MS: '20' })
    await table.append(0, [...handMade.keys()])
    await table.appendGenerated(1, 2000)
    await table.settle()
    const engines = await expectSameRows(table.tablePath, await expectedOfFolder(table.topicFolder, rowOf), { folder })
    expect(Object.keys(engines)).toEqual(['deltalake', 'polars', 'duckdb delta', 'duckdb parquet', 'pyarrow'])
    for (const [engine, { types }] of Object.entries(engines)) expect(types, engine).toMatchObject(arrowTypes)

    // Small units, committed one by one, until a checkpoint is there.
    const running = table.run()
    for (let round = 0; round < 200 && !running.logs.some(({ msg }) => msg === 'wrote a checkpoint'); round++) {
      await table.appendGenerated(round % 2, 20)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(await running.terminate(), running.tail()).toBe(0)
    expect(running.logs.map(({ msg }) => msg)).toContain('wrote a checkpoint')
    await table.settle()
    await expectSameRows(table.tablePath, await expectedOfFolder(table.topicFolder, rowOf), { folder })
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved', foreignRows: 0 })
    await table.expectSound()
  }))

test('a table partitioned by event_date is read the same, its dates taken from UTC', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder, { PARTITION_BY: 'event_date' })
    const dated = (line: string): ExpectedRow => {
      const row = rowOf(line)
      return { ...row, event_date: new Date(Number(row['timestamp']) / 1000).toISOString().slice(0, 10) }
    }
    await table.append(
      0,
      [...handMade].filter(([, row]) => row['timestamp'] !== undefined).map(([line]) => line),
    )
    await table.appendGenerated(0, 500)
    await table.settle()
    await expectSameRows(table.tablePath, await expectedOfFolder(table.topicFolder, dated), { folder })
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved' })
    await table.expectSound()
  }))
