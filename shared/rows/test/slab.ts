import type { EncodeSpec, OversizedValue, RecordSlab } from '@silt/core'
import { eventTableSchema } from '@silt/contracts'

export interface TestRecord {
  readonly value: string | Uint8Array | null
  readonly key?: string | Uint8Array | null
  readonly headers?: Uint8Array | null
  readonly timestampMs?: number
  readonly offset?: number
  readonly oversized?: OversizedValue
}

export const kafkaMs = 1_700_000_000_123
export const cutAtMs = 1_750_000_000_000

/** A slab as a source would make it; the last byte of its arena is the last value's when `slackBytes` is 0. */
export function slabOf(
  records: readonly (TestRecord | string | Uint8Array | null)[],
  at: { readonly partition?: number; readonly start?: number; readonly slackBytes?: number } = {},
): RecordSlab {
  const start = at.start ?? 0
  const parts: Uint8Array[] = []
  let length = 0
  const put = (content: string | Uint8Array | null | undefined): [number, number] => {
    if (content === null || content === undefined) return [-1, -1]
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    parts.push(bytes)
    length += bytes.length
    return [length - bytes.length, length]
  }
  const all = records.map((each): TestRecord => (isBare(each) ? { value: each } : each))
  const placed = all.map((record) => ({
    key: put(record.key),
    headers: put(record.headers),
    value: put(record.oversized === undefined ? record.value : null),
  }))
  const bytes = new Uint8Array(Buffer.concat([...parts, new Uint8Array(at.slackBytes ?? 1)]))
  const offsets = Float64Array.from(all, (record, index) => record.offset ?? start + index)
  const column = (of: (each: (typeof placed)[number]) => number): Int32Array => Int32Array.from(placed, of)
  return {
    partition: at.partition ?? 0,
    start,
    nextOffset: all.length === 0 ? start : offsets[all.length - 1]! + 1,
    count: all.length,
    offsets,
    timestampsMs: Float64Array.from(all, (record) => record.timestampMs ?? kafkaMs),
    bytes,
    sizeBytes: bytes.byteLength,
    keyStarts: column((each) => each.key[0]),
    keyEnds: column((each) => each.key[1]),
    valueStarts: column((each) => each.value[0]),
    valueEnds: column((each) => each.value[1]),
    headerStarts: column((each) => each.headers[0]),
    headerEnds: column((each) => each.headers[1]),
    oversized: new Map(
      all.flatMap((record, index) => (record.oversized === undefined ? [] : [[index, record.oversized] as const])),
    ),
  }
}

export function specOf(changes: Partial<EncodeSpec> = {}): EncodeSpec {
  return {
    topic: 'analytics-events',
    topicId: 'topic-id',
    cutAtMs,
    failedAtMs: 1_760_000_000_000,
    schema: eventTableSchema,
    partitionColumns: [],
    evolution: 'add',
    columnsMax: 200,
    recordBytesMax: 1024 * 1024,
    ...changes,
  }
}

function isBare(record: TestRecord | string | Uint8Array | null): record is string | Uint8Array | null {
  return record === null || typeof record === 'string' || record instanceof Uint8Array
}
