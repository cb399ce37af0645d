import { expect, test } from 'vitest'
import { countExactly, described, type Outcome, type Placed } from './exact-count.ts'

const outcomes: readonly (readonly [string, Outcome])[] = [
  ['a', 'acked'],
  ['b', 'committed'],
  ['c', 'aborted'],
  ['d', 'unknown'],
  ['e', 'unknown'],
]
const ledger = new Map(outcomes)
const topic: readonly Placed[] = [
  { partition: 0, offset: 0, id: 'a' },
  { partition: 1, offset: 0, id: 'b' },
  { partition: 1, offset: 4, id: 'd' },
]

test('a table that holds what the topic holds is right, whatever the producer could not tell', () => {
  expect(countExactly(ledger, topic, topic.toReversed())).toEqual({
    promised: 2,
    aborted: 1,
    unknown: 2,
    unknownInTopic: 1,
    inTopic: 3,
    inTable: 3,
    topicFaults: [],
    lost: [],
    twice: [],
    foreign: [],
  })
})

test('a lost event is named', () => {
  expect(countExactly(ledger, topic, topic.slice(1)).lost).toEqual(['a'])
  expect(countExactly(ledger, topic, topic.slice(0, 2)).lost).toEqual(['d'])
})

test('a doubled event is named', () => {
  expect(countExactly(ledger, topic, [...topic, { partition: 0, offset: 0, id: 'a' }]).twice).toEqual(['a'])
})

test('an aborted event in the table is named, and one at a place not its own', () => {
  const table = [...topic.slice(1), { partition: 0, offset: 0, id: 'c' }, { partition: 0, offset: 9, id: 'a' }]
  expect(countExactly(ledger, topic, table).foreign).toEqual(['c at 0:0', 'a at 0:9'])
})

test('a topic that is not what was promised is no proof', () => {
  expect(countExactly(ledger, topic.slice(1), topic.slice(1)).topicFaults).toEqual(['promised, yet not readable: a'])
  const more = [...topic, { partition: 0, offset: 5, id: 'c' }, { partition: 0, offset: 6, id: 'b' }]
  expect(countExactly(ledger, more, more).topicFaults).toEqual(['aborted, yet readable: c', 'twice in the topic: b'])
  const stray = [...topic, { partition: 0, offset: 7, id: 'x' }]
  expect(countExactly(ledger, stray, stray).topicFaults).toEqual(['nobody sent it: x'])
})

test('long lists are cut where they are told', () => {
  expect(described([])).toBe('0')
  expect(described(Array.from({ length: 25 }, (_, index) => `id-${index}`))).toMatch(/^25 \(id-0, .*, id-19, …\)$/)
})
