import { describe, expect, it } from 'vitest'
import { auditLogs } from './support/audit.ts'
import { CrashableStore, Doom } from './support/crashable-store.ts'
import { startJob, unitJob } from './support/jobs.ts'
import { newWorld, openCommitter, type LiveCommitter, type World } from './support/world.ts'

/** Starts, a paced unit, a shared one, dead letters in two versions, a unit that comes too early. */
async function scenario(world: World, committer: LiveCommitter): Promise<void> {
  const unit = (ranges: readonly (readonly [number, number, number])[], deadLetters = 0): void =>
    void committer.submit(unitJob(world.tableId, ranges, { full: true, deadLetters })).catch(() => undefined)
  for (const partition of [0, 1]) void committer.submit(startJob(world.tableId, partition)).catch(() => undefined)
  await world.clock.advance(50)
  unit([[0, 3, 6]], 1)
  unit(
    [
      [0, 0, 3],
      [1, 0, 4],
    ],
    1,
  )
  await world.clock.advance(50)
  unit([[1, 4, 9]], 1)
  unit([[0, 6, 8]])
  await world.clock.advance(50)
}

/** The first committer dies by `doom`, the second is given the same jobs. */
async function run(doom: Doom): Promise<void> {
  const world = await newWorld()
  const stores = {
    main: new CrashableStore(world.main, doom),
    deadLetters: new CrashableStore(world.deadLetters, doom),
  }
  const opened = openCommitter(world, { stores })
  void opened.then((committer) => scenario(world, committer))
  await world.clock.advance(1000)
  await auditLogs(world.main, world.deadLetters)

  const successor = await openCommitter(world)
  await scenario(world, successor)
  await world.clock.advance(2000)
  const covered = await auditLogs(world.main, world.deadLetters)
  expect([...covered.values()]).toEqual([8, 9])
  successor.stop()
  await successor.done
}

describe('a committer that dies before or after any one of its calls to the stores', () => {
  it.each(['before', 'after'] as const)('%s: its successor gets everything in once', async (when) => {
    const whole = new Doom(-1, when)
    await run(whole)
    expect(whole.calls).toBeGreaterThan(12)
    for (let at = 0; at < whole.calls; at++) await run(new Doom(at, when))
  })
})
