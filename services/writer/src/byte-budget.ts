interface Waiter {
  readonly share: BudgetShare
  readonly bytes: number
  readonly go: () => void
}

/** What one job has taken of a ByteBudget. */
export interface BudgetShare {
  /** Waits until `bytes` more fit; returns at once for the oldest share, and when `signal` aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>
  /** Gives everything back; safe twice. */
  release(): void
}

/**
 * Bounds the decoded bytes held by jobs that run at the same time. The oldest share never waits, so jobs that each hold a part cannot wait for
 * each other: at most `bytesMax` and one unit are held.
 */
export class ByteBudget {
  readonly #bytesMax: number
  readonly #shares = new Map<BudgetShare, number>()
  #waiting: Waiter[] = []

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get usedBytes(): number {
    let used = 0
    for (const bytes of this.#shares.values()) used += bytes
    return used
  }

  open(): BudgetShare {
    const share: BudgetShare = {
      take: (bytes, signal) => this.#take(share, bytes, signal),
      release: () => {
        if (this.#shares.delete(share)) this.#wakeAll()
      },
    }
    this.#shares.set(share, 0)
    return share
  }

  async #take(share: BudgetShare, bytes: number, signal: AbortSignal): Promise<void> {
    while (!this.#fits(share, bytes) && !signal.aborted) await this.#wait(share, bytes, signal)
    this.#shares.set(share, (this.#shares.get(share) ?? 0) + bytes)
  }

  #fits(share: BudgetShare, bytes: number): boolean {
    const [oldest] = this.#shares.keys()
    return share === oldest || this.usedBytes + bytes <= this.#bytesMax
  }

  #wait(share: BudgetShare, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go)
        this.#waiting = this.#waiting.filter((each) => each.go !== go)
        resolve()
      }
      this.#waiting.push({ share, bytes, go })
      signal.addEventListener('abort', go, { once: true })
    })
  }

  #wakeAll(): void {
    for (const waiter of [...this.#waiting]) if (this.#fits(waiter.share, waiter.bytes)) waiter.go()
  }
}
