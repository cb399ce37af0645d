/** What a record has to become. */
export type Expectation =
  | {
      readonly kind: 'row'
      /** Column values; timestamps as ISO text, `kafka` for the record's own. */
      readonly columns?: Readonly<Record<string, string | number | null>>
      /** The whole of `_rescued`; absent: null. */
      readonly rescued?: string
      /** JSON texts by field name, each to be found in a column of that name or verbatim in `_rescued`. */
      readonly kept?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'dead'; readonly reason: string }

export interface HostileRecord {
  readonly name: string
  readonly value: Buffer | null
  readonly expect: Expectation
  readonly key: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
  readonly timestampMs: number
}

const recordedMs = Date.UTC(2026, 10, 1, 12)
const levels = 100_000
const nested = '['.repeat(levels) + ']'.repeat(levels)
const tenMegabytes = 10 * 2 ** 20

type Draft = readonly [name: string, value: string | Buffer | null, expect: Expectation, timestampMs?: number]

/** Hostile records, a good one before each and one after the last. */
export function hostileRecords(): readonly HostileRecord[] {
  const drafts = [...deadLetters(), ...hostileRows(), ...wrongTypes(), ...timestamps()]
  const records = drafts.flatMap((draft, index) => [good(index), record(draft, index)])
  return [...records, good(drafts.length)]
}

function good(index: number): HostileRecord {
  const value = { event_type: 'good', session_id: `good-${index}`, interaction_value: index, metadata: { index } }
  const columns = { ...value, metadata: JSON.stringify({ index }), channel: 'unknown', timestamp: 'kafka' }
  return record([`good ${index}`, JSON.stringify(value), { kind: 'row', columns }], index)
}

function record([name, value, expect, timestampMs]: Draft, index: number): HostileRecord {
  const keys = [null, Buffer.from(`key-${index}`), Buffer.from([0xff, 0x00, index & 0xff]), Buffer.alloc(0)]
  return {
    name,
    value: typeof value === 'string' ? Buffer.from(value) : value,
    expect,
    key: keys[index % keys.length] ?? null,
    headers: index % 3 === 0 ? oddHeaders : [],
    timestampMs: timestampMs ?? recordedMs + index,
  }
}

const oddHeaders = [
  ['trace', Buffer.from([0xff, 0xfe, 0x00])],
  ['twice', Buffer.from('1')],
  ['twice', Buffer.from('2')],
  ['empty', Buffer.alloc(0)],
  ['absent', null],
] as const

function deadLetters(): readonly Draft[] {
  const dead = (reason: string): Expectation => ({ kind: 'dead', reason })
  const around = (...bytes: number[]): Buffer =>
    Buffer.concat([Buffer.from('{"session_id":"a'), Buffer.from(bytes), Buffer.from('"}')])
  return [
    ['truncated in a string', '{"event_type":"click","session_id":"s', dead('not-json')],
    ['truncated in an escape', '{"event_type":"\\u00', dead('not-json')],
    ['truncated after a key', '{"event_type":', dead('not-json')],
    ['trailing comma', '{"event_type":"click",}', dead('not-json')],
    ['two documents', '{"event_type":"a"}{"event_type":"b"}', dead('not-json')],
    ['single quotes', "{'event_type':'click'}", dead('not-json')],
    ['not a number', '{"interaction_value":NaN}', dead('not-json')],
    ['leading zero', '{"interaction_value":01}', dead('not-json')],
    ['raw line feed in a string', '{"session_id":"a\nb"}', dead('not-json')],
    ['raw zero byte in a string', '{"session_id":"a\0b"}', dead('not-json')],
    ['byte order mark', '\ufeff{"event_type":"click"}', dead('not-json')],
    ['blank', '   ', dead('not-json')],
    ['10 MB of nothing', 'x'.repeat(tenMegabytes), dead('not-json')],
    ['brackets that never close', '['.repeat(levels), dead('not-json')],
    ['braces that never close', '{"a":'.repeat(levels), dead('not-json')],
    ['utf-16', Buffer.from('{"a":1}', 'utf16le'), dead('not-json')],
    ['a byte that is never UTF-8', around(0xff), dead('invalid-utf8')],
    ['an overlong slash', around(0xc0, 0xaf), dead('invalid-utf8')],
    ['an encoded surrogate', around(0xed, 0xa0, 0x80), dead('invalid-utf8')],
    ['a character cut short', Buffer.from([...Buffer.from('{"session_id":"'), 0xe2, 0x82]), dead('invalid-utf8')],
    ['latin-1', Buffer.from('{"session_id":"caf\xe9"}', 'latin1'), dead('invalid-utf8')],
    ['an array', '[1,2,3]', dead('not-an-object')],
    ['an array of events', '[{"event_type":"click"}]', dead('not-an-object')],
    ['a deep array', nested, dead('not-an-object')],
    ['a number', '42', dead('not-an-object')],
    ['minus zero', '-0.0', dead('not-an-object')],
    ['a string', '"event"', dead('not-an-object')],
    ['true', 'true', dead('not-an-object')],
    ['null as JSON', 'null', dead('not-an-object')],
    ['a tombstone', null, dead('empty')],
    ['no bytes', '', dead('empty')],
    ['beyond RECORD_BYTES_MAX', `{"metadata":"${'y'.repeat(17 * 2 ** 20)}"}`, dead('too-large')],
  ]
}

