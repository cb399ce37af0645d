import { formatProperty } from '@silt/contracts'
import { requireWritable } from '@silt/delta'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addColumn, dropFeature, replaceTable, setProperty, upgradeProtocol } from './index.ts'
import { newTableWorld, overtaken, type TableWorld } from './table-world.ts'

let world: TableWorld
beforeEach(async () => {
  world = await newTableWorld()
  await world.table.settle(0, 6)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
})

test('a column is added once, nullable, at the end; the rows stay readable', async () => {
  expect(await addColumn(world.engine, { name: 'score', type: 'double' })).toMatchObject({ kind: 'done', version: 3 })
  expect(await addColumn(world.engine, { name: 'Score', type: 'long' })).toMatchObject({ kind: 'nothing' })
  expect((await world.now()).schema.fields.at(-1)).toMatchObject({ name: 'score', type: 'double', nullable: true })
  expect([await world.newestFacts(), await world.parkedBy()]).toMatchObject([{ kind: 'metadata' }, undefined])
  expect(await world.verdict()).toBe('proved')
})

test('a property is set; a description changed by another meanwhile is a lost race', async () => {
  await setProperty(world.engine, 'delta.checkpointInterval', '3')
  expect((await world.now()).metadata.configuration).toMatchObject({ 'delta.checkpointInterval': '3' })
  const engine = overtaken(world.engine, 1, () => addColumn(world.engine, { name: 'x', type: 'long' }))
  expect(await setProperty(engine, 'a', 'b')).toEqual({ kind: 'lost' })
  const beside = overtaken(world.engine, 1, () => world.table.settle(0, 1))
  expect(await setProperty(beside, 'a', 'b')).toMatchObject({ kind: 'done' })
})

test('a feature nobody knows has Silt refuse the table by its name, until it is dropped', async () => {
  const { protocol } = await world.now()
  expect(await upgradeProtocol(world.engine, 'someday')).toMatchObject({ kind: 'done' })
  const upgraded = await world.now()
  expect(() => requireWritable(upgraded)).toThrow('someday')
  expect(await upgradeProtocol(world.engine, 'someday')).toMatchObject({ kind: 'nothing' })
  expect(await dropFeature(world.engine, 'someday')).toMatchObject({ kind: 'done' })
  expect((await world.now()).protocol).toEqual(protocol)
  expect(await dropFeature(world.engine, 'someday')).toMatchObject({ kind: 'nothing' })
})

test.each(['kept', 'dropped'] as const)(
  'a replaced table has another id, its properties are %s',
  async (properties) => {
    const before = await world.now()
    expect(await replaceTable(world.engine, { properties })).toMatchObject({ kind: 'done' })
    const { metadata, files, txns } = await world.now()
    expect(metadata.id).not.toBe(before.metadata.id)
    expect([files.size, txns]).toEqual([0, before.txns])
    expect(metadata.configuration[formatProperty]).toBe(properties === 'kept' ? '1' : undefined)
    expect(await world.parkedBy()).toBe('CREATE OR REPLACE TABLE')
  },
)
