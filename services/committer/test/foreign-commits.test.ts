import { commitInfo, type Action, type LogEntry } from '@silt/delta'
import { describe, expect, it } from 'vitest'
import { foreignKind, parkedAfter } from '../src/foreign-commits.ts'

const entry = (version: number, operation: string, silt?: object, actions: readonly Action[] = []): LogEntry => ({
  version,
  actions: [
    commitInfo({ timestampMs: 0, operation, engineInfo: 'x', token: 't', ...(silt ? { silt: silt as never } : {}) }),
    ...actions,
  ],
})
const record = (decisions: readonly object[] = []): object => ({ v: 1, units: [], deadLetters: [], decisions })
const resume = (version: number, atVersion: number): LogEntry =>
  entry(version, 'SILT RESUME', record([{ kind: 'resume', reason: 'r', atVersion, by: 'me' }]))

describe('a table', () => {
  it('is parked by a RESTORE until a resume that has seen it', () => {
    const restore = entry(5, 'RESTORE')
    expect(parkedAfter(undefined, [restore])).toEqual({ version: 5, operation: 'RESTORE' })
    expect(parkedAfter(undefined, [restore, entry(6, 'OPTIMIZE'), resume(7, 4)])).toMatchObject({ version: 5 })
    expect(parkedAfter(undefined, [restore, resume(6, 5)])).toBeUndefined()
    expect(parkedAfter(undefined, [restore, entry(6, 'RESTORE'), resume(7, 5)])).toMatchObject({ version: 6 })
    expect(parkedAfter(undefined, [resume(5, 9), entry(6, 'RESTORE')])).toMatchObject({ version: 6 })
  })

  it('is not parked by what came before its adoption', () => {
    const adoption = entry(6, 'SILT ADOPT TABLE', record([{ kind: 'adopt', startFrom: 'earliest', by: 'me' }]))
    const overwrite = entry(5, 'CREATE OR REPLACE TABLE AS SELECT', undefined, [
      { remove: { path: 'a', dataChange: true } },
    ])
    const restore = entry(5, 'RESTORE')
    for (const before of [restore, overwrite]) expect(parkedAfter(undefined, [before, adoption])).toBeUndefined()
    expect(parkedAfter(undefined, [adoption, entry(7, 'RESTORE')])).toMatchObject({ version: 7 })
    const goingOn = entry(6, 'SILT ADOPT TABLE', record([{ kind: 'adopt', startFrom: 'progress', by: 'me' }]))
    expect(parkedAfter(undefined, [restore, goingOn]), 'progress was there before').toMatchObject({ version: 5 })
  })

  it('comes to the same however the log is split', () => {
    const entries = [entry(1, 'RESTORE'), entry(2, 'OPTIMIZE'), resume(3, 1), entry(4, 'RESTORE'), resume(5, 3)]
    for (let at = 0; at <= entries.length; at++)
      expect(parkedAfter(parkedAfter(undefined, entries.slice(0, at)), entries.slice(at))).toEqual(
        parkedAfter(undefined, entries),
      )
  })

  it('is not parked by appends, compaction, or deletions of rows', () => {
    const remove = { remove: { path: 'a', dataChange: true } }
    const entries = [entry(1, 'WRITE'), entry(2, 'OPTIMIZE'), entry(3, 'DELETE', undefined, [remove])]
    expect(parkedAfter(undefined, entries)).toBeUndefined()
    expect(foreignKind(entries[2] as LogEntry)).toBe('removes-data')
  })

  it("takes a member `silt` that is not Silt's for nothing", () => {
    expect(foreignKind(entry(1, 'RESTORE', { v: 'x' }))).toBe('restore')
    expect(foreignKind(entry(1, 'STREAMING UPDATE', record()))).toBeUndefined()
  })
})
