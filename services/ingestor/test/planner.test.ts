import type { CommitNotice, WriteResult } from '@silt/contracts'
import { describe, expect, test } from 'vitest'
import {
  emptyPlan,
  withAssignment,
  withEnds,
  withNotice,
  withStops,
  withTruth,
  withWriteResult,
} from '../src/plan-events.ts'
import { plan } from '../src/planner.ts'
import type { PlanSettings, PlanState } from '../src/plan-state.ts'
import { defaultPlanSettings } from './support/world.ts'

const settings: PlanSettings = { ...defaultPlanSettings, unitFirstOffsets: 1000, unitMaxOffsets: 1000 }
const topicIdOf = (partition: number): string => `id-${partition}`

/** The partitions, at txn 0, under one topic id unless told, with `readable[p]` waiting in each. */
function planFor(
  readable: readonly number[],
  ids: (partition: number) => string = () => 'id',
  more = settings,
): PlanState {
  const truths = readable.map((_, partition) => ({ partition, topicId: ids(partition), restart: 0, next: 0 }))
  return ended(withAssignment(emptyPlan(), 1, truths, 1, 0, more), readable, 0)
}

function ended(state: PlanState, readable: readonly number[], nowMs: number): PlanState {
  return withEnds(
    state,
    readable.map((readableEnd, partition) => ({ partition, logStart: 0, readableEnd })),
    nowMs,
  )
}

/** Issued units as `kind p[start,end) …`. */
function cut(
  state: PlanState,
  nowMs: number,
  more = settings,
): { state: PlanState; units: string[]; ids: string[]; cutAtMs: number | undefined } {
  const made = plan(state, more, nowMs)
  const units = made.issue.map(
    ({ unit, again }) =>
      `${again ? 'again ' : ''}${unit.kind} ${unit.ranges.map((range) => `${range.partition}[${range.start},${range.endExclusive})`).join(' ')}`,
  )
  return { state: made.state, units, ids: made.issue.map(({ unit }) => unit.unitId), cutAtMs: made.cutAtMs }
}

function noticeOf(
  outcome: CommitNotice['outcome'],
  version: number,
  txn: Record<number, number>,
  nextSlot = 0,
): CommitNotice {
  return { outcome, version, txn, nextSlot, ranges: [] }
}

function written(...ranges: [number, number, number][]): WriteResult {
  return {
    outcome: 'written',
    bytes: 100,
    ranges: ranges.map(([partition, start, endExclusive]) => ({
      partition,
      start,
      endExclusive,
      read: endExclusive - start,
    })),
  }
}

/** Takes over with nothing waiting, so that nothing is due at once any more. */
function settledPlan(partitions: number, more = settings): PlanState {
  return cut(
    planFor(
      Array.from({ length: partitions }, () => 0),
      undefined,
      more,
    ),
    0,
    more,
  ).state
}

describe('the due rule', () => {
  test('what waits at takeover goes at once, small partitions in one unit', () => {
    expect(cut(planFor([3, 0, 5]), 0).units).toEqual(['small 0[0,3) 2[0,5)'])
  })

  test('BATCH_SIZE counts over all owned partitions', () => {
    const state = settledPlan(3)
    expect(cut(ended(state, [40, 30, 29], 100), 100).units).toEqual([])
    expect(cut(ended(state, [40, 30, 30], 100), 100).units).toEqual(['small 0[0,40) 1[0,30) 2[0,30)'])
  })

  test('the oldest record waits BATCH_TIMEOUT_SECONDS and takes the others along', () => {
    let state = ended(settledPlan(2), [1, 0], 1000)
    state = ended(state, [1, 2], 9000)
    expect(cut(state, 10_999).units).toEqual([])
    expect(cut(state, 11_000).units).toEqual(['small 0[0,1) 1[0,2)'])
  })

  test('under until-idle everything is due', () => {
    const more = { ...settings, untilIdle: true }
    expect(cut(ended(settledPlan(1, more), [1], 100), 100, more).units).toEqual(['small 0[0,1)'])
  })

  test('a file source counts lines by learnt bytes per line', () => {
    const more: PlanSettings = { ...settings, offsetUnit: 'byte' }
    let state = ended(settledPlan(1, more), [49_999], 100)
    expect(cut(state, 100, more).units).toEqual([])
    const first = cut(ended(state, [50_000], 200), 200, more)
    expect(first.units).toEqual(['small 0[0,50000)'])
    const read: WriteResult = {
      outcome: 'written',
      bytes: 50_000,
      ranges: [{ partition: 0, start: 0, endExclusive: 50_000, read: 5000 }],
    }
    state = withWriteResult(first.state, first.ids[0]!, read, 300, more)
    expect(state.partitions.get(0)?.offsetsPerRecord).toBe((500 + 10) / 2)
  })
})

