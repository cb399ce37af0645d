import { expect, test } from 'vitest'
import { splitEvents, type SplitOutcome, type SplitRules } from '../../src/events/split-events.ts'

const rules: SplitRules = { format: 'json', key: 'session_id', eventsMax: 100 }
const ndjson: SplitRules = { ...rules, format: 'ndjson' }

function split(body: string, chosen: SplitRules = rules): SplitOutcome {
  return splitEvents(Buffer.from(body), chosen)
}

function texts(outcome: SplitOutcome): readonly string[] {
  expect(outcome.kind).toBe('events')
  return outcome.kind === 'events' ? outcome.events.map(({ text }) => text) : []
}

function faultOf(outcome: SplitOutcome): Readonly<Record<string, unknown>> {
  expect(outcome.kind).toBe('fault')
  return outcome.kind === 'fault' ? { ...outcome.fault, ...outcome.fault.details } : {}
}

test('one object is one event, character for character', () => {
  const event = '{"n":12345678901234567890.10,\t"n":1e400, "s":"\\ud800 é \\u0041", "m":{"a":[1, 2]}}'
  expect(texts(split(`\n ${event} \r\n`))).toEqual([event])
})

test('a byte order mark is no part of the event', () => {
  expect(texts(split('\ufeff{"a":1}'))).toEqual(['{"a":1}'])
})

test('an array is its elements; brackets, commas and quotes within strings cut nothing', () => {
  const events = ['{"a":"],[{\\"},"}', '{"b":[1,[2,{"c":3}]]}', '{ "d" : "\\\\" }']
  expect(texts(split(` [ ${events.join(' ,\n')} ] `))).toEqual(events)
})

test('lines are events; blank ones and the last newline are none, and CRLF ends a line too', () => {
  expect(texts(split('{"a":1}\r\n\n  \n{"b":2}\n', ndjson))).toEqual(['{"a":1}', '{"b":2}'])
})

test.each([
  ['{"a":1} x', rules, { code: 'collector/not-json', index: 0 }],
  ['[{"a":1},{"b":]', rules, { code: 'collector/not-json', index: 1 }],
  ['[{"a":1},]', rules, { code: 'collector/not-json', index: 1 }],
  ['[{"a":1}', rules, { code: 'collector/not-json', index: 0 }],
  ['[{"a":1}}', rules, { code: 'collector/not-json', index: 1 }],
  ['[{"a":1}] []', rules, { code: 'collector/not-json', index: 0 }],
  ['[{"a":"1}]', rules, { code: 'collector/not-json', index: 0 }],
  ['{"a":1}\n\nnope\n', ndjson, { code: 'collector/not-json', index: 1, line: 3 }],
  ['[1]', rules, { code: 'collector/not-an-object', index: 0 }],
  ['[{}, []]', rules, { code: 'collector/not-an-object', index: 1 }],
  ['null', rules, { code: 'collector/not-an-object', index: 0 }],
  ['[]', rules, { code: 'collector/no-events' }],
  [' [ ] ', rules, { code: 'collector/no-events' }],
  ['', rules, { code: 'collector/no-events' }],
  ['\n\n', ndjson, { code: 'collector/no-events' }],
  ['[{},{},{}]', { ...rules, eventsMax: 2 }, { code: 'collector/too-many-events', status: 413 }],
] as const)('%j is refused whole, and the place is told', (body, chosen, fault) => {
  expect(faultOf(split(body, chosen))).toMatchObject(fault)
})

test('a fault never repeats what was sent', () => {
  expect(JSON.stringify(faultOf(split('{"password": hunter2}')))).not.toContain('hunter2')
})

test('a body that is not UTF-8 is refused', () => {
  const outcome = splitEvents(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), rules)
  expect(faultOf(outcome)).toMatchObject({ code: 'collector/not-utf8', status: 400 })
})

test('the key is the session where there is one', () => {
  const outcome = split('[{"session_id":"s-1"},{"session_id":7},{"session_id":""},{"session_id":{}},{}]')
  expect(outcome.kind === 'events' && outcome.events.map(({ key }) => key)).toEqual(['s-1', '7', null, null, null])
  const unkeyed = split('{"session_id":"s-1"}', { ...rules, key: 'none' })
  expect(unkeyed.kind === 'events' && unkeyed.events[0]?.key).toBeNull()
})
