import { isSiltError, seededRandom, type BackoffPolicy } from '@silt/core'
import { commitKey } from '@silt/delta'
import { RetryingStore } from '@silt/object-store/testing'
import { fileKey } from './history.ts'
import { look, needsDecision, pauseTable, remedy, type DecisionOutcome, type OperatorDeps } from './operator/index.ts'
import { SimSource } from './ports/sim-source.ts'
import { SimStore } from './ports/sim-store.ts'
import type { SimProcess } from './process.ts'
import { topic } from './truth-keeper.ts'
import type { World } from './world.ts'

const lookEveryMs = 3000
/** How often a command is said before a person lets it be; from calm on whoever stands by sees to it. */
const timesSaidMax = 3
const retryPolicy: BackoffPolicy = Object.freeze({ firstMs: 50, maxMs: 500, attemptsMax: 4 })

type Command = 'pause' | 'remedy'
/** `refused`: the command said no, or does not know. `failed`: it could not look. `died`: killed in the middle of it. */
type Ended = 'done' | 'refused' | 'failed' | 'died'

/** The human: looks, and does what the runbooks say. */
export class Operator {
  readonly #world: World
  #deciding: SimProcess | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** Says a command; where it failed, or its process died in the middle of it, says it again. */
  do(what: Command, timesMax = timesSaidMax): void {
    const { scheduler, draws, tally } = this.#world
    const process = this.#newProcess()
    let hasEnded = false
    const end = (how: Ended): void => {
      if (hasEnded) return
      hasEnded = true
      tally.add(`operator: ${what} ${how}`)
      if (how !== 'done' && timesMax > 1) scheduler.after(draws.between(200, 3000), () => this.do(what, timesMax - 1))
    }
    process.onDeath(() => end('died'))
    void this.#say(what, process).then(end)
  }

  /** From now on whatever waits for a decision gets one. */
  standBy(): void {
    // A command that was killed is given again at the next look.
    if (this.#deciding?.isAlive !== true) {
      const process = this.#newProcess()
      this.#deciding = process
      void this.#say('remedy', process).finally(() => {
        this.#deciding = undefined
      })
    }
    void this.#bringFilesBack()
    this.#world.scheduler.after(lookEveryMs, () => this.standBy())
  }

  async #say(what: Command, process: SimProcess): Promise<Ended> {
    try {
      const deps = this.#deps(process)
      const outcomes = what === 'pause' ? [await pauseTable(deps, 'maintenance')] : await this.#remedy(deps)
      return outcomes.some((each) => each.kind === 'refused') ? 'refused' : 'done'
    } catch (error) {
      if (isSiltError(error) && (error.kind === 'unavailable' || error.kind === 'ambiguous')) return 'failed'
      throw error
    }
  }

  /** The runbook of `committer/dead-letter-file-lost`: what a vacuum took before it was in its table comes back from a backup. */
  async #bringFilesBack(): Promise<void> {
    const { deadLetters, recorder } = this.#world
    for (const key of this.#world.recordedFiles()) {
      const body = recorder.files.get(fileKey('dead-letters', key))
      if (body === undefined || (await deadLetters.objects.head(key)) !== undefined) continue
      await deadLetters.put(key, body, 'operator')
    }
  }

  async #remedy(deps: OperatorDeps): Promise<readonly DecisionOutcome[]> {
    const seen = await look(deps)
    if (seen.parked !== undefined && seen.parked.operation === undefined) await this.#requireCleaned()
    return needsDecision(seen) ? remedy(deps, seen) : []
  }

  /** Only a log that was cleaned may leave it open whether the table is parked. */
  async #requireCleaned(): Promise<void> {
    const first = await this.#world.main.objects.head(commitKey(0))
    if (first !== undefined) throw new Error('the table counts as parked although its log is whole')
  }

  #newProcess(): SimProcess {
    return this.#world.newProcess('operator', 1)
  }

  #deps(process: SimProcess): OperatorDeps {
    const { clock } = process
    const options = { clock, random: seededRandom(process.randomSeed), policy: retryPolicy, budgetMs: 5000 }
    return {
      store: new RetryingStore(new SimStore(process, this.#world.main), options),
      deadLetterStore: new RetryingStore(new SimStore(process, this.#world.deadLetters), options),
      source: new SimSource(process, this.#world.truth.source),
      reader: this.#world.parquet,
      clock,
      random: seededRandom(process.randomSeed),
      topic,
      readBack: this.#world.scenario.readBack,
    }
  }
}
