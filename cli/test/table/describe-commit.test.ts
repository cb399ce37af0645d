import { commitInfo, type Action } from '@silt/delta'
import { expect, test } from 'vitest'
import { commitLine, describeCommit } from '../../src/table/describe-commit.ts'

const info = (operation: string, engineInfo: string, silt?: object): Action =>
  commitInfo({
    timestampMs: 1,
    operation,
    engineInfo,
    token: 't',
    ...(silt === undefined ? {} : { silt: silt as never }),
  })
const add = (rows: number | undefined): Action => ({
  add: {
    path: `f${rows}`,
    partitionValues: {},
    size: 1,
    modificationTime: 1,
    dataChange: true,
    ...(rows === undefined ? {} : { stats: JSON.stringify({ numRecords: rows }) }),
  },
})

test('a commit of events says what came', () => {
  const line = commitLine(
    describeCommit({ version: 3, actions: [info('STREAMING UPDATE', 'silt/0.1.0'), add(5), add(7)] }, 0),
  )
  expect(line).toBe('       3  1970-01-01T00:00:00.000Z  STREAMING UPDATE  silt/0.1.0  +2 files +12 rows')
})

test("another engine's says what came and went, and that it left no counts", () => {
  const remove: Action = { remove: { path: 'f', dataChange: false } }
  const found = describeCommit({ version: 4, actions: [info('OPTIMIZE', 'delta-rs:1'), add(12), remove] }, undefined)
  expect(found).toMatchObject({ at: null, by: null, files: 1, rows: 12, filesRemoved: 1, rowsRemoved: null })
  expect(commitLine(found)).toContain('delta-rs:1  +1 files +12 rows, -1 files -? rows')
})

test('a time that no calendar has is left out', () => {
  expect(describeCommit({ version: 4, actions: [info('WRITE', 'x')] }, 1.7e18).at).toBeNull()
})

test("an operator's decision says whose and why", () => {
  const decisions = [{ kind: 'pause', reason: 'moving', by: 'ann' }]
  const found = describeCommit(
    { version: 5, actions: [info('SILT PAUSE TABLE', 'silt/0.1.0', { v: 1, units: [], deadLetters: [], decisions })] },
    0,
  )
  expect(commitLine(found)).toContain('SILT PAUSE TABLE  ann (silt/0.1.0)  +0 files +0 rows, pause: moving')
  const foreign = describeCommit({ version: 6, actions: [info('WRITE', 'x', { v: 'not ours' })] }, 0)
  expect([foreign.by, foreign.decisions]).toEqual([null, []])
})
