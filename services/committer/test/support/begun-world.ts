import { startJob } from './jobs.ts'
import { newWorld, openCommitter, type World } from './world.ts'

/** A world whose partitions 0 and 1 begin at offset 0. */
export async function newBegunWorld(): Promise<World> {
  const world = await newWorld()
  const committer = await openCommitter(world)
  for (const partition of [0, 1]) void committer.submit(startJob(world.tableId, partition))
  await world.clock.advance(10)
  committer.stop()
  await committer.done
  return world
}
