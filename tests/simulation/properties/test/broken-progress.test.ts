import { describe, expect, test } from 'vitest'
import { deadLetterAppliedAppId, deadLetterPointerAppId, partitionAppId, pausingTxns } from '@silt/contracts'
import { encodeEntry } from '@silt/delta'
import { HistoryBuilder, key, type Draft } from './history-builder.ts'
import { endNamesOf, namesOf } from './names-of.ts'

const whole = [{ partition: 0, start: 0, endExclusive: 2 }]

describe('I3', () => {
  test('gap: a range begins ahead of txn', () => {
    const builder = begun('rrr')
    builder.land(builder.unit([{ partition: 0, start: 1, endExclusive: 3 }]))
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-lost', 'I3-gap'])
  })

  test('gap: txn goes further than its ranges', () => {
    const builder = begun('rrr')
    const draft = builder.unit(whole)
    draft.txns.set(partitionAppId('silt', key(0)), 3)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-lost', 'I3-gap'])
  })

  test('gap: an accepted gap begins ahead of txn', () => {
    const builder = new HistoryBuilder()
    builder.produce(0, 'rrr', { logStart: 3 })
    builder.land(builder.start(0))
    const gap = builder.decision({ kind: 'accept-gap', ...key(0), from: 1, to: 3, by: 'operator' })
    gap.txns.set(partitionAppId('silt', key(0)), 3).set(partitionAppId('silt-accepted', key(0)), 2)
    builder.land(gap)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-lost', 'I3-gap'])
  })

  test('overlap: a range begins below txn', () => {
    const builder = begun('rrr')
    builder.land(builder.unit(whole))
    builder.land(builder.unit([{ partition: 0, start: 1, endExclusive: 3 }]))
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-twice', 'I3-overlap'])
  })

  test('overlap: two units of one commit cross', () => {
    const builder = begun('rrr')
    const draft = builder.unit(whole)
    builder.addUnit(draft, [{ partition: 0, start: 1, endExclusive: 3 }])
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-twice', 'I3-overlap'])
  })

  test('overlap: txn stays behind its ranges', () => {
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.txns.set(partitionAppId('silt', key(0)), 1)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I2-counts', 'I2-not-covered', 'I3-overlap', 'I4-add-without-txn'])
  })
})

describe('I3a', () => {
  test('first: a unit is committed before its partition began', () => {
    const builder = new HistoryBuilder()
    builder.produce(0, 'rr')
    builder.land(builder.unit(whole))
    expect(namesOf(builder)).toContain('I3a-first')
  })

  test('first: silt-first is missing, or changes later', () => {
    const without = new HistoryBuilder()
    without.produce(0, 'rr')
    const draft = without.start(0)
    draft.txns.delete(partitionAppId('silt-first', key(0)))
    without.land(draft)
    expect(namesOf(without)).toContain('I3a-first')

    const builder = begun('rr')
    const later = builder.unit(whole)
    later.txns.set(partitionAppId('silt-first', key(0)), 1)
    builder.land(later)
    expect(namesOf(builder)).toContain('I3a-first')
  })

  test('late: a partition begins behind records the source still has, unless START_FROM says so', () => {
    const builder = new HistoryBuilder()
    builder.produce(0, 'rr')
    const draft = builder.draft('main')
    builder.begin(draft, key(0), 1)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I3a-late'])
    expect(namesOf(builder, { startsAtEarliest: false })).toEqual([])
  })
})

describe('I5', () => {
  test('pointer: it is not set, or set to another version, or without a record', () => {
    for (const spoil of [
      (draft: Draft) => draft.txns.delete(deadLetterPointerAppId),
      (draft: Draft) => draft.txns.set(deadLetterPointerAppId, 1),
    ]) {
      const builder = begun('dd')
      const draft = builder.unit(whole)
      spoil(draft)
      builder.land(draft)
      expect(namesOf(builder)).toEqual(['I5-pointer'])
    }
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.txns.set(deadLetterPointerAppId, draft.version)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I5-pointer'])
  })

  test('several pending: a record before the last one was applied', () => {
    const builder = begun('ddd')
    builder.land(builder.unit(whole))
    builder.land(builder.unit([{ partition: 0, start: 2, endExclusive: 3 }]))
    expect(namesOf(builder)).toEqual(['I5-several-pending'])
  })

  test('projection twice, also under another id of the main table', () => {
    for (const other of [false, true]) {
      const { builder, recorded } = withDeadLetters()
      builder.land(builder.projection(recorded.version, recorded.deadLetters))
      const again = builder.projection(recorded.version, recorded.deadLetters)
      if (other) {
        again.txns.clear()
        again.txns.set(deadLetterAppliedAppId('another-id'), recorded.version)
      }
      builder.land(again)
      expect(namesOf(builder)).toEqual(['I5-projection-twice'])
    }
  })

  test('projection without txn', () => {
    const { builder, recorded } = withDeadLetters()
    const draft = builder.projection(recorded.version, recorded.deadLetters)
    draft.txns.clear()
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I5-projection-without-txn'])
  })

  test('projection skipped: the older of two records is left out', () => {
    const { builder } = withDeadLetters()
    builder.produce(1, 'd')
    builder.land(builder.start(1))
    const newer = builder.land(builder.unit([{ partition: 1, start: 0, endExclusive: 1 }]))
    builder.land(builder.projection(newer.version, newer.deadLetters))
    expect(namesOf(builder)).toEqual(['I5-projection-skipped', 'I5-several-pending'])
  })

  test('projection adds: other files than recorded, another order, or before the record', () => {
    const fewer = withDeadLetters()
    fewer.builder.land(fewer.builder.projection(fewer.recorded.version, []))
    expect(namesOf(fewer.builder)).toEqual(['I5-projection-adds'])

    const early = begun('dd')
    const draft = early.unit(whole)
    early.land(early.projection(draft.version, draft.deadLetters))
    early.land(draft)
    expect(namesOf(early)).toEqual(['I5-projection-adds'])

    const turned = begun('ddrr')
    const two = turned.unit(whole)
    turned.produce(1, 'd')
    turned.land(turned.start(1))
    two.version++
    two.txns.set(deadLetterPointerAppId, two.version)
    turned.addUnit(two, [{ partition: 1, start: 0, endExclusive: 1 }])
    turned.land(two)
    turned.land(turned.projection(two.version, [...two.deadLetters].reverse()))
    expect(namesOf(turned)).toEqual(['I5-projection-adds'])
  })
})

