import type { Disturbance } from './disturbance.ts'
import type { Engine } from './engine.ts'
import type { Operator } from './operator.ts'
import type { SimProcess } from './process.ts'
import type { Supervisor } from './supervisor.ts'
import { topic } from './truth-keeper.ts'
import type { World } from './world.ts'

/** What the disturbances of one run share. */
export interface Stage {
  readonly world: World
  readonly supervisor: Supervisor
  readonly engine: Engine
  readonly operator: Operator
  backup: { readonly write: Dump; readonly commit: Dump } | undefined
}
type Dump = ReturnType<World['writeQueue']['dump']>

/** Does to the system what the disturbance says. */
export function disturb(stage: Stage, what: Disturbance): void {
  const { world, supervisor } = stage
  switch (what.kind) {
    case 'kill':
      return supervisor.kill(what.actor, what.number)
    case 'restart':
      return supervisor.restart(what.actor, what.number)
    case 'freeze': {
      const process = supervisor.actor(what.actor, what.number)?.process
      if (process !== undefined) freeze(world, process, what.forMs)
      return
    }
    case 'clock-jump': {
      const process = supervisor.actor(what.actor, what.number)?.process
      if (process !== undefined) process.skewMs += what.byMs
      return
    }
    case 'outage':
      world.outages.add(what.of)
      world.scheduler.after(what.forMs, () => world.outages.delete(what.of))
      return
    case 'redis-flush':
      return emptyRedis(world)
    case 'redis-backup':
      stage.backup = { write: world.writeQueue.dump(), commit: world.commitQueue.dump() }
      return
    case 'redis-restore':
      emptyRedis(world)
      world.writeQueue.restore(stage.backup?.write ?? [])
      world.commitQueue.restore(stage.backup?.commit ?? [])
      return
    case 'redeliver':
      world.writeQueue.deliverAgain(() => true)
      world.commitQueue.deliverAgain(() => true)
      return
    case 'rebalance':
      return world.group.rebalance()
    case 'begin-transaction':
      return world.truth.beginTransaction(what.partition)
    case 'end-transaction':
      return world.truth.endTransaction(what.partition, what.isAborted)
    case 'compact-topic':
      return world.truth.compact(what.partition, () => world.draws.chance(what.share))
    case 'retention': {
      const { highWatermark } = world.truth.source.log(topic, what.partition)
      return world.truth.deleteBelow(what.partition, Math.floor(highWatermark * what.share))
    }
    case 'add-partition':
      world.truth.addPartition()
      return world.group.rebalance()
    case 'recreate-topic':
      world.truth.createTopic(world.truth.partitionCount)
      return world.group.rebalance()
    case 'engine':
      return stage.engine.do(what.does, what.table)
    case 'operator':
      return stage.operator.do(what.does)
    case 'hibernate':
      return hibernate(stage, what)
  }
}

function freeze(world: World, process: SimProcess, forMs: number): void {
  if (process.isStopped) return
  process.stop()
  world.group.missHeartbeats(process)
  world.writeQueue.loseLocksOf(process)
  world.commitQueue.loseLocksOf(process)
  world.scheduler.after(forMs, () => wake(world, process))
}

/** It asks for jobs again, as every consumer does all the time. */
function wake(world: World, process: SimProcess): void {
  process.resume()
  world.writeQueue.offer()
  world.commitQueue.offer()
}

function emptyRedis(world: World): void {
  world.writeQueue.forgetAll()
  world.commitQueue.forgetAll()
  world.lease.forget()
}

/**
 * Everything of Silt's stands still for hours, as on a laptop that was closed, or is gone and comes back; an operator's command stands still in the
 * middle. Others go on.
 */
function hibernate(
  { world, supervisor, engine }: Stage,
  { forMs, isKilled, meanwhile }: Extract<Disturbance, { kind: 'hibernate' }>,
): void {
  const sleepers = supervisor.all.map(({ process }) => process)
  for (const process of sleepers) {
    if (isKilled) process.kill()
    else process.stop()
  }
  const commands = world.commands()
  for (const command of commands) command.stop()
  for (const process of [...sleepers, ...commands]) world.scheduler.after(forMs, () => wake(world, process))
  for (const { afterMs, does, table } of meanwhile)
    world.scheduler.after(afterMs, () => {
      // Known limits (docs/guarantees.md): a record cleaned away before it was applied stops the table until a backup is restored, and a RESTORE
      // cleaned away before anyone saw it parks nothing.
      if (does === 'clean-log' && (!world.isProjected || engine.hasRemovedRows)) return
      engine.do(does, table)
    })
  supervisor.sleep(forMs)
}
