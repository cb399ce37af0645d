import { describe, expect, it } from 'vitest'
import { columnId, field, struct } from '@silt/core'
import {
  applyActions,
  commitInfoOf,
  completeCommit,
  parseSchema,
  schemaToString,
  type Action,
  type TableState,
} from '../../src/index.ts'
import { add, info, remove } from '../support/table.ts'

const nowMs = 5000

function state(
  writerFeatures: readonly string[],
  configuration: Readonly<Record<string, string>> = {},
  more: Partial<TableState> = {},
): TableState {
  const schema = struct([field('id', 'long')])
  const schemaString = schemaToString(schema)
  const metadata = { id: 't', format: { provider: 'parquet' }, schemaString, partitionColumns: [], configuration }
  const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures }
  return { version: 4, protocol, metadata, schema, txns: new Map(), domains: new Map(), ...more }
}

const domainsOf = (actions: readonly Action[]): unknown[] =>
  actions.flatMap((each) =>
    'domainMetadata' in each ? [JSON.parse(each.domainMetadata.configuration) as unknown] : [],
  )
const idsOf = (actions: readonly Action[]): unknown[] =>
  actions.flatMap((each) => ('add' in each ? [[each.add.baseRowId, each.add.defaultRowCommitVersion]] : []))

describe('a commit to a table of no features', () => {
  it('is what it was', () => {
    const actions = [info('t'), add('a')]
    expect(completeCommit(state([]), actions, nowMs)).toEqual(actions)
  })
})

describe('in-commit timestamps', () => {
  const on = { 'delta.enableInCommitTimestamps': 'true' }
  const stampOf = (table: TableState, actions: readonly Action[] = [add('a'), info('t')]): number | undefined =>
    commitInfoOf(completeCommit(table, actions, nowMs))?.inCommitTimestamp

  it('are now, or one later than the commit before, in a commitInfo that comes first', () => {
    expect(stampOf(state(['inCommitTimestamp'], on))).toBe(nowMs)
    expect(stampOf(state(['inCommitTimestamp'], on, { inCommitTimestampMs: 4999 }))).toBe(nowMs)
    expect(stampOf(state(['inCommitTimestamp'], on, { inCommitTimestampMs: 9000 }))).toBe(9001)
    const [first] = completeCommit(state(['inCommitTimestamp'], on), [add('a'), info('t')], nowMs)
    expect(first).toMatchObject({ commitInfo: { txnId: 't', inCommitTimestamp: nowMs } })
  })

  it('are left out where the property is off or the protocol lacks the feature', () => {
    expect(stampOf(state(['inCommitTimestamp']))).toBeUndefined()
    expect(stampOf(state([], on))).toBeUndefined()
  })

  it('grow over commits on a clock that goes backwards', () => {
    let table = state(['inCommitTimestamp'], on)
    const stamps = [7000, 3000, 6000, 8000].map((wallMs) => {
      const version = table.version + 1
      table = applyActions(table, { version, actions: completeCommit(table, [info('t')], wallMs) })
      return table.inCommitTimestampMs
    })
    expect(stamps).toEqual([7000, 7001, 7002, 8000])
  })

  it('say since when, in the commit that switches them on', () => {
    const before = state(['inCommitTimestamp'])
    const metaData = { ...before.metadata, configuration: on }
    const actions = completeCommit(before, [info('t'), { metaData }], nowMs)
    expect(actions[1]).toMatchObject({
      metaData: {
        configuration: {
          'delta.inCommitTimestampEnablementVersion': '5',
          'delta.inCommitTimestampEnablementTimestamp': String(nowMs),
        },
      },
    })
  })
})

