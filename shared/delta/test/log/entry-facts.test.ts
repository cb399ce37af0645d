import { describe, expect, it } from 'vitest'
import { commitInfo, entryFacts, newTableActions, type Action } from '../../src/index.ts'
import { add, plainSchema, remove, txn } from '../support/table.ts'

const by = (operation: string, operationParameters: Readonly<Record<string, string>> = {}): Action =>
  commitInfo({ timestampMs: 1, operation, operationParameters, engineInfo: 'x', token: 't' })
const created = newTableActions({ id: 'x', schema: plainSchema, partitionColumns: [], configuration: {}, createdMs: 1 })
const rearranged = add('b', 1, { dataChange: false })

describe('what a commit did', () => {
  it.each<[string, readonly Action[], string]>([
    ['RESTORE, also one that only brings files back', [by('RESTORE'), add('a')], 'restore'],
    ['WRITE in mode Overwrite', [by('WRITE', { mode: 'Overwrite' }), remove('a', 1), add('b')], 'overwrite'],
    [
      'CREATE OR REPLACE TABLE of a full table',
      [by('CREATE OR REPLACE TABLE'), ...created, remove('a', 1)],
      'overwrite',
    ],
    ['CREATE OR REPLACE TABLE of nothing', [by('CREATE OR REPLACE TABLE'), ...created], 'metadata'],
    ['an overwrite of an empty table', [by('WRITE', { mode: 'Overwrite' }), add('b')], 'appends'],
    ['DELETE', [by('DELETE'), remove('a', 1)], 'removes-data'],
    ['a removal nobody explained', [remove('a', 1)], 'removes-data'],
    ['OPTIMIZE', [by('OPTIMIZE'), remove('a', 1, false), rearranged], 'rearranges'],
    ['an append', [by('WRITE', { mode: 'Append' }), add('a'), txn('x', 1)], 'appends'],
    ['ADD COLUMNS', [by('ADD COLUMNS'), ...created], 'metadata'],
    ['only progress', [by('STREAMING UPDATE'), txn('x', 1)], 'progress'],
  ])('%s', (_, actions, kind) => {
    expect(entryFacts({ version: 1, actions }).kind).toBe(kind)
  })

  it('lists what a concurrent commit may clash with', () => {
    const domain: Action = { domainMetadata: { domain: 'd', configuration: '', removed: false } }
    expect(entryFacts({ version: 1, actions: [...created, txn('a', 1), txn('b', 2), domain, add('f')] })).toMatchObject(
      {
        changesMetadata: true,
        changesProtocol: true,
        appIds: new Set(['a', 'b']),
        domains: new Set(['d']),
        addedFiles: 1,
        removedFiles: 0,
      },
    )
  })
})
