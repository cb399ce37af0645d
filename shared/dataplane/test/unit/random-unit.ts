import type { EncodeSpec } from '@silt/core'
import { eventSchemaFor } from '@silt/rows'
import { mutate } from '../scan/mutate.ts'
import { randomEvent } from '../scan/random-event.ts'
import { anyJson } from '../scan/random-json.ts'
import { randomSpec } from '../scan/random-schema.ts'
import type { Seeded } from '../scan/random.ts'
import type { Given } from './both-encoders.ts'
import { recordMs, slabOfRecords, type TestRecord } from './records.ts'

const dayMs = 86_400_000
const times = [-1, 0, -2, -2_208_988_800_001, 253_402_300_800_000, 1.5, 1e16]
const headers = [
  Buffer.of(0),
  Buffer.of(2, 2, 0x6b, 4, 0x61, 0x62),
  Buffer.of(4, 0, 1, 2, 0xff, 2, 0x00),
  Buffer.of(9, 9, 9),
]

/** A unit of a random table: some partitions' slabs in turn, of records sound and broken, limits that it may come up against. */
export function randomUnit(random: Seeded): Given {
  const table = randomSpec(random)
  const columnCount = eventSchemaFor(table.schema).fields.length
  const spec: EncodeSpec = {
    ...table,
    columnsMax: random.once(2) ? 200 : columnCount + random.below(4),
    recordBytesMax: random.once(4) ? 300 : 1024 * 1024,
  }
  const days = random.pick([1, 2, 5])
  const soundOnly = random.once(3)
  const next = [0, 100, 2 ** 40]
  const slabCount = random.below(6)
  const slabs = Array.from({ length: slabCount }, (_, index) => {
    // Partitions are read one behind the other.
    const partition = Math.floor((index * 3) / slabCount)
    const records = Array.from({ length: random.below(40) }, () => randomRecord(random, spec, days, soundOnly))
    const slab = slabOfRecords(partition, next[partition]!, records)
    const gap = random.once(4) ? random.below(5) : 0
    next[partition] = slab.nextOffset + gap
    return { ...slab, nextOffset: slab.nextOffset + gap }
  })
  return {
    spec,
    slabs,
    limits: {
      partitionsMax: random.pick([1, 2, 3, 5, 8, 64]),
      ...(random.once(3) ? { decodedBytesMax: random.below(60_000) } : {}),
    },
    ...(random.once(6) ? { condemnedFrom: Math.max(0, slabCount - 1) } : {}),
  }
}

function randomRecord(random: Seeded, spec: EncodeSpec, days: number, soundOnly: boolean): TestRecord {
  const timestampMs = random.once(30) ? random.pick(times) : recordMs + random.below(days) * dayMs + random.below(1000)
  const record: TestRecord = {
    value: soundOnly && !random.once(20) ? soundJson(random) : randomValue(random, spec),
    timestampMs,
    ...(random.once(2) ? { key: random.pick(['key', '', Buffer.of(0xff, 0), null]) } : {}),
    ...(random.once(3) ? { headers: random.pick(headers) } : {}),
    ...(random.once(10) ? { gap: random.below(3) } : {}),
  }
  return random.once(60) ? { ...record, oversized: { lengthBytes: 99_999_999, sha256Hex: 'ab'.repeat(32) } } : record
}

function soundJson(random: Seeded): string {
  return JSON.stringify({ event_type: random.pick(['a', 'b']), user_id: `u${random.below(50)}` })
}

function randomValue(random: Seeded, spec: EncodeSpec): Uint8Array | string | null {
  if (random.once(25)) return random.pick([null, '', '[]', '1', '"x"', '{', ' ', 'null', Buffer.of(0x7b, 0xff, 0x7d)])
  let json = randomEvent(random, spec)
  if (random.once(8)) json = withNews(random, json)
  return random.once(8) ? mutate(random, Buffer.from(json), Buffer.from(randomEvent(random, spec))) : json
}

/** Fields that no table has yet, of names that may become columns and others. */
function withNews(random: Seeded, json: string): string {
  const news = Array.from({ length: 1 + random.below(3) }, () => {
    const name = random.pick([
      'new_a',
      'new_b',
      'New_A',
      'n',
      '_own',
      '9',
      'ü',
      'event_DATE',
      '_rescued',
      'x'.repeat(200),
    ])
    return `${JSON.stringify(name)}:${anyJson(random, 2)}`
  }).join(',')
  return json.replace(/^(\s*\{)(\s*)(\}?)/, (_, open: string, gap: string, close: string) =>
    close === '' ? `${open}${news},${gap}` : `${open}${news}${close}`,
  )
}
