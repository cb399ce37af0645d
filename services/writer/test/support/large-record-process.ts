import { eventTableSchema, jobVersion } from '@silt/contracts'
import { ThreadUnitRunner } from '../../src/unit-threads/thread-unit-runner.ts'
import { largeRecordTopic } from './large-record-topic.ts'

/**
 * Runs units in two threads, three at once, then one with a large record, then as many again. Prints what memory is resident after each, MiB, and how often
 * a thread has let go of its own: a line of JSON.
 */
let replaced = 0
const runner = new ThreadUnitRunner({
  threads: 2,
  module: new URL('./large-record-thread.ts', import.meta.url),
  workerData: largeRecordTopic,
  watch: { onReplaced: () => replaced++ },
})

async function runUnits(count: number, partition: number, records: number): Promise<number> {
  let left = count
  const runOne = async (): Promise<void> => {
    while (left-- > 0) {
      const ranges = [{ partition, start: 0, endExclusive: records, restart: 0 }]
      const job = {
        v: jobVersion,
        unitId: '0123456789abcdef',
        tableId: 'table',
        topic: 'events',
        topicId: null,
        ranges,
      }
      const spec = {
        ...{
          topic: 'events',
          topicId: null,
          cutAtMs: 0,
          failedAtMs: 0,
          schema: eventTableSchema,
          partitionColumns: [],
        },
        ...({ evolution: 'add', columnsMax: 200, recordBytesMax: largeRecordTopic.largeBytes * 2 } as const),
      }
      const order = { job: { ...job, cutAtMs: 0, full: true } as const, spec, unitBytesMax: 128 * 2 ** 20 }
      const { unit } = await runner.run(order, { onSlab: () => undefined }, new AbortController().signal)
      if (unit.counts[0]?.rows !== records) throw new Error(`rows are missing: ${JSON.stringify(unit.counts)}`)
    }
  }
  await Promise.all([runOne(), runOne(), runOne()])
  return process.memoryUsage.rss() / 2 ** 20
}

const before = await runUnits(9, 0, 20_000)
await runUnits(1, largeRecordTopic.largePartition, 400)
const after = await runUnits(9, 0, 20_000)
await runner.close()
console.log(JSON.stringify({ before, after, replaced }))