describe('I6, I7, I8, I8a, I10a', () => {
  test('file deleted: a process of Silt deletes a data file, vacuum may', () => {
    for (const [by, names] of [
      ['writer-2#3', ['I6-file-deleted']],
      ['committer-1', ['I6-file-deleted']],
      ['spark', []],
    ] as const) {
      const builder = begun('rr')
      builder.delete('main', builder.file('main', []), by)
      expect(namesOf(builder)).toEqual(names)
    }
  })

  test('token reused', () => {
    const builder = begun('rrr')
    const first = builder.land(builder.unit(whole))
    const second = builder.unit([{ partition: 0, start: 2, endExclusive: 3 }])
    second.token = first.token
    builder.land(second)
    expect(namesOf(builder)).toEqual(['I6-token-reused'])
  })

  test('metadata undone: built on an older version', () => {
    const builder = begun('rr')
    const alter = builder.foreign('SET TBLPROPERTIES')
    alter.others.push(builder.metadata({ configuration: { 'delta.appendOnly': 'true' } }))
    builder.land(alter)
    const draft = builder.unit(whole)
    draft.others.push(builder.metadata({}))
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I7-metadata-undone'])
  })

  test('metadata undone: the protocol', () => {
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.others.push({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } })
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I7-metadata-undone'])
  })

  test('decreased', () => {
    const builder = begun('rr')
    builder.land(builder.unit(whole))
    const draft = builder.draft('main')
    draft.txns.set(partitionAppId('silt', key(0)), 1)
    builder.land(draft)
    expect(namesOf(builder)).toContain('I8-decreased')
  })

  test('lastUpdated, in the dead-letter table too', () => {
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.lastUpdated.set(partitionAppId('silt', key(0)), 5)
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['I8-lastUpdated'])

    const { builder: other, recorded } = withDeadLetters()
    const applied = other.projection(recorded.version, recorded.deadLetters)
    for (const appId of applied.txns.keys()) applied.lastUpdated.set(appId, 5)
    other.land(applied)
    expect(namesOf(other)).toEqual(['I8-lastUpdated'])
  })

  test('unreadable: a version landed twice, below the newest, or above a hole, in either table', () => {
    for (const version of [1, 2, 4]) {
      const builder = begun('rrrr')
      builder.land(builder.unit(whole))
      const draft = builder.unit([{ partition: 0, start: 2, endExclusive: 4 }])
      draft.version = version
      builder.land(draft)
      expect(namesOf(builder)).toEqual(['I8a-unreadable'])
    }
    const { builder, recorded } = withDeadLetters()
    const applied = builder.projection(recorded.version, recorded.deadLetters)
    applied.version = 0
    builder.land(applied)
    expect(namesOf(builder)).toEqual(['I8a-unreadable'])
  })

  test('file gone: deleted before its commit, in either table, or never put', () => {
    for (const each of ['rr', 'dd']) {
      const builder = begun(each)
      const draft = builder.unit(whole)
      const [add] = [...draft.adds, ...draft.deadLetters]
      builder.delete(each === 'rr' ? 'main' : 'dead-letters', add!, 'spark')
      builder.land(draft)
      expect(namesOf(builder)).toEqual(['I10a-file-gone'])
    }
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.adds[0] = { ...draft.adds[0]!, path: 'nowhere.parquet' }
    builder.land(draft)
    expect(namesOf(builder)).toContain('I10a-file-gone')
  })

  test('file gone: not where it was deleted after its commit', () => {
    const builder = begun('rr')
    const { adds } = builder.land(builder.unit(whole))
    builder.delete('main', adds[0]!, 'spark')
    expect(namesOf(builder)).toEqual([])
  })

  test('malformed: an entry the product itself cannot read', () => {
    const builder = begun('rr')
    builder.spoil(2, new TextDecoder().decode(encodeEntry([{ txn: { appId: 'x', version: 1 } }])).replace('1', '"1"'))
    expect(namesOf(builder)).toEqual(['log-malformed'])
  })

  test('malformed: tags that the audit could not read', () => {
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.adds[0] = { ...draft.adds[0]!, tags: { ...draft.adds[0]!.tags, 'silt.ranges': '{' } }
    builder.land(draft)
    expect(namesOf(builder)).toEqual(['log-malformed'])
  })
})

