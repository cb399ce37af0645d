import { seededRandom, type Random } from '@silt/core'
import { createEventGenerator } from '@silt/cli/demo-events'

/** A record of a client that is not ours. */
export interface VariedEvent {
  readonly value: string
  readonly timestampMs: number
}

const startMs = Date.UTC(2026, 10, 1)

/** `count` events that use what `docs/events.md` allows: nulls, unicode, numbers as text, any JSON as metadata, missing and odd timestamps. */
export function* variedEvents(count: number, seed: number): Generator<VariedEvent> {
  const random = seededRandom(seed)
  const generator = createEventGenerator(random)
  for (let index = 0; index < count; index++) {
    const timestampMs = startMs + index * 7
    const event = generator.next(timestampMs - 1500)
    const vary = variations[index % (2 * variations.length)]
    yield { value: vary === undefined ? event : vary(event, index, random), timestampMs }
  }
}

type Vary = (event: string, index: number, random: Random) => string

const variations: readonly Vary[] = [
  without('timestamp'),
  changed(() => ({ timestamp: null, event_type: null })),
  changed((index) => ({ timestamp: (startMs + index) / 1000 })),
  changed((index) => ({ timestamp: startMs + index })),
  changed((index) => ({ timestamp: `2026-11-01 14:00:0${index % 10}.123456789+02:00` })),
  changed((index) => ({ timestamp: ['yesterday', '', true, {}, '2026-02-30T00:00:00Z', -1e300][index % 6] })),
  changed((index) => ({ interaction_value: `${index / 8}` })),
  changed((index) => ({ interaction_value: ['0x10', ' 1', '', 'NaN', false, [1], '1e999'][index % 7] })),
  (event, index) => event.replace(/"interaction_value":[^,]+/, `"interaction_value":${index}.50e-${index % 20}`),
  (event, index) =>
    event.replace(/"user_id":[^,]+/, `"user_id":${index}.50`).replace('"device_id":"', '"device_id":"\\u00e9'),
  changed((index) => ({ user_id: index, session_id: index % 2 === 0, user_agent: '', resource_title: 'null' })),
  changed((index) => ({ user_id: { id: index }, session_id: [index], channel: null })),
  changed((index) => ({ metadata: [index, 'ü😀', null, { deep: [[[index / 3]]] }] })),
  (event, index) =>
    event.replace(
      /"metadata":\{/,
      `"metadata":{ "n" : ${index}00000000000000001, "f":2.50, "e":1E5,\t"s":"\\ud83d\\ude00", `,
    ),
  changed((index) => ({ metadata: ['not {json', '{"a": [1, 2]}', '', 'null', '"text"', 17, true][index % 7] })),
  changed(() => ({
    metadata: null,
    resource_title: '日本語 \u202eعربي e\u0301 \u{1f469}\u200d\u{1f680}',
    interaction_text: 'a\n\t"b"\\ \u2028',
  })),
  without('metadata'),
  () => '{}',
  (event) => `${event.slice(0, -1)},"channel":"the last one wins"}`,
  (event) => `  ${JSON.stringify(JSON.parse(event), undefined, 2)}\n`,
]

function changed(fields: (index: number) => Readonly<Record<string, unknown>>): Vary {
  return (event, index) => JSON.stringify({ ...(JSON.parse(event) as object), ...fields(index) })
}

function without(name: string): Vary {
  return (event) => {
    const fields = Object.entries(JSON.parse(event) as Record<string, unknown>)
    return JSON.stringify(Object.fromEntries(fields.filter(([field]) => field !== name)))
  }
}
