import { eventTableSchema } from '@silt/contracts'
import { field, struct, systemClock, type RecordSlab } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../../shared/source/test/kafka/batch-encoder.ts'
import { FakeCluster } from '../../../../shared/source/test/kafka/fake-broker.ts'
import { slabRecords, type SlabRecord } from '../../../../shared/source/test/kafka/slab-records.ts'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import { AnyWidthEncoder } from '../../src/unit-threads/any-width-encoder.ts'
import { UnitTrail } from '../../src/unit-trail.ts'
import { kafkaOrder, recordBytesMax, sourceOf } from '../support/kafka-place.ts'

const records = [
  { offset: 0, value: '{"user_id":"a"}', key: 'k', headers: [['trace', '0']] as const },
  { offset: 2, value: null, key: null },
  { offset: 3, value: 'x'.repeat(recordBytesMax + 1), key: 'l' },
  { offset: 5, value: '{"user_id":"ä"}' },
]
const wideSchema = struct([
  ...eventTableSchema.fields,
  ...Array.from({ length: 12_000 }, (_, k) => field(`c${k}`, 'long')),
])

let cluster: FakeCluster
beforeEach(async () => {
  cluster = await FakeCluster.start()
  cluster.append(0, 5, encodeBatch({ records, codec: 'lz4' }))
})
afterEach(() => cluster.close())

/** Runs the topic through a plane with another encoder for wide tables; what that one was given. */
async function givenToWide(spec: Parameters<typeof kafkaOrder>[3]): Promise<readonly RecordSlab[]> {
  const plane = new PlaneEncoder()
  const given: RecordSlab[] = []
  const encoder = new AnyWidthEncoder(plane, async () => ({
    open: async (wide) => {
      // As wide a file takes many seconds.
      const session = await new InlineEncoder().open({ ...wide, schema: eventTableSchema })
      return {
        push: (slab) => {
          given.push(slab)
          return session.push(slab)
        },
        condemn: (slab, detail) => session.condemn(slab, detail),
        finish: (ranges) => session.finish(ranges),
        abandon: () => session.abandon(),
      }
    },
    close: () => Promise.resolve(),
  }))
  const limits = { answerBytesMax: 1 << 20, batchBytesMax: 1 << 20, batchRecordsMax: 1000, recordBytesMax }
  const source = sourceOf(cluster, plane.reading(limits))
  const runner = new LocalUnitRunner({ source, encoder, clock: systemClock })
  try {
    const { unit } = await runner.run(kafkaOrder(cluster, 0, 6, spec), new UnitTrail(), new AbortController().signal)
    expect(unit.counts).toMatchObject([{ read: 4, rows: 2, deadLetters: 2, gaps: 2 }])
    return given
  } finally {
    await Promise.all([source.close(), encoder.close()])
  }
}

async function plainRecords(): Promise<SlabRecord[]> {
  const source = sourceOf(cluster, undefined)
  const found: SlabRecord[] = []
  const request = { ...kafkaOrder(cluster, 0, 6).job, partition: 0, start: 0, endExclusive: 6 }
  for await (const slab of source.read(request, new AbortController().signal)) found.push(...slabRecords(slab))
  await source.close()
  return found
}

describe('tables of any width', () => {
  test('are encoded in the plane where it has room', async () => {
    expect(await givenToWide({})).toEqual([])
  })

  test('are encoded elsewhere where it has none, of copies of the slabs that stand there', async () => {
    const given = await givenToWide({ schema: wideSchema, columnsMax: 20_000 })
    expect(given.flatMap((slab) => slabRecords(slab))).toEqual(await plainRecords())
    expect(given.map(({ bytes, sizeBytes }) => bytes.byteLength - sizeBytes)).toEqual([0])
    expect([...given[0]!.oversized.values()]).toMatchObject([{ lengthBytes: recordBytesMax + 1 }])
  })

  test('and those with rules of rows are: the plane evaluates no SQL', async () => {
    const checks = [{ kind: 'constraint', name: 'known', sql: "user_id IN ('a', 'ä')" }] as const
    const given = await givenToWide({ layout: { rowRules: { checks, generated: [], defaults: [] } } })
    expect(given.flatMap((slab) => slabRecords(slab))).toEqual(await plainRecords())
  })
})
