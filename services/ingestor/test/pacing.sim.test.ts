import { describe, expect, test } from 'vitest'
import { World, type WorldOptions } from './support/world.ts'

const twoOwners = [
  [0, 1, 2],
  [3, 4, 5],
]

/** Worst time an offset waited from becoming readable to its commit, by sampling the lag each tick. */
function steady(
  rate: number,
  seconds: number,
  seed: number,
): { versionsPerMinute: number; filesPerMinute: number; worstWaitMs: number } {
  const world = new World({ seed, partitions: 6, owners: twoOwners, rate, writers: 3 })
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
    test(`${rate} events/s make at most 60 versions and 120 files a minute, fresh within 1.5 s`, () => {
      for (const seed of rate > 2000 ? [7] : [2, 5, 7]) {
        const seen = steady(rate, 60, seed)
        expect(seen.versionsPerMinute).toBeLessThanOrEqual(60)
        expect(seen.filesPerMinute).toBeLessThanOrEqual(120)
        expect(seen.worstWaitMs).toBeLessThan(1500)
      }
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

/** Ages of records at their commit, and what they cost, over a minute of a steady trickle after a warm-up with slow first units. */
function trickle(owners: readonly (readonly number[])[], more: Partial<WorldOptions>) {
  const settings = { batchTimeoutMs: 1000 }
  const slow = { tickMs: 5, hopMs: 6, writeMs: 25, hiccups: 0.03, hiccupMs: 100, coldUnits: 2, coldMs: 600 }
  const world = new World({ seed: 11, partitions: 6, owners, rate: 200, writers: 2, settings, ...slow, ...more })
  const readableAtMs: number[][] = world.readable.map(() => [])
  const advance = (ms: number): void => {
    for (const endMs = world.nowMs + ms; world.nowMs < endMs;) {
      world.tick()
      for (const [p, end] of world.readable.entries())
        for (const times = readableAtMs[p] ?? []; times.length < end;) times.push(world.nowMs)
    }
  }
  advance(10_000)
  const before = { versions: world.versions.length, files: world.files, ranges: world.committed.length }
  advance(60_000)
  const ages: number[] = []
  for (const { partition, start, endExclusive, atMs } of world.committed.slice(before.ranges))
    for (let k = start; k < endExclusive; k++) ages.push(atMs - (readableAtMs[partition]?.[k] ?? Number.NaN))
  ages.sort((a, b) => a - b)
  return {
    p50Ms: ages[Math.floor(ages.length * 0.5)] ?? Number.NaN,
    p99Ms: ages[Math.floor(ages.length * 0.99)] ?? Number.NaN,
    versions: world.versions.length - before.versions,
    files: world.files - before.files,
  }
}

describe('freshness at 200 events/s with a time-out of 1 s, queues and files of milliseconds, hiccups and slow first units', () => {
  for (const [name, owners] of [
    ['one ingestor', [[0, 1, 2, 3, 4, 5]]],
    ['two ingestors', twoOwners],
  ] as const)
    test(`${name}: half the records are in within 600 ms, all but 1 % within 1250 ms, in at most 61 versions a minute`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const seen = trickle(owners, { seed })
        expect(seen.p50Ms).toBeLessThanOrEqual(600)
        expect(seen.p99Ms).toBeLessThanOrEqual(1250)
        expect(seen.versions).toBeLessThanOrEqual(61)
        expect(seen.files).toBeLessThanOrEqual(61 * owners.length)
      }
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

  test('a zombie that owns half the partitions costs little: fewer than 2.5 records are read for one produced', () => {
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
    const produced = world.readable.reduce((sum, end) => sum + end, 0)
    expect(world.uncommitted).toBeLessThan(2000 * 5)
    expect(world.recordsRead / produced).toBeLessThan(2.5)
  })
})
