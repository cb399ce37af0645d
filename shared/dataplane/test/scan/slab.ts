import { eventTableSchema } from '@silt/contracts'
import type { EncodeSpec, RecordSlab } from '@silt/core'
import { randomEvent } from './random-event.ts'
import { mutate } from './mutate.ts'
import type { Seeded } from './random.ts'

export const kafkaMs = 1_763_600_000_123

/** Values as a source would hand them over, each right behind the other; null is a tombstone. */
export function slabOf(
  values: readonly (Uint8Array | string | null)[],
  timestampMs: (index: number) => number = () => kafkaMs,
): RecordSlab {
  const parts = values.map((value) => Buffer.from(value ?? ''))
  let at = 0
  const ends = parts.map((part) => (at += part.length))
  const none = new Int32Array(values.length).fill(-1)
  const bytes = new Uint8Array(Buffer.concat([...parts, Buffer.of(0x7d)]))
  return {
    partition: 3,
    start: 1_000,
    nextOffset: 1_000 + values.length,
    count: values.length,
    offsets: Float64Array.from(values, (_, index) => 1_000 + index),
    timestampsMs: Float64Array.from(values, (_, index) => timestampMs(index)),
    bytes,
    sizeBytes: bytes.byteLength,
    keyStarts: none,
    keyEnds: none,
    valueStarts: Int32Array.from(values, (value, index) => (value === null ? -1 : ends[index]! - parts[index]!.length)),
    valueEnds: Int32Array.from(values, (value, index) => (value === null ? -1 : ends[index]!)),
    headerStarts: none,
    headerEnds: none,
    oversized: new Map(),
  }
}

const times = [
  kafkaMs,
  kafkaMs,
  kafkaMs,
  -1,
  0,
  -2_208_988_800_000,
  -2_208_988_800_001,
  253_402_300_799_999,
  253_402_300_800_000,
  1e16,
  -2,
]

/** Events and as many mutants of each as `mutants` says. */
export function randomSlab(random: Seeded, spec: EncodeSpec, events: number, mutants: number): RecordSlab {
  const originals = Array.from({ length: events }, () => Buffer.from(randomEvent(random, spec)))
  const values = originals.flatMap((original) => [
    original,
    ...Array.from({ length: mutants }, () => mutate(random, original, random.pick(originals))),
  ])
  return slabOf(random.once(20) ? [null, '', ...values] : values, () =>
    random.once(20) ? random.pick(times) : kafkaMs + random.below(1000),
  )
}

/** The event table as Silt makes it. */
export const eventSpec: EncodeSpec = {
  topic: 'analytics-events',
  topicId: 'topic-id',
  cutAtMs: 1_750_000_000_000,
  failedAtMs: 1_760_000_000_000,
  schema: eventTableSchema,
  partitionColumns: [],
  evolution: 'add',
  columnsMax: 200,
  recordBytesMax: 16 * 1024 * 1024,
}
