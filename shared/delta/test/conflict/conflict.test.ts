import { describe, expect, it } from 'vitest'
import { commitInfo, entryFacts, newTableActions, type Action } from '../../src/index.ts'
import {
  conflictWith,
  worstVerdict,
  type CommitIntent,
  type ConflictVerdict,
  type Rebuilt,
} from '../../src/conflict/conflict.ts'
import { add, plainSchema, remove, txn } from '../support/table.ts'

const tableId = '0c1f2ad5-63a0-4b8e-9a5e-0f6c1d2e3f40'

function metaData(id = tableId): Action {
  const made = newTableActions({ id, schema: plainSchema, partitionColumns: [], configuration: {}, createdMs: 1 })
  return made.find((each) => 'metaData' in each) as Action
}

const protocol: Action = { protocol: { minReaderVersion: 1, minWriterVersion: 4 } }
const domain = (name: string): Action => ({ domainMetadata: { domain: name, configuration: '{}', removed: false } })
const moved = add('new', 1, { dataChange: false })

/** What won: operation, its parameters, its actions. */
const winners: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>, ...Action[]]>> = {
  append: ['WRITE', { mode: 'Append' }, add('a')],
  'append by our appId': ['STREAMING UPDATE', {}, add('a'), txn('ours', 5)],
  'append by another appId': ['STREAMING UPDATE', {}, add('a'), txn('theirs', 5)],
  'progress of our appId alone': ['STREAMING UPDATE', {}, txn('ours', 5)],
  overwrite: ['WRITE', { mode: 'Overwrite' }, add('a'), remove('old', 1)],
  'overwrite of nothing': ['WRITE', { mode: 'Overwrite' }, add('a')],
  'replaced table': ['CREATE OR REPLACE TABLE', {}, metaData('other'), remove('old', 1)],
  restore: ['RESTORE', {}, add('a'), remove('old', 1)],
  delete: ['DELETE', {}, remove('old', 1)],
  'delete of our file': ['DELETE', {}, remove('f', 1)],
  compaction: ['OPTIMIZE', {}, moved, remove('old', 1, false)],
  'compaction of our file': ['OPTIMIZE', {}, moved, remove('f', 1, false)],
  'statistics anew': ['COMPUTE STATS', {}, moved],
  'changed metadata': ['ADD COLUMNS', {}, metaData()],
  'changed protocol': ['UPGRADE PROTOCOL', {}, protocol],
  'our domain': ['ALTER TABLE', {}, domain('mine')],
  'another domain': ['ALTER TABLE', {}, domain('theirs')],
  'row ids': ['WRITE', {}, add('a'), domain('delta.rowTracking')],
  vacuum: ['VACUUM START', {}],
}

const nothing: CommitIntent = {
  appIds: new Set(),
  domains: new Set(),
  readsTable: false,
  removes: new Set(),
  changesMetadata: false,
  changesProtocol: false,
  assignsRowIds: false,
  isStamped: false,
  rebuilds: new Set(),
  progressTellsRows: false,
}
const all = new Set<Rebuilt>(['txn', 'metadata', 'protocol', 'row-ids', 'in-commit-timestamp'])

/** What lost. */
const intents = {
  /** Silt's commit of units: everything in it is made anew. */
  ingest: { ...nothing, appIds: new Set(['ours']), rebuilds: all, progressTellsRows: true },
  /** A blind append prepared once. */
  append: { ...nothing, appIds: new Set(['ours']) },
  /** An update, a delete, a restore: it has read the table. */
  rewrite: { ...nothing, readsTable: true, removes: new Set(['f']) },
  /** A compaction: it has read the files it takes away. */
  compact: { ...nothing, removes: new Set(['f']) },
  settings: { ...nothing, domains: new Set(['mine']), changesMetadata: true },
  upgrade: { ...nothing, changesProtocol: true, rebuilds: new Set<Rebuilt>(['metadata']) },
} satisfies Readonly<Record<string, CommitIntent>>

function verdict(intent: CommitIntent, winner: string): string {
  const [operation, operationParameters, ...actions] = winners[winner] ?? ['', {}]
  const info = commitInfo({ timestampMs: 1, operation, operationParameters, engineInfo: 'another', token: 't' })
  return shown(conflictWith(intent, { facts: entryFacts({ version: 1, actions: [info, ...actions] }), tableId }))
}

function shown(found: ConflictVerdict): string {
  if (found.kind === 'park') return `park: ${found.reason}`
  if (found.kind === 'refuse') return found.code.replace('delta/', '')
  return ['ok', ...found.changes].join(' ')
}

const txnLost = 'concurrent-transaction'
const appendLost = 'concurrent-append'
const readLost = 'concurrent-delete-read'
const deleteLost = 'concurrent-delete-delete'
const metadataLost = 'concurrent-metadata-change'
const protocolLost = 'concurrent-protocol-change'

