import { canonicalJson, type Json } from '@silt/core'
import type { Action } from '../actions/action.ts'

/** What a checkpoint holds, small enough to compare: numbers of actions, bytes of live files, and all of the small actions. */
export class CheckpointTally {
  #adds = 0
  #addBytes = 0
  #removes = 0
  readonly #others: string[] = []

  count(action: Action): void {
    if ('add' in action) {
      this.#adds++
      this.#addBytes += action.add.size
    } else if ('remove' in action) this.#removes++
    else this.#others.push(canonicalJson(JSON.parse(JSON.stringify(action)) as Json))
  }

  /** Equal for checkpoints that hold the same. */
  text(): string {
    return canonicalJson([this.#adds, this.#addBytes, this.#removes, this.#others.sort()])
  }
}