function hostileRows(): readonly Draft[] {
  const row = (columns: Record<string, string | number | null>, rescued?: string): Expectation => ({
    kind: 'row',
    columns,
    ...(rescued === undefined ? {} : { rescued }),
  })
  const manyKeys = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`key_${index}`, `"value-${index}"`]),
  )
  const inherited = { constructor: '"c"', toString: '{"a":1}', hasOwnProperty: '"h"', valueOf: '"v"' }
  return [
    ['10 MB in one field', `{"metadata":"${'z'.repeat(tenMegabytes)}"}`, row({ metadata: 'z'.repeat(tenMegabytes) })],
    [
      'duplicate keys',
      '{"session_id":"a","event_type":"x","session_id":"b"}',
      row({ session_id: 'b', event_type: 'x' }),
    ],
    [
      'duplicate keys, the last unfit',
      '{"interaction_value":1,"interaction_value":{}}',
      row({ interaction_value: null }, '{"interaction_value":{}}'),
    ],
    ['deep metadata', `{"metadata":${nested}}`, row({ metadata: nested })],
    ['deep in a text column', `{"user_id":${nested}}`, row({ user_id: null }, `{"user_id":${nested}}`)],
    ['deep in a new field', `{"deep_field":${nested}}`, { kind: 'row', kept: { deep_field: nested } }],
    ['__proto__', '{"__proto__":{"polluted":true}}', row({ session_id: null }, '{"__proto__":{"polluted":true}}')],
    ['__proto__ of null', '{"__proto__":null,"session_id":"p"}', row({ session_id: 'p' })],
    ['inherited names', json(inherited), { kind: 'row', kept: inherited }],
    ['a reserved name', '{"_offset":7,"_key":"k"}', row({}, '{"_offset":7,"_key":"k"}')],
    ['a name no column may have', '{"":1,"a b":2,"ключ":3}', row({}, '{"":1,"a b":2,"ключ":3}')],
    ['10,000 keys', json(manyKeys), { kind: 'row', kept: manyKeys }],
    ['lone surrogates', '{"session_id":"a\\ud800b\\udc00"}', row({ session_id: 'a\ufffdb\ufffd' })],
    ['a zero character', '{"session_id":"a\\u0000b"}', row({ session_id: 'a\0b' })],
    [
      'nulls everywhere',
      '{"channel":null,"timestamp":null,"metadata":null}',
      row({ channel: 'unknown', timestamp: 'kafka', metadata: null }),
    ],
    ['an empty object', '{}', row({ channel: 'unknown', event_type: 'unknown', session_id: null })],
  ]
}