describe('pacing', () => {
  test('one small unit at a time; the next one just early enough for the slot a notice named', () => {
    const first = cut(planFor([5, 5]), 0)
    let state = ended(first.state, [205, 5], 200)
    expect(cut(state, 200).units).toEqual([])
    state = withNotice(state, first.ids[0]!, noticeOf('committed', 2, { 0: 5, 1: 5 }, 1300), 300, settings)
    const waiting = cut(state, 300)
    expect(waiting.units).toEqual([])
    expect(waiting.cutAtMs).toBeGreaterThan(600)
    expect(waiting.cutAtMs).toBeLessThan(1300)
    expect(cut(state, waiting.cutAtMs!).units).toEqual(['small 0[5,205)'])
  })

  test('a committer whose clock runs ahead holds a cut back one interval at most', () => {
    const first = cut(planFor([5]), 0)
    const state = withNotice(
      ended(first.state, [205], 200),
      first.ids[0]!,
      noticeOf('committed', 2, { 0: 5 }, 3_600_000),
      300,
      settings,
    )
    expect(cut(state, 1300).units).toEqual(['small 0[5,205)'])
  })

  test('what is due moments after the cut for a slot goes with that slot, what is due later does not', () => {
    const first = cut(planFor([5]), 0)
    let state = withNotice(first.state, first.ids[0]!, noticeOf('committed', 2, { 0: 5 }, 1300), 300, settings)
    state = ended(state, [6], 320)
    const due = (batchTimeoutMs: number): string[] => cut(state, 1150, { ...settings, batchTimeoutMs }).units
    expect(due(1000)).toEqual(['small 0[5,6)'])
    expect(due(1200)).toEqual([])
  })

  test('full units are cut freely, beside a small one in flight and ahead of txn', () => {
    const first = cut(planFor([5, 0]), 0)
    expect(cut(ended(first.state, [5, 2500], 100), 100).units).toEqual(['full 1[0,1000)', 'full 1[1000,2000)'])
  })

  test('partitions of different topic ids go in units of their own, together the one small in flight', () => {
    const first = cut(planFor([3, 4], topicIdOf), 0)
    expect(first.units).toEqual(['small 0[0,3)', 'small 1[0,4)'])
    const half = withNotice(
      ended(first.state, [200, 200], 50),
      first.ids[0]!,
      noticeOf('committed', 2, { 0: 3 }),
      50,
      settings,
    )
    expect(cut(half, 5000).units).toEqual([])
    const both = withNotice(half, first.ids[1]!, noticeOf('committed', 3, { 1: 4 }), 60, settings)
    expect(cut(both, 5000).units).toEqual(['small 0[3,200)', 'small 1[4,200)'])
  })

  test('small partitions that fill a unit together go as a full one, whose last range is cut where it is full', () => {
    expect(cut(planFor([600, 600, 100]), 0).units).toEqual(['full 0[0,600) 1[0,400)', 'small 2[0,100)'])
  })
})

