import { describe, expect, test } from 'vitest'
import { World } from './support/world.ts'

const twoOwners = [
  [0, 1, 2],
  [3, 4, 5],
]

/** Worst time an offset waited from becoming readable to its commit, by sampling the lag each tick. */
function steady(
  rate: number,
  seconds: number,
): { versionsPerMinute: number; filesPerMinute: number; worstWaitMs: number } {
  const world = new World({ seed: 7, partitions: 6, owners: twoOwners, rate, writers: 3 })
  world.run(5000)
  const versions = world.versions.length
  const files = world.files
  const readableAt: { atMs: number; ends: readonly number[] }[] = []
  let worstWaitMs = 0
  for (const endMs = world.nowMs + seconds * 1000; world.nowMs < endMs;) {
    world.tick()
    readableAt.push({ atMs: world.nowMs, ends: [...world.readable] })
    while (readableAt.length > 0 && (readableAt[0]?.ends ?? []).every((end, p) => end <= (world.txn[p] ?? 0)))
      worstWaitMs = Math.max(worstWaitMs, world.nowMs - (readableAt.shift()?.atMs ?? 0))
    worstWaitMs = Math.max(worstWaitMs, world.nowMs - (readableAt[0]?.atMs ?? world.nowMs))
  }
  const minutes = seconds / 60
  return {
    versionsPerMinute: (world.versions.length - versions) / minutes,
    filesPerMinute: (world.files - files) / minutes,
    worstWaitMs,
  }
}

describe('pacing at default settings, 6 partitions, 2 ingestors', () => {
  for (const rate of [200, 2000, 20_000])
    test(`${rate} events/s make at most 60 versions and 120 files a minute, fresh within 2.5 s`, () => {
      const seen = steady(rate, 60)
      console.log(rate, seen)
      expect(seen.versionsPerMinute).toBeLessThanOrEqual(60)
      expect(seen.filesPerMinute).toBeLessThanOrEqual(120)
      expect(seen.worstWaitMs).toBeLessThan(2500)
    })

  test('7 events in an idle topic are committed within BATCH_TIMEOUT_SECONDS + 2 s, and the idle topic makes no versions', () => {
    const world = new World({ seed: 1, partitions: 6, owners: twoOwners, rate: 0, writers: 2 })
    world.run(60_000)
    expect(world.versions).toEqual([])
    for (const p of [0, 0, 1, 3, 3, 4, 5]) world.readable[p] = (world.readable[p] ?? 0) + 1
    world.run(12_000)
    expect(world.uncommitted).toBe(0)
    expect(world.versions.length).toBeLessThanOrEqual(2)
  })

  test("100 events in one ingestor's partitions are committed within 2 s", () => {
    const world = new World({ seed: 1, partitions: 6, owners: twoOwners, rate: 0, writers: 2 })
    world.run(20_000)
    for (let k = 0; k < 100; k++) world.readable[k % 3] = (world.readable[k % 3] ?? 0) + 1
    world.run(2000)
    expect(world.uncommitted).toBe(0)
  })
})

describe('backlog', () => {
  test('every unit but the last of its partitions holds at least 20,000 records', () => {
    const world = new World({ seed: 3, partitions: 6, owners: twoOwners, rate: 0, backlog: 1_000_000, writers: 3 })
    world.run(60_000)
    expect(world.uncommitted).toBe(0)
    const sizes = new Map<string, number>()
    for (const run of world.runs)
      sizes.set(
        run.unit.unitId,
        run.unit.ranges.reduce((sum, range) => sum + range.endExclusive - range.start, 0),
      )
    const lasts = new Set(
      world.runs
        .filter((run) => run.unit.ranges.some((r) => r.endExclusive === world.readable[r.partition]))
        .map((run) => run.unit.unitId),
    )
    for (const [unitId, size] of sizes) if (!lasts.has(unitId)) expect(size).toBeGreaterThanOrEqual(20_000)
  })

  test('one partition keeps four writers busy at once', () => {
    const world = new World({ seed: 3, partitions: 1, owners: [[0]], rate: 0, backlog: 600_000, writers: 4 })
    world.run(30_000)
    expect(world.uncommitted).toBe(0)
    const busiest = Math.max(
      ...world.runs.map((run) => world.runs.filter((r) => r.startMs <= run.startMs && r.doneMs > run.startMs).length),
    )
    expect(busiest).toBe(4)
  })
})

describe('planning an unmoved partition again', () => {
  test('issues the same unit id after 8, 16, 32 and then every 60 s', () => {
    const world = new World({ seed: 3, partitions: 1, owners: [[0]], rate: 0, backlog: 500, writers: 1, lose: 1 })
    world.run(200_000)
    expect(new Set(world.issuedAt.map((each) => each.unitId)).size).toBe(1)
    const waits = world.issuedAt
      .slice(1)
      .map((each, i) => Math.round((each.atMs - (world.issuedAt[i]?.atMs ?? 0)) / 1000))
    expect(waits).toEqual([8, 16, 32, 60, 60])
  })

  test('a zombie that owns half the partitions costs little: fewer than 2.5 records are read for one committed', () => {
    const world = new World({
      seed: 5,
      partitions: 6,
      owners: [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 2],
      ],
      rate: 2000,
      writers: 2,
    })
    world.run(120_000)
    const committed = world.committed.reduce((sum, range) => sum + range.endExclusive - range.start, 0)
    expect(world.uncommitted).toBeLessThan(2000 * 5)
    expect(world.recordsRead / committed).toBeLessThan(2.5)
  })
})