describe('I12', () => {
  test.each([
    ['RESTORE', undefined],
    ['WRITE', 'Overwrite'],
  ])('committed while parked by %s', (operation, mode) => {
    const builder = begun('rr')
    builder.produce(1, 'r')
    builder.land(builder.start(1))
    const [add] = builder.land(builder.unit([{ partition: 1, start: 0, endExclusive: 1 }])).adds
    const foreign = builder.foreign(operation, mode)
    foreign.others.push({ remove: { path: add!.path, dataChange: true } })
    const { version } = builder.land(foreign)
    const unseen = builder.decision({ kind: 'resume', reason: 'r', atVersion: version - 1, by: 'operator' })
    builder.land(unseen)
    builder.land(builder.unit(whole))
    expect(namesOf(builder)).toEqual(['I12-committed-while-parked'])
  })

  test('committed while parked: a partition begins', () => {
    const builder = begun('rr')
    builder.land(builder.foreign('RESTORE'))
    builder.land(builder.start(1))
    expect(namesOf(builder)).toEqual(['I12-committed-while-parked'])
  })

  test('committed while paused', () => {
    const builder = begun('rr')
    const pause = builder.decision({ kind: 'pause', reason: 'r', by: 'operator' })
    for (const [appId, version] of pausingTxns(new Map(), pause.version, 1)) pause.txns.set(appId, version)
    builder.land(pause)
    builder.land(builder.unit(whole))
    expect(namesOf(builder)).toEqual(['I12-committed-while-paused'])
  })

  test('unsupported: a feature Silt does not implement', () => {
    const builder = begun('rr')
    const upgrade = builder.foreign('UPGRADE PROTOCOL')
    upgrade.others.push({ protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['fromTheFuture'] } })
    builder.land(upgrade)
    builder.land(builder.unit(whole))
    expect(namesOf(builder)).toEqual(['I12-unsupported'])
  })
})

describe('L1', () => {
  test('not started, unless the topic is gone', () => {
    const builder = new HistoryBuilder()
    builder.produce(0, 'r')
    expect(endNamesOf(builder)).toEqual(['L1-not-started'])
    Object.assign(builder.logs[0]!, { isGone: true })
    expect(endNamesOf(builder)).toEqual([])
  })

  test('behind, unless stopped or parked', () => {
    const builder = begun('rrr')
    builder.land(builder.unit(whole))
    expect(namesOf(builder)).toEqual([])
    expect(endNamesOf(builder)).toEqual(['L1-behind', 'L1-unsettled'])
    expect(endNamesOf(builder, { stopped: new Set(['topic-1:0']), parked: false })).toEqual([])
    expect(endNamesOf(builder, { stopped: new Set(['topic-1:1']), parked: false })).toEqual([
      'L1-behind',
      'L1-unsettled',
    ])
    expect(endNamesOf(builder, { stopped: new Set(), parked: true })).toEqual([])
  })

  test('beyond: past what may be read', () => {
    const builder = begun('rr')
    builder.land(builder.unit(whole))
    Object.assign(builder.logs[0]!, { readableEnd: 1 })
    expect(endNamesOf(builder)).toEqual(['L1-beyond'])
  })

  test('unsettled: lost on the way', () => {
    const builder = begun('rr')
    const draft = builder.unit(whole)
    draft.adds = []
    builder.land(draft)
    expect(endNamesOf(builder)).toEqual(['L1-unsettled'])
  })

  test('dead letters recorded and not applied', () => {
    const { builder, recorded } = withDeadLetters()
    expect(endNamesOf(builder)).toEqual(['L1-dead-letters'])
    builder.land(builder.projection(recorded.version, recorded.deadLetters))
    expect(endNamesOf(builder)).toEqual([])
  })
})

/** Partition 0 produced and begun. */
function begun(shape: string): HistoryBuilder {
  const builder = new HistoryBuilder()
  builder.produce(0, shape)
  builder.land(builder.start(0))
  return builder
}

/** A main commit that recorded dead letters, not applied yet. */
function withDeadLetters(): { builder: HistoryBuilder; recorded: Draft } {
  const builder = begun('dd')
  return { builder, recorded: builder.land(builder.unit(whole)) }
}
