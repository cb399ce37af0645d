import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitEvents } from '../../src/events/split-events.ts'

const event = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()).map((value) => JSON.stringify(value))
const space = fc.constantFrom('', ' ', '\n', '\r\n\t ')

test('an array of any objects is those objects, whatever white space is between', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), space, (events, between) => {
      const body = `${between}[${between}${events.join(`${between},${between}`)}${between}]${between}`
      const outcome = splitEvents(Buffer.from(body), { format: 'json', key: 'none', eventsMax: 100 })
      expect(outcome).toEqual({ kind: 'events', events: events.map((text) => ({ text, key: null })) })
    }),
  )
})

test('what is taken is what JSON.parse takes, as an object or as an array of objects', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '1', 'a', '\\', ' ') }),
    fc.array(event).map((events) => `[${events.join()}`),
    fc.json(),
  )
  fc.assert(
    fc.property(text, (body) => {
      const outcome = splitEvents(Buffer.from(body), { format: 'json', key: 'none', eventsMax: 100 })
      expect(outcome.kind === 'events').toBe(isEvents(body))
    }),
    { numRuns: 2000 },
  )
})

function isEvents(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    const events: readonly unknown[] = Array.isArray(value) ? value : [value]
    return (
      events.length > 0 && events.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
    )
  } catch {
    return false
  }
}
