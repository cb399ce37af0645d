import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/index.ts'
import { newReplay, replayAction } from '../../src/snapshot/replay.ts'
import { add, remove } from '../support/table.ts'

const vector = { storageType: 'u', pathOrInlineDv: 'x', sizeInBytes: 1, cardinality: 1 }

function filesAfter(...actions: readonly Action[]): { live: readonly string[]; tombstones: readonly string[] } {
  const replay = newReplay('files')
  for (const action of actions) replayAction(replay, action)
  const names = (files: ReadonlyMap<string, { readonly path: string }> | undefined): string[] =>
    [...(files?.values() ?? [])].map((file) => file.path)
  return { live: names(replay.files?.adds), tombstones: names(replay.files?.removes) }
}

describe('replay', () => {
  it('makes a removed file a tombstone, and a file added again no tombstone any more', () => {
    expect(filesAfter(add('a'), remove('a', 1))).toEqual({ live: [], tombstones: ['a'] })
    expect(filesAfter(add('a'), remove('a', 1), add('a'))).toEqual({ live: ['a'], tombstones: [] })
  })

  it('keeps a file whose older deletion vector was removed, in either order', () => {
    const without: Action = remove('a', 1)
    const withVector: Action = { add: { ...add('a').add, deletionVector: vector } }
    expect(filesAfter(add('a'), without, withVector)).toEqual({ live: ['a'], tombstones: ['a'] })
    expect(filesAfter(add('a'), withVector, without)).toEqual({ live: ['a'], tombstones: ['a'] })
  })

  it('forgets a domain that was removed, and takes it back when it is set again', () => {
    const domain = (removed: boolean): Action => ({ domainMetadata: { domain: 'd', configuration: 'c', removed } })
    const replay = newReplay('no-files')
    replayAction(replay, domain(false))
    replayAction(replay, domain(true))
    expect(replay.domains.size).toBe(0)
    replayAction(replay, domain(false))
    expect(replay.domains.size).toBe(1)
  })

  it('keeps no file where none are wanted', () => {
    const replay = newReplay('no-files')
    replayAction(replay, add('a'))
    expect(replay.files).toBeUndefined()
  })
})