describe('a commit that lost to another', () => {
  // prettier-ignore
  it.each<readonly [winner: string, ingest: string, append: string, rewrite: string, compact: string, settings: string, upgrade: string]>([
    ['append',                       'ok',              'ok',          appendLost,   'ok',         'ok',         'ok'],
    ['append by our appId',          'ok txn',          txnLost,       appendLost,   'ok',         'ok',         'ok'],
    ['append by another appId',      'ok',              'ok',          appendLost,   'ok',         'ok',         'ok'],
    ['progress of our appId alone',  'ok txn',          txnLost,       'ok',         'ok',         'ok',         'ok'],
    ['overwrite',                    'park: overwrite', 'ok',          readLost,     'ok',         'ok',         'ok'],
    ['overwrite of nothing',         'ok',              'ok',          appendLost,   'ok',         'ok',         'ok'],
    ['replaced table',               'park: overwrite', 'table-replaced', 'table-replaced', 'table-replaced', 'table-replaced', 'table-replaced'],
    ['restore',                      'park: restore',   'ok',          readLost,     'ok',         'ok',         'ok'],
    ['delete',                       'ok',              'ok',          readLost,     'ok',         'ok',         'ok'],
    ['delete of our file',           'ok',              'ok',          deleteLost,   deleteLost,   'ok',         'ok'],
    ['compaction',                   'ok',              'ok',          readLost,     'ok',         'ok',         'ok'],
    ['compaction of our file',       'ok',              'ok',          deleteLost,   deleteLost,   'ok',         'ok'],
    ['statistics anew',              'ok',              'ok',          appendLost,   'ok',         'ok',         'ok'],
    ['changed metadata',             'ok metadata',     metadataLost,  metadataLost, metadataLost, metadataLost, 'ok metadata'],
    ['changed protocol',             'ok protocol',     protocolLost,  protocolLost, protocolLost, protocolLost, protocolLost],
    ['our domain',                   'ok',              'ok',          'ok',         'ok',         'concurrent-domain-metadata', 'ok'],
    ['another domain',               'ok',              'ok',          'ok',         'ok',         'ok',         'ok'],
    ['row ids',                      'ok',              'ok',          appendLost,   'ok',         'ok',         'ok'],
    ['vacuum',                       'ok',              'ok',          'ok',         'ok',         'ok',         'ok'],
  ])('%s', (winner, ...expected) => {
    expect(Object.values(intents).map((intent) => verdict(intent, winner))).toEqual(expected)
  })

  it('the table has a line for every commit that can win', () => {
    expect(Object.keys(winners)).toHaveLength(19)
  })

  it('gives row ids anew after any winner, as it carries the version it is committed as', () => {
    const domains = new Set(['delta.rowTracking'])
    const rebuilding: CommitIntent = { ...intents.ingest, assignsRowIds: true, domains }
    expect(verdict(rebuilding, 'append')).toBe('ok row-ids')
    expect(verdict(rebuilding, 'row ids')).toBe('ok row-ids')
    expect(verdict({ ...rebuilding, rebuilds: new Set() }, 'append')).toBe('concurrent-row-ids')
    expect(verdict({ ...nothing, domains }, 'row ids'), 'who only sets the mark').toBe('concurrent-domain-metadata')
  })

  it('takes a later time after any winner where commits keep the clock', () => {
    expect(verdict({ ...intents.ingest, isStamped: true }, 'vacuum')).toBe('ok in-commit-timestamp')
    expect(verdict({ ...nothing, isStamped: true }, 'vacuum')).toBe('concurrent-timestamp')
  })

  it('names what stands against it', () => {
    const facts = entryFacts({ version: 1, actions: [remove('f', 1)] })
    expect(conflictWith(intents.compact, { facts, tableId })).toEqual({
      kind: 'refuse',
      code: 'delta/concurrent-delete-delete',
      reason: 'it removed f as well',
    })
  })
})

describe('several winners', () => {
  const ok: ConflictVerdict = { kind: 'rebase', changes: new Set(['txn']) }
  const other: ConflictVerdict = { kind: 'rebase', changes: new Set(['metadata']) }
  const no: ConflictVerdict = { kind: 'refuse', code: 'delta/concurrent-append', reason: '' }
  const park: ConflictVerdict = { kind: 'park', reason: 'restore' }

  it('add up, the worst of them decides', () => {
    expect(worstVerdict([])).toEqual({ kind: 'rebase', changes: new Set() })
    expect(worstVerdict([ok, other, ok])).toEqual({ kind: 'rebase', changes: new Set(['txn', 'metadata']) })
    expect(worstVerdict([ok, no, other])).toBe(no)
    expect(worstVerdict([ok, no, park])).toBe(park)
  })
})
