import { seededRandom } from '@silt/core'
import { look, needsDecision, pauseTable, remedy, type OperatorDeps } from './operator/index.ts'
import { fileKey } from './history.ts'
import { SimSource } from './ports/sim-source.ts'
import { SimStore } from './ports/sim-store.ts'
import type { SimProcess } from './process.ts'
import { topic } from './truth-keeper.ts'
import type { World } from './world.ts'

const lookEveryMs = 3000

/** The human: looks, and does what the runbooks say. */
export class Operator {
  readonly #world: World
  #deciding: SimProcess | undefined

  constructor(world: World) {
    this.#world = world
  }

  do(what: 'pause' | 'remedy'): void {
    void (what === 'pause'
      ? pauseTable(this.#deps(this.#newProcess()), 'maintenance')
      : this.#remedy(this.#newProcess()))
  }

  /** From now on whatever waits for a decision gets one. */
  standBy(): void {
    // A command that was killed is given again at the next look.
    if (this.#deciding?.isAlive !== true) {
      const process = this.#newProcess()
      this.#deciding = process
      void this.#remedy(process).finally(() => {
        this.#deciding = undefined
      })
    }
    void this.#bringFilesBack()
    this.#world.scheduler.after(lookEveryMs, () => this.standBy())
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

  async #remedy(process: SimProcess): Promise<void> {
    const deps = this.#deps(process)
    const seen = await look(deps)
    if (needsDecision(seen)) await remedy(deps, seen)
  }

  #newProcess(): SimProcess {
    return this.#world.newProcess('operator', 1)
  }

  #deps(process: SimProcess): OperatorDeps {
    return {
      store: new SimStore(process, this.#world.main),
      deadLetterStore: new SimStore(process, this.#world.deadLetters),
      source: new SimSource(process, this.#world.truth.source),
      reader: this.#world.parquet,
      clock: process.clock,
      random: seededRandom(process.randomSeed),
      topic,
      readBack: this.#world.scenario.readBack,
    }
  }
}