/** Every event column with values it cannot hold. */
function wrongTypes(): readonly Draft[] {
  const texts = [
    ...['channel', 'platform', 'event_type', 'event_category', 'resource_id', 'resource_title', 'interaction_target'],
    ...['session_id', 'user_id', 'device_id', 'user_agent', 'client_version', 'interaction_text'],
  ]
  const fallback = (name: string): string | null => (name === 'channel' || name === 'event_type' ? 'unknown' : null)
  const rescued = (name: string, value: string, column: string | null): Draft => {
    const whole = `{"${name}":${value}}`
    return [`${name} = ${value}`, whole, { kind: 'row', columns: { [name]: column }, rescued: whole }]
  }
  return [
    ...texts.flatMap((name) => [
      rescued(name, '{"a":[1]}', fallback(name)),
      rescued(name, '[ "x" , 2 ]', fallback(name)),
    ]),
    ...['{}', '[]', 'true', '"abc"', '""', '"0x10"', '1e999'].map((value) => rescued('interaction_value', value, null)),
    ...['{}', '[]', 'true', '"yesterday"', '""', '1e300', '"2026-13-01T00:00:00Z"', '"2026-02-30T00:00:00Z"'].map(
      (value) => rescued('timestamp', value, 'kafka'),
    ),
    [
      'scalars in text columns',
      '{"user_id":12.50,"session_id":true}',
      { kind: 'row', columns: { user_id: '12.50', session_id: 'true' } },
    ],
    ['a scalar as metadata', '{"metadata":5}', { kind: 'row', columns: { metadata: '5' } }],
    ['a number as text', '{"interaction_value":"1.5e3"}', { kind: 'row', columns: { interaction_value: 1500 } }],
    [
      'a number no double holds',
      '{"interaction_value":9007199254740993}',
      {
        kind: 'row',
        columns: { interaction_value: 9007199254740992 },
        rescued: '{"interaction_value":9007199254740993}',
      },
    ],
  ]
}

function timestamps(): readonly Draft[] {
  const unfit = [
    '"0000-01-01T00:00:00Z"',
    '"292278-08-17T07:12:55Z"',
    '"+292278-08-17T07:12:55Z"',
    '"1899-12-31T23:59:59Z"',
  ]
  const unfitNumbers = ['9223372036854775807', '-62167219200', '9161370000000000', '-9223372036854775808']
  const fit = {
    '"9999-12-31T23:59:59.999999999Z"': '9999-12-31T23:59:59.999999+00:00',
    '"1900-01-01T00:00:00Z"': '1900-01-01T00:00:00+00:00',
    '"2026-11-01 10:00:00.5+02:00"': '2026-11-01T08:00:00.500000+00:00',
    '0': '1970-01-01T00:00:00+00:00',
  }
  return [
    ...[...unfit, ...unfitNumbers].map((value): Draft => {
      const whole = `{"timestamp":${value}}`
      return [`timestamp ${value}`, whole, { kind: 'row', columns: { timestamp: 'kafka' }, rescued: whole }]
    }),
    ...Object.entries(fit).map(([value, timestamp]): Draft => [
      `timestamp ${value}`,
      `{"timestamp":${value}}`,
      { kind: 'row', columns: { timestamp } },
    ]),
    [
      'a record time in the year 292278',
      '{"session_id":"far"}',
      { kind: 'row', columns: { session_id: 'far' }, rescued: '{"_kafka_timestamp":9161370000000000}' },
      9_161_370_000_000_000,
    ],
    ['a record time in 1970', '{"session_id":"old"}', { kind: 'row', columns: { timestamp: 'kafka' } }, 1],
    ['a dead letter of the year 292278', 'far', { kind: 'dead', reason: 'not-json' }, 9_161_370_000_000_000],
  ]
}

function json(texts: Readonly<Record<string, string>>): string {
  return `{${Object.entries(texts)
    .map(([name, text]) => `"${name}":${text}`)
    .join(',')}}`
}
