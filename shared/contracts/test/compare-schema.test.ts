import { field, struct } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { compareToEventTable, describeDifferences, eventTableSchema } from '../src/index.ts'

describe('a table beside the event table', () => {
  it('has no difference when it only has further nullable columns', () => {
    expect(compareToEventTable(struct([...eventTableSchema.fields, field('more', 'long')]))).toEqual([])
  })

  it('has every difference named', () => {
    const fields = eventTableSchema.fields
      .filter((each) => each.name !== '_offset')
      .map((each) => (each.name === 'user_id' ? field('user_id', 'long') : each))
      .map((each) => (each.name === 'channel' ? field('channel', 'string', false) : each))
    const differences = compareToEventTable(struct([...fields, field('key', 'string', false)]))
    expect(describeDifferences(differences)).toBe(
      'channel: is not nullable; user_id: is long, not string; _offset: missing (long); key: is not nullable',
    )
  })
})
