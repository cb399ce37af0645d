import type { FiredFault } from './call-faults.ts'
import { disturb, type Stage } from './disturb.ts'
import type { Violation } from './history.ts'
import type { PortCall } from './process.ts'
import type { Scenario } from './scenario.ts'
import { Engine } from './engine.ts'
import { Operator } from './operator.ts'
import { Supervisor } from './supervisor.ts'
import { verdictOf } from './verdict.ts'
import { World } from './world.ts'

export interface Outcome {
  readonly violations: readonly Violation[]
  /** Calls that went wrong, in order. */
  readonly fired: readonly FiredFault[]
  /** Equal for two runs that took the same way, act for act. */
  readonly digest: string
  readonly calls: number
  readonly virtualMs: number
  readonly steps: number
  readonly versions: number
  /** What of note took place, and how often. */
  readonly happened: ReadonlyMap<string, number>
}

/** SIGKILL of the process whose call is watched; what was an actor is started again. */
export interface Crash {
  now(): void
  /** Once all that the answer sets off at once has been done, and sent. */
  onceHeard(): void
}

export interface RunOptions {
  /** Names of call faults left out. */
  readonly muted?: ReadonlySet<string>
  readonly watch?: (call: PortCall, when: 'before' | 'after', crash: Crash) => void
}

const stepsMax = 400_000
/** After the last fault everything is committed within this, ms: the longest back-off of planning, some deadlines and a hibernation. */
const settleMs = 120_000
const lookMs = 250
/** After a crash a run goes on at least so long, ms: until the new life has begun, and has been given again what the old one held. */
const aftermathMs = 4000

/** Runs a whole schedule and holds what it left against every property. Deterministic: all that chance decides comes from the seed. */
export async function runSchedule(scenario: Scenario, options: RunOptions = {}): Promise<Outcome> {
  const { muted = new Set<string>(), watch } = options
  const world: World = new World(scenario, muted, (call, when, process) => {
    const now = (): void => {
      world.stayOpen(aftermathMs)
      supervisor.crash(process)
    }
    watch?.(call, when, { now, onceHeard: () => void world.scheduler.after(0, now) })
  })
  const supervisor = new Supervisor(world)
  world.onCrash = (process) => supervisor.crash(process)
  const stage: Stage = {
    world,
    supervisor,
    engine: new Engine(world),
    operator: new Operator(world),
    backup: undefined,
  }
  const bugs: Violation[] = []
  const onUnhandled = (error: unknown): void => void bugs.push({ name: 'unhandled-rejection', detail: String(error) })
  process.on('unhandledRejection', onUnhandled)
  try {
    prepare(stage)
    const end = await settle(world)
    supervisor.end()
    const late: Violation[] = end === 'settled' ? [] : [{ name: `L1-${end}`, detail: lateDetail(world) }]
    const verdict = await verdictOf(world, stage.engine)
    return {
      violations: [...bugs, ...supervisor.violations, ...late, ...verdict],
      fired: world.faults.fired,
      calls: world.faults.calls,
      digest: world.scheduler.digest,
      virtualMs: world.scheduler.nowMs,
      steps: world.scheduler.steps,
      happened: world.tally.counts,
      versions: world.recorder.entries.filter(({ table }) => table === 'main').length,
    }
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
}

function prepare(stage: Stage): void {
  const { world, supervisor, engine, operator } = stage
  const { scheduler, truth, scenario } = world
  truth.createTopic(scenario.partitions)
  supervisor.startAll()
  for (const { atMs, partition, kinds } of scenario.appends)
    scheduler.after(atMs, () => truth.produce(partition, kinds))
  scheduler.after(scenario.calmFromMs, () => {
    engine.makeWritable()
    operator.standBy()
  })
  for (const each of scenario.disturbances) scheduler.after(each.atMs, () => disturb(stage, each))
}

type SettleEnd = 'settled' | 'late' | 'exhausted' | 'idle'

async function settle(world: World): Promise<SettleEnd> {
  const { scheduler, scenario } = world
  let nextLookMs = scenario.calmFromMs
  const look = (): boolean => {
    nextLookMs = scheduler.nowMs + lookMs
    return (isSettled(world) && !world.isOpen) || isLate(world)
  }
  const end = await scheduler.run(() => scheduler.nowMs >= nextLookMs && look(), stepsMax)
  if (end !== 'over') return end
  return isSettled(world) ? 'settled' : 'late'
}

function isSettled(world: World): boolean {
  return world.unsettled().length === 0 && world.isProjected
}

function isLate({ scheduler, scenario }: World): boolean {
  return scheduler.nowMs > scenario.calmFromMs + settleMs
}

function lateDetail(world: World): string {
  return `${JSON.stringify(world.unsettled())}${world.isProjected ? '' : ', dead letters not in their table'}`
}
