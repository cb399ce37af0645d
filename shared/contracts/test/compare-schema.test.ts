import { field, struct } from '@silt/core'
import { describe, expect, it } from 'vitest'
import {
  columnsInTheWay,
  compareToEventTable,
  describeDifferences,
  eventDateField,
  eventTableSchema,
} from '../src/index.ts'

describe('a table beside the event table', () => {
  it('has no difference when it only has further nullable columns', () => {
    expect(compareToEventTable(struct([...eventTableSchema.fields, field('more', 'long')]))).toEqual([])
  })

  it('has every difference named', () => {
    const fields = eventTableSchema.fields
      .filter((each) => each.name !== '_offset')
      .map((each) => (each.name === 'user_id' ? field('user_id', 'long') : each))
      .map((each) => (each.name === 'platform' ? field('platform', 'string', false) : each))
      .map((each) => (each.name === 'channel' ? field('Channel', 'string') : each))
    const differences = compareToEventTable(struct([...fields, field('key', 'string', false)]))
    expect(describeDifferences(differences)).toBe(
      'Channel: must be spelled channel; platform: is not nullable; user_id: is long, not string; _offset: missing (long); key: is not nullable',
    )
  })

  it('may promise what every event has, and lack columns: those are added', () => {
    const promised = ['timestamp', 'channel', '_offset']
    const fields = [...eventTableSchema.fields, eventDateField]
      .filter((each) => each.name !== 'user_id')
      .map((each) => ({ ...each, nullable: !promised.includes(each.name) && each.name !== eventDateField.name }))
    expect(columnsInTheWay(struct(fields))).toEqual([])
    expect(compareToEventTable(struct(fields))).toMatchObject([{ column: 'user_id', problem: 'missing' }])
  })
})