describe('back-pressure', () => {
  const trickleAndFlood = (more: PlanSettings): string[] => cut(planFor([100_000, 3], undefined, more), 0, more).units

  test('full units leave one place for a small one', () => {
    expect(trickleAndFlood({ ...settings, unitsInFlightMax: 3 })).toEqual(['small 1[0,3)', 'full 0[0,1000)'])
  })

  test('nothing is cut beyond UNCOMMITTED_OFFSETS_MAX', () => {
    expect(trickleAndFlood({ ...settings, uncommittedOffsetsMax: 2500 })).toHaveLength(3)
  })

  test('nothing is cut beyond UNCOMMITTED_BYTES_MAX, but one unit always goes', () => {
    expect(trickleAndFlood({ ...settings, uncommittedBytesMax: 1500 * 1024 })).toHaveLength(2)
    expect(cut(planFor([100_000], undefined, settings), 0, { ...settings, uncommittedBytesMax: 10 }).units).toEqual([
      'full 0[0,1000)',
    ])
  })

  test('units shrink where records are large, aiming below UNIT_BYTES_MAX', () => {
    const more = { ...settings, unitBytesMax: 1_000_000 }
    const first = cut(planFor([1], undefined, more), 0, more)
    const result: WriteResult = {
      outcome: 'written',
      bytes: 10_000,
      ranges: [{ partition: 0, start: 0, endExclusive: 1, read: 1 }],
    }
    const state = withWriteResult(first.state, first.ids[0]!, result, 10, more)
    expect(cut(ended(state, [91], 20), 20, more).units).toEqual(['full 0[1,91)'])
  })
})

describe('what came back otherwise', () => {
  test('the rest of a short return goes at once and alone, before units cut ahead of it are waited for', () => {
    const first = cut(planFor([2500]), 0)
    expect(first.units).toEqual(['full 0[0,1000)', 'full 0[1000,2000)'])
    const short = withWriteResult(first.state, first.ids[0]!, written([0, 0, 700]), 10, settings)
    expect(cut(short, 10).units).toEqual(['rest 0[700,1000)'])
  })

  test('a stale shared unit is planned again alone, a range each', () => {
    const first = cut(planFor([10, 20]), 0)
    const state = withNotice(first.state, first.ids[0]!, noticeOf('stale', 2, { 0: 4, 1: 0 }), 10, settings)
    expect(cut(state, 10).units).toEqual(['rest 0[4,10)', 'rest 1[0,20)'])
  })

  test('a unit that is stale though nothing moved (its schema no longer fits, it was held too long) goes again at once', () => {
    const first = cut(planFor([2500]), 0)
    const state = withNotice(first.state, first.ids[1]!, noticeOf('stale', 1, { 0: 0 }), 10, settings)
    expect(cut(state, 10).units).toEqual(['rest 0[1000,2000)'])
  })

  test('a head that is stale again and again though nothing moved waits longer each time, until it moves', () => {
    let made = cut(planFor([10]), 0)
    let nowMs = 0
    let refused = 0
    for (const holdMs of [0, 1000, 2000, 4000]) {
      const state = withNotice(made.state, made.ids[0]!, noticeOf('stale', ++refused, { 0: 0 }), nowMs, settings)
      if (holdMs > 0) expect(cut(state, nowMs + holdMs - 1).units).toEqual([])
      nowMs += holdMs
      made = cut(state, nowMs)
      expect(made.units).toEqual(['rest 0[0,10)'])
    }
    const moved = withNotice(made.state, made.ids[0]!, noticeOf('stale', 9, { 0: 4 }), nowMs, settings)
    expect(cut(moved, nowMs).units).toEqual(['rest 0[4,10)'])
  })

  test('a unit the log has overtaken is planned again without waiting for its notice', () => {
    const first = cut(planFor([10, 20]), 0)
    const truths = [4, 0].map((next, partition) => ({ partition, topicId: 'id', restart: 0, next }))
    expect(cut(withTruth(first.state, truths, 2, 10, settings), 10).units).toEqual(['rest 0[4,10)', 'rest 1[0,20)'])
  })

  test('a duplicate is simply in', () => {
    const first = cut(planFor([10]), 0)
    const state = withNotice(first.state, first.ids[0]!, noticeOf('duplicate', 5, { 0: 10 }), 10, settings)
    expect(state.units.size).toBe(0)
    expect(cut(state, 10).units).toEqual([])
  })

  test('a refused unit is held back, longer each time, until its partition moves', () => {
    const refused: WriteResult = { outcome: 'refused', code: 'source/out-of-range', message: '' }
    let made = cut(planFor([10]), 0)
    let nowMs = 0
    for (const holdMs of [1000, 2000, 4000]) {
      const state = withWriteResult(made.state, made.ids[0]!, refused, nowMs, settings)
      expect(cut(state, nowMs + holdMs - 1).units).toEqual([])
      made = cut(state, nowMs + holdMs)
      expect(made.units).toEqual(['rest 0[0,10)'])
      nowMs += holdMs
    }
  })

  test('an older version of the log changes nothing that a notice of a newer one said', () => {
    const first = cut(planFor([10]), 0)
    let state = withNotice(first.state, first.ids[0]!, noticeOf('committed', 7, { 0: 10 }), 10, settings)
    state = withTruth(state, [{ partition: 0, topicId: 'id', restart: 0, next: 0 }], 6, 20, settings)
    expect(state.partitions.get(0)?.next).toBe(10)
    state = withTruth(state, [{ partition: 0, topicId: 'id', restart: 0, next: 0 }], 8, 30, settings)
    expect(cut(state, 30).units).toEqual([])
    expect(cut(ended(state, [10], 30), 30_000).units).toEqual(['small 0[0,10)'])
  })

  test("another ingestor's notice moves nothing but the slot", () => {
    const first = cut(planFor([10]), 0)
    const state = withNotice(first.state, 'ffffffffffffffff', noticeOf('committed', 9, { 0: 10 }, 700), 100, settings)
    expect(state.partitions).toEqual(first.state.partitions)
    expect(state.pacing.nextSlotMs).toBe(700)
  })
})

