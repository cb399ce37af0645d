import type { PartitionProgress } from '@silt/contracts'
import { describe, expect, test } from 'vitest'
import { assessPartition, type PartitionFacts } from '../src/assess-partition.ts'
import { confirmStops } from '../src/confirm-stops.ts'

const known = (partition: number, next: number, topicId = 'id', restart = 0): PartitionProgress => ({
  partition,
  topicId,
  restart,
  next,
  first: 0,
  gaps: 0,
  accepted: 0,
})

function facts(progress: readonly PartitionProgress[], more: Partial<PartitionFacts> = {}): PartitionFacts {
  return {
    sourceKind: 'kafka',
    topic: 'events',
    topicPartition: { partition: 3, topicId: 'id' },
    ends: { partition: 3, logStart: 100, readableEnd: 200 },
    progress,
    ...more,
  }
}

describe('assessPartition', () => {
  test.each([
    ['at the log start', 100],
    ['in between', 150],
    ['at the readable end', 200],
  ])('lets a partition go on from %s', (_, next) => {
    expect(assessPartition(facts([known(3, next)]))).toMatchObject({ kind: 'ok', progress: { next } })
  })

  test('goes by the newest restart', () => {
    expect(
      assessPartition(facts([known(3, 999, 'id', 0), known(3, 120, 'id', 2), known(3, 50, 'id', 1)])),
    ).toMatchObject({
      kind: 'ok',
      progress: { next: 120, restart: 2 },
    })
  })

  test.each([
    ['partition/retention-gap', 'silt partition accept-gap 3', [known(3, 99)], {}],
    ['partition/end-below-txn', 'silt partition restart 3', [known(3, 201)], {}],
    ['partition/file-shorter', 'silt partition restart 3', [known(3, 201)], { sourceKind: 'files' }],
    ['partition/topic-recreated', 'silt partition restart 3', [known(3, 150, 'old')], {}],
    ['partition/topic-recreated', 'silt partition restart 3', [known(0, 150, 'old')], {}],
    ['partition/topic-recreated', 'silt partition restart 3', [known(3, 150, 'old'), known(0, 5, 'id')], {}],
    ['partition/first-line-changed', 'silt partition restart 3', [known(3, 150, 'old')], { sourceKind: 'files' }],
  ] as const)('stops with %s, naming `%s`', (code, remedy, progress, more) => {
    const found = assessPartition(facts(progress, more))
    expect(found).toMatchObject({ kind: 'stopped', code, remedy })
    expect(found.kind === 'stopped' && found.message).toContain(remedy)
    expect(found.kind === 'stopped' && found.message).toContain('partition 3 of events')
  })

  test.each([
    ['nothing is known', [], {}],
    ['other partitions of this topic id are known', [known(0, 5), known(1, 5)], {}],
    ['after others were restarted under the new id, for one that never was', [known(0, 5, 'old'), known(0, 5)], {}],
    ['another file is known', [known(0, 5, 'other')], { sourceKind: 'files' }],
  ] as const)('calls a partition unseen when %s', (_, progress, more) => {
    expect(assessPartition(facts(progress, more))).toEqual({ kind: 'unseen' })
  })
})

describe('confirmStops', () => {
  const stopped = new Map([[3, assessPartition(facts([known(3, 201)]))]])
  const at = (nowMs: number, logReadMs: number): Parameters<typeof confirmStops>[2] => ({
    nowMs,
    logReadMs,
    confirmAfterMs: 1000,
  })

  test('confirms what lasts, and only after the log was read again', () => {
    const first = confirmStops(new Map(), stopped, at(5000, 4000))
    expect(first.get(3)).toMatchObject({ confirmed: false, sinceMs: 5000 })
    expect(confirmStops(first, stopped, at(5900, 5800)).get(3)?.confirmed).toBe(false)
    expect(confirmStops(first, stopped, at(9000, 5000)).get(3)?.confirmed).toBe(false)
    expect(confirmStops(first, stopped, at(6000, 5001)).get(3)?.confirmed).toBe(true)
  })

  test('starts over when it passes or becomes another', () => {
    const first = confirmStops(new Map(), stopped, at(5000, 4000))
    expect(confirmStops(first, new Map([[3, assessPartition(facts([known(3, 150)]))]]), at(6000, 6000)).size).toBe(0)
    const other = new Map([[3, assessPartition(facts([known(3, 50)]))]])
    expect(confirmStops(first, other, at(6000, 6000)).get(3)).toMatchObject({ confirmed: false, sinceMs: 6000 })
  })
})
