import { expect, test } from 'vitest'
import { partitionAppId } from '@silt/contracts'
import { checkEnd, checkHistory } from '../index.ts'
import { HistoryBuilder, key } from './history-builder.ts'
import { endNamesOf, namesOf } from './names-of.ts'

test('a history with rows, dead letters, gaps, aborted and compacted records is sound', () => {
  const builder = longHistory()
  expect(checkHistory(builder.history, builder.parquet)).toEqual([])
  expect(checkEnd(builder.history, builder.parquet)).toEqual([])
})

test('a compacted record that settled before is no violation', () => {
  const builder = new HistoryBuilder()
  const log = builder.produce(0, 'rr')
  builder.land(builder.start(0))
  builder.land(builder.unit([{ partition: 0, start: 0, endExclusive: 2 }]))
  Object.assign(log.records[1]!, { fate: 'compacted' })
  expect(namesOf(builder)).toEqual([])
})

test('another engine may compact, append, delete, overwrite and restore', () => {
  const builder = new HistoryBuilder()
  builder.produce(0, 'rrrr')
  builder.land(builder.start(0))
  const [first] = builder.land(builder.unit([{ partition: 0, start: 0, endExclusive: 2 }])).adds
  const optimize = builder.foreign('OPTIMIZE')
  const rows = [0, 1].map((offset) => ({ partition: 0, offset, sessionId: `topic-1/0/${offset}` }))
  const merged = { ...builder.file('main', rows), dataChange: false }
  optimize.others.push({ remove: { path: first!.path, dataChange: false } })
  optimize.adds.push(merged)
  builder.land(optimize)
  const erase = builder.foreign('DELETE')
  erase.others.push({ remove: { path: merged.path, dataChange: true } })
  builder.land(erase)
  const restore = builder.foreign('RESTORE')
  restore.adds.push(first!)
  const restored = builder.land(restore).version
  const release = builder.decision({ kind: 'resume', reason: 'seen', atVersion: restored, by: 'operator' })
  builder.land(release)
  builder.land(builder.unit([{ partition: 0, start: 2, endExclusive: 4 }]))
  expect(namesOf(builder)).toEqual([])
  expect(endNamesOf(builder)).toEqual([])
})

test('an accepted gap, a restart and a recreated topic are explained by their decisions', () => {
  const builder = new HistoryBuilder()
  builder.produce(0, 'rrrrrr', { logStart: 3 })
  builder.produce(1, 'rr')
  builder.land(builder.start(0, 1))
  builder.land(builder.unit([{ partition: 0, start: 0, endExclusive: 1 }]))
  const gap = builder.decision({ kind: 'accept-gap', ...key(0), from: 1, to: 3, by: 'operator' })
  gap.txns.set(partitionAppId('silt', key(0)), 3).set(partitionAppId('silt-accepted', key(0)), 2)
  builder.land(gap)
  builder.land(
    builder.unit([
      { partition: 0, start: 3, endExclusive: 6 },
      { partition: 1, start: 0, endExclusive: 2 },
    ]),
  )
  const again = builder.decision({ kind: 'restart', ...key(1, 1), at: 0, by: 'operator' })
  builder.begin(again, key(1, 1), 0)
  builder.land(again)
  builder.land(builder.unit([{ partition: 1, start: 0, endExclusive: 2, restart: 1 }]))
  Object.assign(builder.logs[0]!, { isGone: true })
  builder.produce(0, 'r', { topicId: 'topic-2' })
  const recreated = builder.decision({ kind: 'restart', ...key(0, 0, 'topic-2'), at: 0, by: 'operator' })
  builder.begin(recreated, key(0, 0, 'topic-2'), 0)
  builder.land(recreated)
  const draft = builder.draft('main')
  builder.addUnit(draft, [{ partition: 0, start: 0, endExclusive: 1 }], 'topic-2')
  builder.land(draft)
  expect(namesOf(builder)).toEqual([])
  expect(endNamesOf(builder)).toEqual([])
})

test('both checks share one walk, and a history that grew is walked again', () => {
  const builder = new HistoryBuilder()
  builder.produce(0, 'r')
  const { history } = builder
  expect(checkEnd(history, builder.parquet)[0]?.name).toBe('L1-not-started')
  builder.land(builder.start(0))
  builder.land(builder.unit([{ partition: 0, start: 0, endExclusive: 1 }]))
  expect(checkHistory(history, builder.parquet)).toEqual([])
  expect(checkEnd(history, builder.parquet)).toEqual([])
})

/** Two partitions, two records of dead letters, each applied before the next. */
function longHistory(): HistoryBuilder {
  const builder = new HistoryBuilder()
  builder.produce(0, 'rrdra-rdc')
  builder.produce(1, 'rrrr')
  builder.land(builder.start(0, 1))
  const first = builder.land(
    builder.unit([
      { partition: 0, start: 0, endExclusive: 4 },
      { partition: 1, start: 0, endExclusive: 1 },
    ]),
  )
  builder.land(builder.projection(first.version, first.deadLetters))
  const second = builder.unit([{ partition: 1, start: 1, endExclusive: 4 }])
  builder.addUnit(second, [{ partition: 0, start: 4, endExclusive: 9 }])
  builder.land(second)
  builder.land(builder.projection(second.version, second.deadLetters))
  return builder
}
