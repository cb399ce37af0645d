import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/index.ts'
import { emptyTally, tallyAfter, TallySince, TallyTrail } from '../../src/checksum/tally.ts'
import { add, info, remove, txn } from '../support/table.ts'

const rearranging: readonly Action[] = [add('a', 1, { dataChange: false })]

describe('the tally after a commit', () => {
  it('counts what appends bring', () => {
    expect(tallyAfter({ files: 2, bytes: 5 }, [info('t'), add('a'), add('b', 1, { size: 7 })])).toEqual({
      files: 4,
      bytes: 22,
    })
    expect(tallyAfter({ files: 2, bytes: 5 }, [info('t'), txn('a', 1)])).toEqual({ files: 2, bytes: 5 })
  })

  it.each([
    ['a removal', [remove('a', 1)]],
    ['an add that may stand for a live file', rearranging],
  ])('is not known after %s', (_, actions) => {
    expect(tallyAfter(emptyTally, actions)).toBeUndefined()
  })

  it('is not known beyond 2^53', () => {
    expect(tallyAfter({ files: 1, bytes: Number.MAX_SAFE_INTEGER }, [add('a')])).toBeUndefined()
  })
})

describe('a trail of tallies', () => {
  it('carries an older count to the newest version', () => {
    const trail = new TallyTrail()
    for (let version = 3; version <= 6; version++) trail.note(version, [add(`f${version}`)])
    expect(trail.carry({ files: 10, bytes: 100 }, 4, 6)).toEqual({ files: 12, bytes: 120 })
    expect(trail.carry({ files: 10, bytes: 100 }, 6, 6)).toEqual({ files: 10, bytes: 100 })
    expect(trail.carry({ files: 10, bytes: 100 }, 1, 6), 'version 2 is not known').toBeUndefined()
    expect(trail.carry({ files: 10, bytes: 100 }, 4, 7), 'version 7 is not known').toBeUndefined()
    expect(trail.carry({ files: 10, bytes: 100 }, 7, 6)).toBeUndefined()
  })

  it('ends where a version was missed or removed files', () => {
    const trail = new TallyTrail()
    trail.note(1, [add('a')])
    trail.note(2, [remove('a', 1)])
    trail.note(3, [add('b')])
    expect(trail.carry(emptyTally, 0, 3)).toBeUndefined()
    expect(trail.carry(emptyTally, 2, 3)).toEqual({ files: 1, bytes: 10 })
    trail.note(7, [add('c')])
    expect(trail.carry(emptyTally, 2, 7)).toBeUndefined()
    expect(trail.carry(emptyTally, 6, 7)).toEqual({ files: 1, bytes: 10 })
  })

  it('forgets its oldest half rather than grow', () => {
    const trail = new TallyTrail()
    for (let version = 1; version <= 10_001; version++) trail.note(version, [])
    expect(trail.carry(emptyTally, 1, 10_001)).toBeUndefined()
    expect(trail.carry(emptyTally, 6000, 10_001)).toEqual(emptyTally)
  })
})

describe('a tally since a version', () => {
  it('leaves out what came before, and counts nothing twice', () => {
    const since = new TallySince(2)
    since.take({ first: 2, last: 2, actions: [remove('x', 1)] })
    since.take({ first: 3, last: 5, actions: [add('a'), add('b')] })
    since.take({ first: 5, last: 5, actions: [add('b')] })
    expect(since.tally).toEqual({ files: 2, bytes: 20 })
  })

  it('is not known where a compaction reaches across that version', () => {
    const since = new TallySince(2)
    since.take({ first: 1, last: 4, actions: [add('a')] })
    expect(since.tally).toBeUndefined()
  })
})
