import { partitionAppId } from '@silt/contracts'
import type { Json } from '@silt/core'
import { expect, test } from 'vitest'
import { JobWatch } from './job-watch.ts'

const body = new Uint8Array([1])

test('a shared unit starts at txn in each of its partitions', () => {
  const watch = watchOf({ 0: 5, 1: 8 })
  watch.sent('ingestor-1#1', job('a', [0, 5, 9], [1, 8, 9]))
  expect(namesIn(watch)).toEqual([])
  watch.sent('ingestor-1#1', job('b', [0, 9, 12], [1, 8, 9]))
  expect(namesIn(watch)).toEqual(['L1a-shared-ahead'])
})

test('a unit of one partition may be ahead', () => {
  const watch = watchOf({ 0: 5 })
  watch.sent('ingestor-1#1', job('a', [0, 9, 12]))
  expect(namesIn(watch)).toEqual([])
})

test('other boundaries are found where an ingestor has heard of nothing', () => {
  const watch = watchOf({ 0: 5 })
  watch.sent('ingestor-1#1', job('a', [0, 5, 9]))
  watch.heard('ingestor-1#1', id('a'), {
    outcome: 'written',
    ranges: [{ partition: 0, start: 5, endExclusive: 9, read: 4 }],
  })
  watch.looked('ingestor-1#1')
  watch.sent('ingestor-1#1', job('a', [0, 5, 9]))
  watch.sent('ingestor-2#1', job('c', [0, 5, 6]))
  expect(namesIn(watch)).toEqual([])
  watch.sent('ingestor-1#1', job('b', [0, 5, 7]))
  expect(namesIn(watch)).toEqual(['L1a-new-boundaries'])
})

test('what an ingestor has heard, or read in the log, may change the boundaries', () => {
  const watch = watchOf({ 0: 5 })
  watch.sent('ingestor-1#1', job('a', [0, 5, 9]))
  watch.heard('ingestor-1#1', id('a'), {
    outcome: 'written',
    ranges: [{ partition: 0, start: 5, endExclusive: 7, read: 2 }],
  })
  // The step that was under way may still send what it had planned.
  watch.sent('ingestor-1#1', job('a', [0, 5, 9]))
  watch.looked('ingestor-1#1')
  watch.sent('ingestor-1#1', job('b', [0, 5, 7]))
  watch.learnt('ingestor-1#1')
  watch.sent('ingestor-1#1', job('c', [0, 5, 8]))
  expect(namesIn(watch)).toEqual([])
})

test('files of a job that was behind when it was taken are found, unless an earlier run of it was in time', () => {
  const txns = new Map<string, number>()
  const watch = new JobWatch(txns)
  move(txns, 0, 5)
  watch.taken('writer-1#1', job('a', [0, 5, 9]))
  move(txns, 0, 9)
  watch.taken('writer-1#1', job('a', [0, 5, 9]))
  watch.filePut('writer-1#1', fileOf('a'), body, undefined)
  expect(namesIn(watch)).toEqual([])
  watch.taken('writer-2#1', job('a', [0, 5, 9]))
  watch.filePut('writer-2#1', fileOf('a'), body, undefined)
  expect(namesIn(watch)).toEqual(['L1a-behind-written'])
})

test('a file put over another one is found, the same one again is not', () => {
  const watch = watchOf({ 0: 5 })
  watch.filePut('writer-1#1', fileOf('a'), body, body)
  expect(namesIn(watch)).toEqual([])
  watch.filePut('writer-1#1', fileOf('a'), body, new Uint8Array([2]))
  expect(namesIn(watch)).toEqual(['I6-file-replaced'])
})

function watchOf(next: Readonly<Record<number, number>>): JobWatch {
  const txns = new Map<string, number>()
  for (const [partition, offset] of Object.entries(next)) move(txns, Number(partition), offset)
  return new JobWatch(txns)
}

function move(txns: Map<string, number>, partition: number, next: number): void {
  txns.set(partitionAppId('silt', { topic: 'events', topicId: 'id', partition, restart: 0 }), next)
}

function namesIn(watch: JobWatch): readonly string[] {
  return watch.violations.map(({ name }) => name)
}

function id(letter: string): string {
  return letter.repeat(16)
}

function fileOf(letter: string): string {
  return `part-${id(letter)}-uuid.zstd.parquet`
}

function job(letter: string, ...ranges: readonly (readonly [number, number, number])[]): Json {
  return {
    v: 1,
    tableId: 'table',
    topic: 'events',
    topicId: 'id',
    unitId: id(letter),
    ranges: ranges.map(([partition, start, endExclusive]) => ({ partition, start, endExclusive, restart: 0 })),
    cutAtMs: 0,
    full: false,
  }
}
