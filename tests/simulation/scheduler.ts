interface Due {
  readonly atMs: number
  readonly order: number
  readonly act: () => void
  isCancelled: boolean
}

/** Undoes a timer that has not gone off; after that, nothing. */
export type Cancel = () => void

/**
 * Virtual time and the one queue of everything that will happen in it. An act runs alone: the next begins only when every promise the last one
 * settled has run its course. So the order of acts, which their times decide, is the whole order of a run, and the same times give the same run.
 *
 * Bound: `stepsMax` acts a run, past which `run` answers `exhausted`.
 */
export class Scheduler {
  #nowMs = 0
  #order = 0
  #steps = 0
  readonly #heap: Due[] = []
  #digest = 0x811c9dc5

  get nowMs(): number {
    return this.#nowMs
  }

  get steps(): number {
    return this.#steps
  }

  /** Folds the time and number of every act: two runs that agree in it took the same way. */
  get digest(): string {
    return (this.#digest >>> 0).toString(16).padStart(8, '0')
  }

  /** Runs `act` in `ms` from now; what comes at the same time runs in the order it was asked for. */
  after(ms: number, act: () => void): Cancel {
    const due: Due = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, act, isCancelled: false }
    this.#push(due)
    return () => {
      due.isCancelled = true
    }
  }

  /** Runs until `isOver`, until nothing is left to happen, or until `stepsMax` acts have run. Throws what an act throws. */
  run(isOver: () => boolean, stepsMax: number): Promise<'over' | 'idle' | 'exhausted'> {
    return new Promise((resolve, reject) => {
      // A tick queued by a microtask runs once no microtask is left, and costs a tenth of a turn of the event loop.
      const now = Promise.resolve()
      const tick = (): void => process.nextTick(step)
      const stepOnceSettled = (): void => void now.then(tick)
      const step = (): void => {
        try {
          if (isOver()) return resolve('over')
          if (this.#steps >= stepsMax) return resolve('exhausted')
          const due = this.#pop()
          if (due === undefined) return resolve('idle')
          this.#begin(due)
          due.act()
          stepOnceSettled()
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      stepOnceSettled()
    })
  }

  #begin(due: Due): void {
    this.#steps++
    this.#nowMs = due.atMs
    this.#digest = Math.imul(this.#digest ^ due.order, 0x01000193) ^ Math.floor(due.atMs * 1000)
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(due)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, due)) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  #pop(): Due | undefined {
    for (;;) {
      const first = this.#heap[0]
      const last = this.#heap.pop()
      if (first === undefined || last === undefined) return undefined
      if (this.#heap.length > 0) this.#sink(last)
      if (!first.isCancelled) return first
    }
  }

  #sink(due: Due): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      let below = heap[child]
      if (below === undefined) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, below)) {
        child++
        below = right
      }
      if (isBefore(due, below)) break
      heap[at] = below
      at = child
    }
    heap[at] = due
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