describe('planning again', () => {
  test('issues every unit of an unmoved partition, same ids, and no others', () => {
    const first = cut(planFor([2500, 5]), 0)
    expect(first.units).toEqual(['small 1[0,5)', 'full 0[0,1000)', 'full 0[1000,2000)'])
    const moved = withNotice(first.state, first.ids[0]!, noticeOf('committed', 2, { 1: 5 }), 10, settings)
    expect(cut(moved, 7999).units).toEqual([])
    const again = cut(moved, 8000)
    expect(again.units).toEqual(['again full 0[0,1000)', 'again full 0[1000,2000)'])
    expect(again.ids).toEqual(first.ids.slice(1))
  })

  test('a written head counts as a sign of life, a written follower does not', () => {
    const first = cut(planFor([2500]), 0)
    const follower = withWriteResult(first.state, first.ids[1]!, written([0, 1000, 2000]), 5000, settings)
    expect(cut(follower, 8000).units).toHaveLength(2)
    const head = withWriteResult(first.state, first.ids[0]!, written([0, 0, 1000]), 5000, settings)
    expect(cut(head, 8000).units).toEqual([])
    expect(cut(head, 13_000).units).toHaveLength(2)
  })

  test('a unit that came back short is cut anew', () => {
    const first = cut(planFor([5, 10]), 0)
    const short = withWriteResult(first.state, first.ids[0]!, written([0, 0, 5], [1, 0, 4]), 10, settings)
    const rest = cut(short, 10)
    expect(rest.units).toEqual(['rest 1[4,10)'])
    expect(cut(rest.state, 8010).units.sort()).toEqual(['again rest 1[4,10)', 'rest 0[0,5)', 'rest 1[0,4)'])
  })
})

describe('a stopped partition', () => {
  test('loses its units, the others of a shared one go on alone, and it is planned from txn when the stop ends', () => {
    const first = cut(planFor([10, 20]), 0)
    const stopped = cut(withStops(first.state, new Set([0])), 10)
    expect(stopped.units).toEqual(['rest 1[0,20)'])
    expect(cut(stopped.state, 60_000).units).toEqual(['again rest 1[0,20)'])
    const back = withNotice(stopped.state, stopped.ids[0]!, noticeOf('committed', 2, { 1: 20 }), 20, settings)
    expect(cut(withStops(back, new Set()), 5000).units).toEqual(['small 0[0,10)'])
  })
})

test('a new generation drops what an older one planned', () => {
  const first = cut(planFor([10, 20]), 0)
  const truths = [{ partition: 1, topicId: 'id', restart: 0, next: 5 }]
  const state = ended(withAssignment(first.state, 2, truths, 3, 10, settings), [10, 20], 10)
  expect([...state.partitions.keys()]).toEqual([1])
  expect(cut(state, 10).units).toEqual(['small 1[5,20)'])
})
