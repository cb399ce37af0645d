import { partitionAppId, type CommitJob, type UnitCommitJob } from '@silt/contracts'
import { seededRandom, type ObjectStore, type Random } from '@silt/core'
import { FaultyStore, seededFaults, type FaultPlan } from '@silt/object-store/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditLogs } from './support/audit.ts'
import { CrashableStore } from './support/crashable-store.ts'
import { startJob, topic, topicId, unitJob } from './support/jobs.ts'
import { newWorld, openCommitter, stateOf, type LiveCommitter, type World } from './support/world.ts'

const offsets = 12
const partitions = [0, 1] as const

interface Plans {
  readonly main: FaultPlan
  readonly deadLetters: FaultPlan
}

/** One committer's life: it may crash between, or in the middle of, any two steps. */
interface Life {
  readonly committer: LiveCommitter
  crash(): void
}

async function begin(world: World, random: Random, plans: Plans | undefined): Promise<Life | undefined> {
  const faulty = (store: ObjectStore, plan: FaultPlan | undefined): ObjectStore =>
    plan === undefined ? store : new FaultyStore(store, { plan, clock: world.clock })
  const crashable = [
    new CrashableStore(faulty(world.main, plans?.main)),
    new CrashableStore(faulty(world.deadLetters, plans?.deadLetters)),
  ] as const
  try {
    const committer = await openCommitter(world, {
      stores: { main: crashable[0], deadLetters: crashable[1] },
      random,
    })
    committer.done.catch((error: unknown) => world.bugs.push(error))
    return {
      committer,
      crash: () => {
        for (const store of crashable) store.crash()
        committer.stop()
      },
    }
  } catch {
    return undefined
  }
}

/** Any unit at all: joined up, ahead, crossing, doubled, shared; which of its records are dead letters changes from run to run. */
function anyUnit(world: World, random: Random): UnitCommitJob {
  const pick = (below: number): number => Math.floor(random.next() * below)
  const range = (partition: number): readonly [number, number, number] => {
    const start = pick(offsets)
    return [partition, start, start + 1 + pick(Math.min(5, offsets - start))]
  }
  const chosen = random.next() < 0.3 ? partitions.map(range) : [range(pick(2))]
  return unitJob(world.tableId, chosen, { full: random.next() < 0.6, deadLetters: random.next() < 0.4 ? 1 : 0 })
}

/** Submits a job; an answer that it is in must be true of the log at that moment. */
function submit(world: World, life: Life | undefined, job: CommitJob): void {
  const ended = life?.committer.submit(job).then(async (notice) => {
    if (job.kind !== 'unit' || (notice.outcome !== 'committed' && notice.outcome !== 'duplicate')) return
    const next = await nextOffsets(world)
    for (const range of job.ranges)
      if ((next[range.partition] ?? 0) < range.endExclusive) world.bugs.push(`${notice.outcome}, but the log lacks it`)
  })
  ended?.catch(() => undefined)
}

async function nextOffsets(world: World): Promise<readonly (number | undefined)[]> {
  const { txns } = await stateOf(world.main)
  return partitions.map((partition) => txns.get(partitionAppId('silt', { topic, topicId, partition, restart: 0 })))
}

async function run(seed: number): Promise<void> {
  const world = await newWorld(seed)
  const random = seededRandom(seed * 31 + 7)
  const rates = { failBefore: 0.03, answerLost: 0.08, landsLate: 0.05, delay: 0.5, afterMsMax: 80 }
  const plan: Plans = {
    main: seededFaults(random, rates),
    deadLetters: seededFaults(random, { ...rates, failBefore: 0.3, delay: 0.3 }),
  }
  const begun = begin(world, random, plan)
  await world.clock.advance(2000)
  const lives: (Life | undefined)[] = [await begun, undefined]
  const sent: UnitCommitJob[] = []
  for (let step = 0; step < 60; step++) {
    const at = Math.floor(random.next() * 2)
    const life = lives[at]
    const dice = random.next()
    if (life === undefined || dice < 0.06) {
      life?.crash()
      const opening = begin(world, random, plan)
      await world.clock.advance(Math.ceil(random.next() * 300))
      lives[at] = undefined
      void opening.then((opened) => (lives[at] = opened))
    } else if (dice < 0.15) submit(world, life, startJob(world.tableId, random.next() < 0.5 ? 0 : 1))
    else {
      const again = sent[Math.floor(random.next() * sent.length)]
      const job = again !== undefined && random.next() < 0.25 ? again : await likelyUnit(world, random)
      sent.push(job)
      submit(world, life, job)
    }
    await world.clock.advance(Math.ceil(random.next() * 60))
  }
  for (const life of lives) life?.crash()
  await world.clock.advance(1000)
  await auditLogs(world.main, world.deadLetters)
  await settle(world, random)
  expect(world.bugs).toEqual([])
}

/** Half of the units join up, so that the log moves. */
async function likelyUnit(world: World, random: Random): Promise<UnitCommitJob> {
  if (random.next() < 0.5) return anyUnit(world, random)
  const next = await nextOffsets(world)
  const ranges = partitions.flatMap((partition, index) => {
    const start = next[index]
    if (start === undefined || start >= offsets || random.next() < 0.3) return []
    return [[partition, start, Math.min(offsets, start + 1 + Math.floor(random.next() * 3))] as const]
  })
  if (ranges.length === 0) return anyUnit(world, random)
  return unitJob(world.tableId, ranges, { full: random.next() < 0.7, deadLetters: random.next() < 0.5 ? 1 : 0 })
}

/** L1: with one committer and no more faults everything gets in, and the dead-letter table catches up. */
async function settle(world: World, random: Random): Promise<void> {
  const life = await begin(world, random, undefined)
  for (const partition of partitions)
    void life?.committer.submit(startJob(world.tableId, partition)).catch(() => undefined)
  await world.clock.advance(100)
  for (const [index, start] of (await nextOffsets(world)).entries())
    if ((start ?? 0) < offsets)
      void life?.committer.submit(unitJob(world.tableId, [[index, start ?? 0, offsets]], { full: true }))
  await world.clock.advance(3000)
  const covered = await auditLogs(world.main, world.deadLetters)
  expect([...covered.values()].every((end) => end >= offsets)).toBe(true)
  expect(covered.size).toBe(partitions.length)
  life?.committer.stop()
}

describe('two live committers, any units, crashes, lost and late answers', () => {
  it('every record is in once, in every version', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 30 }), async (seed) => {
        await run(seed)
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })
})
