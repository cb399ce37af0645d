import { isSiltError, seededRandom } from '@silt/core'
import type { EngineDeed } from './disturbance.ts'
import { drawsFor, type Draws } from './draws.ts'
import {
  addColumn,
  append,
  cleanLog,
  deleteRows,
  dropFeature,
  optimize,
  overwrite,
  restoreTo,
  setProperty,
  upgradeProtocol,
  vacuum,
  type EngineDeps,
  type EngineOutcome,
} from './foreign/index.ts'
import type { TableName } from './history.ts'
import { SimStore } from './ports/sim-store.ts'
import type { World } from './world.ts'

/** Versions younger than this are never cleaned away: longer than a proof of the base lasts and a request is under way (docs/guarantees.md). */
const logRetentionMs = 90_000
const unknownFeature = 'checkConstraints2'

/** Versions with files of Silt's a deed waits for: before, it would do nothing. */
const versionsNeeded: Readonly<Record<EngineDeed, number>> = {
  append: 0,
  optimize: 2,
  'optimize-tagged': 1,
  'add-column': 0,
  'set-property': 0,
  'keep-files-briefly': 0,
  vacuum: 1,
  'clean-log': 0,
  restore: 2,
  overwrite: 1,
  'delete-rows': 1,
  // Not later: it is taken back when calm begins.
  'upgrade-protocol': -1,
}
const [waitMs, waitMsMax] = [150, 8000]

/** Another engine at work on Silt's tables. */
export class Engine {
  /** What was taken away on purpose: rows by others, for the audit to report. */
  hasRemovedRows = false
  readonly #world: World
  readonly #draws: Draws
  #busy: Promise<unknown> = Promise.resolve()
  readonly #upgraded = new Set<TableName>()
  readonly #seen = {
    main: { upTo: 0, filled: 0, isThere: false },
    'dead-letters': { upTo: 0, filled: 0, isThere: false },
  }

  constructor(world: World) {
    this.#world = world
    this.#draws = drawsFor(world.scenario.seed, 0xe6)
  }

  do(deed: EngineDeed, table: TableName, untilMs = this.#world.scheduler.nowMs + waitMsMax): void {
    const { scheduler, tally } = this.#world
    if (this.versionsOf(table) < versionsNeeded[deed]) {
      if (scheduler.nowMs < untilMs) scheduler.after(waitMs, () => this.do(deed, table, untilMs))
      else tally.add(`engine: ${deed} never due`)
      return
    }
    const deps = this.#deps(table)
    if (deed === 'upgrade-protocol') this.#upgraded.add(table)
    this.#next(async () => {
      const outcome = await this.#act(deed, deps, table)
      this.#world.tally.add(`engine: ${deed} ${outcome?.kind ?? 'forborne'}`)
    })
  }

  /** What keeps Silt out is taken back. */
  makeWritable(): void {
    for (const table of this.#upgraded) this.#next(() => dropFeature(this.#deps(table), unknownFeature))
    this.#upgraded.clear()
  }

  /** With files of Silt's in them; -1: there is no table. */
  versionsOf(table: TableName): number {
    const { entries } = this.#world.recorder
    const known = this.#seen[table]
    for (; known.upTo < entries.length; known.upTo++) {
      const entry = entries[known.upTo]
      if (entry?.table !== table) continue
      known.isThere = true
      if (entry.by.startsWith('committer') && Buffer.from(entry.body).includes('{"add"')) known.filled++
    }
    return known.isThere ? known.filled : -1
  }

  /** One action after another. */
  #next(act: () => Promise<unknown>): void {
    this.#busy = this.#busy
      .then(() => this.#world.whole(act))
      .catch((error: unknown) => {
        // What this engine's own code cannot do with the table as it is, is not done.
        if (!isSiltError(error) || error.kind !== 'unsupported') throw error
      })
  }

  /** Undefined: it was not the time for it. */
  async #act(deed: EngineDeed, deps: EngineDeps, table: TableName): Promise<EngineOutcome | undefined> {
    const draws = this.#draws
    switch (deed) {
      case 'append':
        return append(deps, draws.chance(0.5) ? { rows: 2 } : { rows: 2, appId: 'nightly' })
      case 'optimize':
        return optimize(deps, { tags: 'merged' })
      case 'optimize-tagged':
        return optimize(deps, { tags: 'kept' })
      case 'add-column':
        return addColumn(deps, {
          name: draws.pick(['extra_0', 'extra_1', 'their_own']),
          type: draws.pick(['string', 'long', 'date'] as const),
        })
      case 'set-property':
        return setProperty(deps, 'delta.checkpointInterval', String(draws.whole(2, 20)))
      case 'keep-files-briefly':
        return setProperty(deps, 'delta.deletedFileRetentionDuration', 'interval 10 minutes')
      case 'vacuum':
        return vacuum(deps)
      case 'clean-log':
        // A record of dead letters that is cleaned away before it was applied stops the table until a backup is restored (docs/guarantees.md).
        if (table === 'main' && !this.#world.isProjected) return undefined
        return cleanLog(deps, { olderThanMs: logRetentionMs })
      case 'restore':
        return this.#note(await restoreTo(deps, this.#olderVersion(table)))
      case 'overwrite':
        return this.#note(await overwrite(deps))
      case 'delete-rows':
        return this.#note(await deleteRows(deps, draws.chance(0.5) ? 'whole' : 'part'))
      case 'upgrade-protocol':
        return upgradeProtocol(deps, unknownFeature)
    }
  }

  #olderVersion(table: TableName): number {
    const newest = this.#world.recorder.entries.findLast((entry) => entry.table === table)?.version ?? 0
    return Math.max(1, newest - this.#draws.whole(1, 4))
  }

  /** One that failed may have landed. */
  #note(outcome: EngineOutcome): EngineOutcome {
    this.hasRemovedRows ||= outcome.kind === 'done' || outcome.kind === 'failed'
    return outcome
  }

  #deps(table: TableName): EngineDeps {
    const process = this.#world.newProcess('engine', 1)
    const bucket = table === 'main' ? this.#world.main : this.#world.deadLetters
    const never = (): Error => new Error('an engine meets no faults')
    return {
      store: new SimStore(process, bucket),
      parquetReader: this.#world.parquet,
      parquetWriter: this.#world.parquet,
      clock: process.clock,
      random: seededRandom(process.randomSeed),
      remove: (key) =>
        process.call('store.delete', () => bucket.remove(key, process.name), { refused: never, lost: never }),
    }
  }
}
