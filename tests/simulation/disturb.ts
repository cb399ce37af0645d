import type { CallTarget } from './call-faults.ts'
import type { Disturbance } from './disturbance.ts'
import { drawsFor } from './draws.ts'
import type { Engine } from './engine.ts'
import { signedMsMax } from './ports/sim-store.ts'
import type { DumpedJob } from './ports/redis.ts'
import type { Operator } from './operator.ts'
import type { PortCall, SimProcess } from './process.ts'
import type { Supervisor } from './supervisor.ts'
import { topic, type RecordKind } from './truth-keeper.ts'
import type { World } from './world.ts'

/** Until what was held up has been sent, answered and acted on, ms. */
const heardMs = 1000
/** A trap springs so long after all else is calm, ms: much happens only then. It still settles in time. */
const trapsMs = 10_000

const filledMsMax = 4000
const [backUpPollMs, restorePollMs, redisWaitMsMax] = [10, 100, 4000]

/** What the disturbances of one run share. */
export interface Stage {
  readonly world: World
  readonly supervisor: Supervisor
  readonly engine: Engine
  readonly operator: Operator
  backup: { readonly write: Dump; readonly commit: Dump } | undefined
}
type Dump = readonly DumpedJob[]

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
      outage(world, what.of, what.forMs)
      return
    case 'redis-flush':
      return emptyRedis(world)
    case 'redis-backup':
      return backUp(stage, world.scheduler.nowMs + redisWaitMsMax)
    case 'redis-restore':
      return restore(stage, world.scheduler.nowMs + redisWaitMsMax)
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
    case 'in-the-act':
      world.tally.add('trap: set')
      return world.trap({ ...what, act: (process, call) => actOn(stage, process, call, what) })
    case 'hibernate':
      return fallAsleep(stage, what)
  }
}

/** Once there is something to keep. */
function backUp(stage: Stage, untilMs: number): void {
  const { world } = stage
  const backup = { write: world.writeQueue.dump(), commit: world.commitQueue.dump() }
  if (backup.write.length + backup.commit.length > 0) stage.backup = backup
  else if (world.scheduler.nowMs < untilMs) world.scheduler.after(backUpPollMs, () => backUp(stage, untilMs))
}

/** Once what was kept is out of date, so that jobs come back which have ended. */
function restore(stage: Stage, untilMs: number): void {
  const { world, backup } = stage
  const hasEnded = backup?.write.some(({ id }) => !world.writeQueue.has(id)) ?? false
  if (!hasEnded && world.scheduler.nowMs < untilMs)
    return void world.scheduler.after(restorePollMs, () => restore(stage, untilMs))
  emptyRedis(world)
  if (backup === undefined) return
  world.tally.add(hasEnded ? 'Redis restored, ended jobs in it' : 'Redis restored')
  world.writeQueue.restore(backup.write)
  world.commitQueue.restore(backup.commit)
}

function outage(world: World, of: CallTarget | 'dead-letters', forMs: number): void {
  if (of === 'dead-letters') {
    world.deadLetters.awayUntilMs = Math.min(world.main.nowMs() + forMs, world.calmFromMs)
    return
  }
  world.outages.add(of)
  world.scheduler.after(forMs, () => world.outages.delete(of))
}

function actOn(
  { world, supervisor }: Stage,
  process: SimProcess,
  call: PortCall,
  { does, forMs }: Extract<Disturbance, { kind: 'in-the-act' }>,
): void {
  if (world.scheduler.nowMs > world.scenario.calmFromMs + trapsMs) return
  world.tally.add(`trap: ${does}`)
  if (does === 'kill') supervisor.crash(process)
  else if (does === 'freeze') freeze(world, process, forMs)
  else if (does === 'delay') world.faults.doom(call, { fate: 'late', thereMs: forMs, backMs: 200 })
  else if (does === 'cut') {
    world.faults.doom(call, { fate: 'lost', thereMs: 5, backMs: 200 })
    world.scheduler.after(50, () => freeze(world, process, forMs))
  } else {
    // Made again and filled again, from a backup: the old offsets hold other records.
    world.truth.createTopic(world.truth.partitionCount)
    for (let partition = 0; partition < world.truth.partitionCount; partition++)
      world.truth.produce(partition, new Array<RecordKind>(partition === 0 ? 45 : 6).fill('plain'))
    world.group.rebalance()
  }
}

/** Where others use the time: with a job just taken and not committed, or over what a command has asked and not heard yet, or after a while as things are. */
function fallAsleep(stage: Stage, what: Extract<Disturbance, { kind: 'hibernate' }>): void {
  const { world, engine } = stage
  if (what.meanwhile.length === 0) return hibernate(stage, what)
  // Others have nothing to tend before.
  const isEmpty = engine.versionsOf('main') < 1 && world.scheduler.nowMs < what.atMs + filledMsMax
  if (isEmpty) return void world.scheduler.after(backUpPollMs, () => fallAsleep(stage, what))
  let isAsleep = false
  const once = (): void => {
    if (!isAsleep) hibernate(stage, what)
    isAsleep = true
  }
  if (what.over === undefined) {
    const soon = (): unknown => world.scheduler.after(world.draws.between(10, 190), once)
    world.trap({ actor: 'committer', operation: 'queue.take', when: 'after', pass: 0, act: soon })
    return void world.scheduler.after(400, once)
  }
  const { does, operation, pass } = what.over
  const unheard = (_: SimProcess, call: PortCall): void => {
    world.faults.doom(call, { fate: 'fine', thereMs: 5, backMs: 100 })
    world.scheduler.after(50, once)
  }
  world.trap({ actor: 'operator', operation, when: 'before', pass, act: unheard })
  stage.operator.do(does)
  world.scheduler.after(2000, once)
}

function freeze(world: World, process: SimProcess, forMs: number): void {
  if (process.isStopped || !process.isAlive) return
  process.stop()
  world.stayOpen(forMs + heardMs)
  world.group.missHeartbeats(process)
  world.writeQueue.loseLocksOf(process)
  world.commitQueue.loseLocksOf(process)
  world.scheduler.after(forMs, () => wake(world, process))
}

/** It asks for jobs again, as every consumer does all the time. */
function wake(world: World, process: SimProcess): void {
  process.resume()
  world.woke()
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
    // One that stands still already may be between its last look and its request: woken hours later it sends it (a known limit, docs/guarantees.md).
    if (isKilled || process.isStopped) process.kill()
    else process.stop()
  }
  const commands = world.commands()
  for (const command of commands) command.stop()
  // Stopped, all clocks go on; on a machine that sleeps the steady one stands still, on one that is halted the other one too.
  // Of less than a signature lasts a halted machine may learn nothing in time: the log is kept for longer then (docs/guarantees.md).
  const standing = drawsFor(world.scenario.seed, 0x6d).pick([
    [],
    [],
    ['steady'],
    forMs > signedMsMax ? ['steady', 'wall'] : ['steady'],
  ] as const)
  world.tally.add(`hibernation: ${standing.length} of its clocks stood still`)
  for (const process of [...sleepers, ...commands])
    world.scheduler.after(forMs, () => {
      if (standing.length > 0) process.sleptMs += forMs
      if (standing.length > 1) process.skewMs -= forMs
      wake(world, process)
    })
  for (const { afterMs, does, table } of meanwhile)
    world.scheduler.after(afterMs, () => {
      // A known limit (docs/guarantees.md): a record cleaned away before it was applied stops the table until a backup is restored.
      if (does === 'clean-log' && !world.isProjected) return
      engine.do(does, table)
    })
  supervisor.sleep(forMs)
}