describe('row tracking', () => {
  const features = ['rowTracking', 'domainMetadata']
  const mark = (rowIdHighWaterMark: number): Partial<TableState> => {
    const configuration = JSON.stringify({ rowIdHighWaterMark })
    return { domains: new Map([['delta.rowTracking', { domain: 'delta.rowTracking', configuration, removed: false }]]) }
  }

  it('gives every file ids above the high-water mark and moves it', () => {
    const first = completeCommit(state(features), [info('t'), add('a', 10), add('b', 5)], nowMs)
    expect(idsOf(first)).toEqual([
      [0, 5],
      [10, 5],
    ])
    expect(domainsOf(first)).toEqual([{ rowIdHighWaterMark: 14 }])
    const next = completeCommit(state(features, {}, mark(14)), [info('t'), add('c', 3)], nowMs)
    expect(idsOf(next)).toEqual([[15, 5]])
    expect(domainsOf(next)).toEqual([{ rowIdHighWaterMark: 17 }])
  })

  it('is given anew when another commit won the version', () => {
    const actions = [info('t'), add('c', 3)]
    expect(idsOf(completeCommit(state(features, {}, mark(14)), actions, nowMs))).toEqual([[15, 5]])
    const rebased = state(features, {}, { ...mark(99), version: 5 })
    expect(idsOf(completeCommit(rebased, actions, nowMs))).toEqual([[100, 6]])
  })

  it('leaves files that have ids, and tables that suspend it, as they are', () => {
    const old = { add: { ...add('a', 10).add, baseRowId: 3, defaultRowCommitVersion: 1 } }
    const kept = completeCommit(state(features, {}, mark(14)), [info('t'), old], nowMs)
    expect([idsOf(kept), domainsOf(kept)]).toEqual([[[3, 1]], []])
    const suspended = completeCommit(state(features, { 'delta.rowTrackingSuspended': 'true' }), [add('a')], nowMs)
    expect(idsOf(suspended)).toEqual([[undefined, undefined]])
  })

  it('says that rows kept their ids where it is enabled and nothing was removed', () => {
    const tags = (enabled: string, ...actions: readonly Action[]): unknown =>
      commitInfoOf(completeCommit(state(features, { 'delta.enableRowTracking': enabled }), actions, nowMs))?.tags
    expect(tags('true', info('t'), add('a'))).toEqual({ 'delta.rowTracking.preserved': 'true' })
    expect(tags('false', info('t'), add('a'))).toBeUndefined()
    expect(tags('true', info('t'), remove('a', 1))).toBeUndefined()
  })

  it('refuses files of which nobody knows how many rows they have, and a broken mark', () => {
    const blind = { add: { ...add('a').add, stats: '{}' } }
    expect(() => completeCommit(state(features), [blind], nowMs)).toThrow(
      expect.objectContaining({ code: 'delta/no-record-count' }),
    )
    const broken = { domain: 'delta.rowTracking', configuration: '{}', removed: false }
    const table = state(features, {}, { domains: new Map([[broken.domain, broken]]) })
    expect(() => completeCommit(table, [add('a')], nowMs)).toThrow(/rowIdHighWaterMark/)
  })
})

describe('column mapping', () => {
  it('gives new columns ids and keeps the highest id ever given', () => {
    const configuration = { 'delta.columnMapping.mode': 'name', 'delta.columnMapping.maxColumnId': '6' }
    const table = state(['columnMapping'], configuration)
    const schemaString = schemaToString(struct([field('id', 'long'), field('more', 'string')]))
    const [action] = completeCommit(table, [{ metaData: { ...table.metadata, schemaString } }], nowMs)
    const { metaData } = action as Extract<Action, { metaData: unknown }>
    expect(metaData.configuration['delta.columnMapping.maxColumnId']).toBe('8')
    expect(parseSchema(metaData.schemaString).fields.map(columnId)).toEqual([7, 8])
  })
})

describe('a table that takes appends only', () => {
  it('refuses removals of rows and takes files that are rearranged', () => {
    const table = state(['appendOnly'], { 'delta.appendOnly': 'true' })
    expect(() => completeCommit(table, [info('t'), remove('a', 1)], nowMs)).toThrow(
      expect.objectContaining({ code: 'delta/append-only' }),
    )
    expect(() => completeCommit(table, [info('t'), remove('a', 1, false)], nowMs)).not.toThrow()
  })

  it('does not lose rows by the commit that ends it, and one that begins it may take some', () => {
    const [off, on] = [state(['appendOnly']), state(['appendOnly'], { 'delta.appendOnly': 'true' })]
    const restoring = (table: TableState): Action[] => [info('t'), remove('a', 1), { metaData: table.metadata }]
    expect(() => completeCommit(on, restoring(off), nowMs)).toThrow(
      expect.objectContaining({ code: 'delta/append-only' }),
    )
    expect(() => completeCommit(off, restoring(on), nowMs)).not.toThrow()
  })
})
