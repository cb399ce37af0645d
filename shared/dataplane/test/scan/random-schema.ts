import { eventTableSchema } from '@silt/contracts'
import { field, struct, type EncodeSpec, type PrimitiveType } from '@silt/core'
import type { Seeded } from './random.ts'

const types: readonly PrimitiveType[] = [
  'string',
  'string',
  'double',
  'float',
  'boolean',
  'timestamp',
  'date',
  'long',
  'integer',
  'short',
  'byte',
  'decimal(9,2)',
  'decimal(18,0)',
  'decimal(18,18)',
  'decimal(4,4)',
  'decimal(38,2)',
  'binary',
  'timestamp_ntz',
]
/** Alike in length, beginning and end; longer than one comparison; not ASCII; spelled with escapes in JSON. */
const names = [
  'a',
  'b',
  'aa',
  'ab',
  'channel_',
  'user_i',
  'user_idd',
  'event_date',
  'größe',
  '名前',
  '😀',
  'x'.repeat(29),
  'x'.repeat(30),
  'x'.repeat(31),
  `${'x'.repeat(30)}y`,
  `${'x'.repeat(16)}1${'x'.repeat(23)}`,
  `${'x'.repeat(16)}2${'x'.repeat(23)}`,
  'long'.repeat(32),
  'quoted "name"',
  'back\\slash',
  'tab\there',
  '_own',
  '',
  '__proto__',
]

/** A table's schema as an adopted one may be: some of the event's columns in any order, and others of every type. */
export function randomSpec(random: Seeded): EncodeSpec {
  const base = eventTableSchema.fields.filter(() => !random.once(4))
  const others = random
    .shuffled(names)
    .slice(0, random.below(names.length))
    .map((name) => field(name, random.pick(types)))
  const more = Array.from({ length: random.once(8) ? 60 : 0 }, (_, index) => field(`more_${index}`, random.pick(types)))
  const fields = random.once(3) ? [...eventTableSchema.fields] : random.shuffled([...base, ...others, ...more])
  const isPartitioned = random.once(3)
  const schema = struct(
    isPartitioned ? [...fields.filter((each) => each.name !== 'event_date'), field('event_date', 'date')] : fields,
  )
  return {
    topic: random.pick(['analytics-events', 't', 'a topic of more than sixteen bytes']),
    topicId: random.once(2) ? null : 'topic-id',
    cutAtMs: 1_750_000_000_000,
    failedAtMs: 1_760_000_000_000,
    schema,
    partitionColumns: isPartitioned ? ['event_date'] : [],
    evolution: random.pick(['add', 'rescue', 'fail']),
    columnsMax: 200,
    recordBytesMax: random.once(8) ? 300 : 1024 * 1024,
  }
}
