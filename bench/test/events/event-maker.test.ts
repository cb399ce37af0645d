import { describe, expect, test } from 'vitest'
import { eventTableSchema } from '@silt/contracts'
import { createRowDecoder } from '@silt/rows'
import { slabOf } from '../../../shared/dataplane/test/scan/slab.ts'
import { createEventMaker, typicalEvents, type EventOptions } from '../../events/event-maker.ts'

function made(count: number, options: Partial<EventOptions> = {}): string[] {
  const maker = createEventMaker({ ...typicalEvents, ...options })
  return Array.from({ length: count }, () => maker.next())
}

function bytesOnAverage(events: readonly string[]): number {
  return Buffer.byteLength(events.join('')) / events.length
}

describe('events made for measuring', () => {
  test('are the same for the same options', () => {
    expect(made(50)).toEqual(made(50))
    expect(made(50, { seed: 2 })).not.toEqual(made(50))
  })

  test('are of the sizes named', () => {
    for (const [size, bytes] of [
      ['small', 150],
      ['typical', 620],
      ['large', 2500],
    ] as const) {
      const average = bytesOnAverage(made(2000, { size }))
      expect(average / bytes).toBeGreaterThan(0.9)
      expect(average / bytes).toBeLessThan(1.1)
    }
  })

  test('have the values of the ordered ones when their keys are shuffled', () => {
    const keys = (event: string): string[] => Object.keys(JSON.parse(event) as object)
    const shuffled = made(200, { keyOrder: 'shuffled' })
    expect(new Set(shuffled.map((event) => keys(event).join())).size).toBe(200)
    expect(new Set(made(200).map((event) => keys(event).join())).size).toBe(1)
    expect(shuffled.every((event) => keys(event).length === 16)).toBe(true)
  })

  test('are rows, rescued or dead letters in the shares asked for', () => {
    const slab = slabOf(made(4000, { brokenShare: 0.1, rescuedShare: 0.1 }))
    const decoder = createRowDecoder({
      topic: 'events',
      topicId: null,
      cutAtMs: 0,
      failedAtMs: 0,
      schema: eventTableSchema,
      partitionColumns: [],
      evolution: 'add',
      columnsMax: 200,
      recordBytesMax: 1_000_000,
    })
    decoder.push(slab)
    const { counts, parts, schema } = decoder.finish([
      { partition: slab.partition, start: slab.start, endExclusive: slab.nextOffset },
    ])
    expect(counts[0]?.deadLetters).toBeGreaterThan(300)
    expect(counts[0]?.deadLetters).toBeLessThan(500)
    const rescuedAt = schema.fields.findIndex(({ name }) => name === '_rescued')
    expect(schema.fields).toHaveLength(eventTableSchema.fields.length)
    const { nullCount, length } = parts[0]!.batch.columns[rescuedAt]!
    expect(length - nullCount).toBeGreaterThan(280)
    expect(length - nullCount).toBeLessThan(450)
  })
})
