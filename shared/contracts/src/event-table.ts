import { field, struct, type StructType } from '@silt/core'

/** String columns of the event, with what stands in when the field is missing or null. */
export const stringColumns: readonly { readonly name: string; readonly fallback: string | null }[] = Object.freeze(
  (
    [
      ['channel', 'unknown'],
      ['platform', null],
      ['event_type', 'unknown'],
      ['event_category', null],
      ['resource_id', null],
      ['resource_title', null],
      ['interaction_target', null],
      ['session_id', null],
      ['user_id', null],
      ['device_id', null],
      ['user_agent', null],
      ['client_version', null],
      ['interaction_text', null],
    ] as const
  ).map(([name, fallback]) => Object.freeze({ name, fallback })),
)

/** Columns that say where a row came from; never null but `_topic_id`, which some sources lack. */
export const provenanceColumns = Object.freeze([
  '_topic',
  '_topic_id',
  '_partition',
  '_offset',
  '_kafka_timestamp',
] as const)

/** The table Silt makes (events.md): the hot store's columns, then provenance, then what did not fit. All nullable. */
export const eventTableSchema: StructType = struct([
  field('timestamp', 'timestamp'),
  field('channel', 'string'),
  field('platform', 'string'),
  field('event_type', 'string'),
  field('event_category', 'string'),
  field('resource_id', 'string'),
  field('resource_title', 'string'),
  field('interaction_target', 'string'),
  field('session_id', 'string'),
  field('user_id', 'string'),
  field('device_id', 'string'),
  field('user_agent', 'string'),
  field('client_version', 'string'),
  field('interaction_value', 'double'),
  field('interaction_text', 'string'),
  field('metadata', 'string'),
  field('_topic', 'string'),
  field('_topic_id', 'string'),
  field('_partition', 'integer'),
  field('_offset', 'long'),
  field('_kafka_timestamp', 'timestamp'),
  field('_rescued', 'string'),
])

/** The optional partition column, a UTC date derived from `timestamp`. */
export const eventDateField = field('event_date', 'date')

/**
 * Partition columns by which events cannot be dealt out: columns of every event's own place, its timestamp, and an `event_date` that is no date.
 * Any others may be: each value goes where its text says.
 */
export function partitionColumnsInTheWay(schema: StructType, partitionColumns: readonly string[]): readonly string[] {
  const own: readonly string[] = [...provenanceColumns, '_rescued', 'timestamp']
  return partitionColumns.filter((name) => {
    const type = schema.fields.find((each) => each.name === name)?.type
    return own.includes(name) || (name === eventDateField.name && type !== eventDateField.type)
  })
}

/** The dead-letter table (events.md). */
export const deadLetterSchema: StructType = struct([
  field('_topic', 'string'),
  field('_topic_id', 'string'),
  field('_partition', 'integer'),
  field('_offset', 'long'),
  field('_kafka_timestamp', 'timestamp'),
  field('key', 'binary'),
  field('value', 'binary'),
  field('headers', {
    type: 'array',
    elementType: struct([field('key', 'string'), field('value', 'binary')]),
    containsNull: true,
  }),
  field('reason', 'string'),
  field('detail', 'string'),
  field('failed_at', 'timestamp'),
])

export type DeadLetterReason =
  | 'not-json'
  | 'not-an-object'
  | 'invalid-utf8'
  | 'too-large'
  | 'empty'
  | 'schema'
  | 'constraint'
  | 'generated-column'
  | 'crashes-decoder'
