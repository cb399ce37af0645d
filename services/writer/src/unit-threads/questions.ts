import { thrownError } from '../encode/encode-messages.ts'
import type { PlainAnswer } from './unit-messages.ts'

/** Questions of a thread that its writer has yet to answer. A writer that ends them ends the thread. */
export class Questions {
  readonly #post: (ask: number) => void
  readonly #open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  #asked = 0

  constructor(post: (ask: number) => void) {
    this.#post = post
  }

  /** Rejects with the writer's error. */
  ask(): Promise<unknown> {
    const ask = this.#asked++
    return new Promise((resolve, reject) => {
      this.#open.set(ask, { resolve, reject })
      this.#post(ask)
    })
  }

  answered(ask: number, answer: PlainAnswer): void {
    const question = this.#open.get(ask)
    this.#open.delete(ask)
    if ('error' in answer) question?.reject(thrownError(answer.error))
    else question?.resolve(answer.value)
  }
}
