import type { ExpectedRow } from '../support/expected-rows.ts'

const noonMicros = Date.UTC(2026, 2, 1, 12) * 1000
const unnamed: ExpectedRow = { channel: 'unknown', event_type: 'unknown' }

/** Events by hand, each with the row that `docs/events.md` says it becomes. Where `timestamp` is left out, the record's own stands in. */
export const handMadeEvents: readonly (readonly [line: string, row: ExpectedRow])[] = [
  ['{}', unnamed],
  ['{"channel":null,"user_id":null,"metadata":null,"interaction_value":null}', unnamed],
  ['{"timestamp":"2026-03-01T12:00:00.123456Z"}', { ...unnamed, timestamp: noonMicros + 123_456 }],
  ['{"timestamp":"2026-03-01T12:00:00.123456789Z"}', { ...unnamed, timestamp: noonMicros + 123_456 }],
  ['{"timestamp":"2026-03-01 14:00:00+02:00"}', { ...unnamed, timestamp: noonMicros }],
  ['{"timestamp":"2026-03-01T12:00:00"}', { ...unnamed, timestamp: noonMicros }],
  [`{"timestamp":${noonMicros / 1e6}}`, { ...unnamed, timestamp: noonMicros }],
  [`{"timestamp":${noonMicros / 1e3 + 1}}`, { ...unnamed, timestamp: noonMicros + 1000 }],
  ['{"timestamp":"1900-01-01T00:00:00.000001Z"}', { ...unnamed, timestamp: Date.UTC(1900, 0, 1) * 1000 + 1 }],
  [
    '{"timestamp":"2026-02-28T23:30:00-01:00","channel":"web"}',
    { ...unnamed, channel: 'web', timestamp: Date.UTC(2026, 2, 1, 0, 30) * 1000 },
  ],
  [
    '{"user_id":12345678901234567890,"session_id":true}',
    { ...unnamed, user_id: '12345678901234567890', session_id: 'true' },
  ],
  ['{"user_id":"","resource_title":"null"}', { ...unnamed, user_id: '', resource_title: 'null' }],
  ['{"interaction_value":"3.5"}', { ...unnamed, interaction_value: 3.5 }],
  ['{"interaction_value":-0.1}', { ...unnamed, interaction_value: -0.1 }],
  ['{"interaction_value":1e300}', { ...unnamed, interaction_value: 1e300 }],
  [
    '{"metadata":{ "a" : [1, 2.50, null], "b":"ü\\u00e9😀", "n": 10000000000000000001 }}',
    { ...unnamed, metadata: '{ "a" : [1, 2.50, null], "b":"ü\\u00e9😀", "n": 10000000000000000001 }' },
  ],
  ['{"metadata":[]}', { ...unnamed, metadata: '[]' }],
  ['{"metadata":"not {json"}', { ...unnamed, metadata: 'not {json' }],
  [
    '{"interaction_text":"zeile\\nzwei\\t\\"x\\" \\ud83d\\ude00 日本"}',
    { ...unnamed, interaction_text: 'zeile\nzwei\t"x" 😀 日本' },
  ],
  [
    '{"score":1.25,"vip":false,"plan":"pro","cart":{"items":[1]}}',
    { ...unnamed, score: 1.25, vip: false, plan: 'pro', cart: '{"items":[1]}' },
  ],
  ['{"user_id":{"id":1}}', { ...unnamed, _rescued: '{"user_id":{"id":1}}' }],
]
