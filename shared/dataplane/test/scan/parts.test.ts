import { eventTableSchema } from '@silt/contracts'
import { field, struct } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { ScanPlan } from '../../src/scan/scan-plan.ts'
import { SlabView, fillSlab, recordOutcome } from '../../src/scan/slab-view.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { compareWithExactPath } from './differential.ts'
import { ReadLeaf, physicalOf, textsOf } from './leaf-reader.ts'
import { scanRecords } from './scan-records.ts'
import { eventSpec, slabOf } from './slab.ts'

const engine = new Engine()

describe('columns and parts', () => {
  it('a column added later is null for the rows before, over page borders too', () => {
    const plan = new ScanPlan(engine, eventSpec)
    const leaves = plan.columns.map((column) => new ReadLeaf(engine, physicalOf(column.name), 0))
    const part = plan.addPart(
      0,
      leaves.map((leaf) => leaf.handle),
      64,
    )
    const view = new SlabView(engine, engine.exports.newSlab(1))
    const values = Array.from({ length: 150 }, (_, index) => `{"user_id":"${index}","added":"${index}"}`)
    const before = values.map((_, index) => `{"user_id":"${index}"}`)
    const bytes = fillSlab(engine, view.handle, slabOf([...before, ...values]))
    plan.scan(view.handle, 0, 150)
    expect(plan.rowCount(part)).toBe(150)
    expect(plan.addColumn(field('added', 'string'))).toBe(true)
    expect(plan.addColumn(field('nested', struct([])))).toBe(false)
    const added = new ReadLeaf(engine, 6, 8)
    engine.exports.appendNulls(added.handle, 150, 64)
    plan.addLeaf(part, added.handle)
    plan.scan(view.handle, 150, 300)
    expect(view.outcomes.every((outcome) => outcome === recordOutcome.row)).toBe(true)
    expect(textsOf(added.take())).toEqual([...before.map(() => null), ...values.map((_, index) => String(index))])
    const users = leaves[plan.columns.findIndex((column) => column.name === 'user_id')]!
    expect(textsOf(users.take())).toEqual([...values, ...values].map((_, index) => String(index % 150)))
    expect([added.rows, users.rows]).toEqual([
      [64, 64, 64, 64, 44],
      [64, 64, 64, 64, 44],
    ])
    for (const leaf of [...leaves, added]) leaf.release()
    plan.release()
    engine.exports.releaseSlab(view.handle)
    engine.exports.release(bytes)
  })

  it('rows go to the part of their day; a day without one stops the scan', () => {
    const days = ['2026-11-20', '2026-11-21', '2026-11-20', '2026-11-21', '1969-12-31']
    const values = days.map((day, index) => `{"timestamp":"${day}T23:59:59.999999Z","user_id":"${index}"}`)
    const { parts, columns } = scanRecords(engine, { ...eventSpec, partitionColumns: ['event_date'] }, slabOf(values))
    const users = [...parts].map(([day, leaves]) => [day, textsOf(leaves[columns.indexOf('user_id')]!)])
    expect(users).toEqual([
      [20_777, ['0', '2']],
      [20_778, ['1', '3']],
      [-1, ['4']],
    ])
  })

  it('more columns than any mask has bits, told apart by names alike in length and ends', () => {
    const fields = Array.from({ length: 300 }, (_, index) =>
      field(`${'x'.repeat(16)}${1000 + index}${'y'.repeat(16)}`, 'string'),
    )
    const spec = { ...eventSpec, schema: struct([...eventTableSchema.fields, ...fields]) }
    const json = `{${[...fields]
      .reverse()
      .map((each, index) => `"${each.name}":"${index}"`)
      .join()}}`
    expect(compareWithExactPath(engine, spec, slabOf([json, json, '{}'])).taken).toBe(3)
  })
})
