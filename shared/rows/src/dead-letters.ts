import { deadLetterSchema, type DeadLetterReason } from '@silt/contracts'
import type { ColumnBatch, RecordSlab } from '@silt/core'
import { BytesColumn, IntegerColumn, LongColumn } from './column-builders.ts'
import type { Instant } from './instant.ts'
import { decodeKafkaHeaders } from './kafka-headers.ts'
import { constantText } from './row-part.ts'

/** A detail is for people; the record itself is beside it. */
const detailCharsMax = 1024

/** The dead-letter rows of one unit, in the layout of the dead-letter table. Bounded by the slabs they come from. */
export class DeadLetters {
  count = 0
  readonly #partitions = new IntegerColumn()
  readonly #offsets = new LongColumn()
  readonly #kafkaTimestamps = new LongColumn()
  readonly #keys = new BytesColumn()
  readonly #values = new BytesColumn()
  readonly #headers = new BytesColumn()
  readonly #headerEnds = new IntegerColumn()
  readonly #headerKeys = new BytesColumn()
  readonly #headerValues = new BytesColumn()
  #headerCount = 0
  readonly #reasons = new BytesColumn()
  readonly #details = new BytesColumn()

  /** Keeps record `index` of the slab, key, value and headers as received; a value too large for a row is left out. */
  add(slab: RecordSlab, index: number, kafkaTimestamp: Instant, reason: DeadLetterReason, detail: string | null): void {
    const row = this.count++
    this.#partitions.append(row, slab.partition)
    this.#offsets.appendSafeInteger(row, slab.offsets[index]!)
    this.#kafkaTimestamps.appendMicros(row, kafkaTimestamp.seconds, kafkaTimestamp.micros)
    if (slab.keyStarts[index]! >= 0)
      appendBytes(this.#keys, row, slab.bytes.subarray(slab.keyStarts[index], slab.keyEnds[index]))
    if (slab.valueStarts[index]! >= 0 && reason !== 'too-large')
      appendBytes(this.#values, row, slab.bytes.subarray(slab.valueStarts[index], slab.valueEnds[index]))
    const headersAreSound = this.#addHeaders(slab, index, row)
    appendText(this.#reasons, row, reason)
    const details = [detail, headersAreSound ? null : 'headers unreadable'].filter((each) => each !== null)
    if (details.length > 0) appendText(this.#details, row, details.join('; ').slice(0, detailCharsMax).toWellFormed())
  }

  batch(topic: string, topicId: string | null, failedAt: Instant): ColumnBatch | undefined {
    const count = this.count
    if (count === 0) return undefined
    const failedAts = new LongColumn()
    for (let row = 0; row < count; row++) failedAts.appendMicros(row, failedAt.seconds, failedAt.micros)
    const present = this.#headers.vector('binary', count)
    const ends = this.#headerEnds.vector('integer', count).values
    const offsets = new Int32Array(count + 1)
    offsets.set(ends, 1)
    return {
      schema: deadLetterSchema,
      rowCount: count,
      columns: [
        constantText(topic, count),
        constantText(topicId, count),
        this.#partitions.vector('integer', count),
        this.#offsets.vector('long', count),
        this.#kafkaTimestamps.vector('timestamp', count),
        this.#keys.vector('binary', count),
        this.#values.vector('binary', count),
        {
          kind: 'list',
          length: count,
          nullCount: present.nullCount,
          ...(present.validity === undefined ? {} : { validity: present.validity }),
          offsets,
          child: {
            kind: 'struct',
            length: this.#headerCount,
            nullCount: 0,
            children: [
              this.#headerKeys.vector('string', this.#headerCount),
              this.#headerValues.vector('binary', this.#headerCount),
            ],
          },
        },
        this.#reasons.vector('string', count),
        this.#details.vector('string', count),
        failedAts.vector('timestamp', count),
      ],
    }
  }

  /** False if the bytes are not headers; the column is null then, as it is without headers. */
  #addHeaders(slab: RecordSlab, index: number, row: number): boolean {
    const start = slab.headerStarts[index]!
    const headers = start < 0 ? undefined : decodeKafkaHeaders(slab.bytes, start, slab.headerEnds[index]!)
    if (headers !== undefined) {
      // An empty text marks the row as having headers: the list's own validity.
      appendBytes(this.#headers, row, noBytes)
      for (const header of headers) {
        const slot = this.#headerCount++
        appendText(this.#headerKeys, slot, header.key)
        if (header.value !== null) appendBytes(this.#headerValues, slot, header.value)
      }
    }
    this.#headerEnds.append(row, this.#headerCount)
    return start < 0 || headers !== undefined
  }
}

const noBytes = new Uint8Array(0)

function appendText(column: BytesColumn, row: number, text: string): void {
  appendBytes(column, row, Buffer.from(text))
}

function appendBytes(column: BytesColumn, row: number, bytes: Uint8Array): void {
  const at = column.open(row, bytes.length)
  column.bytes.set(bytes, at)
  column.commit(row, at + bytes.length)
}
