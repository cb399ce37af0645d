export interface HealthReport {
  readonly alive: boolean
  readonly ready: boolean
  /** Why an actor is not ready, by actor. */
  readonly waiting: Readonly<Record<string, string>>
}

/** What the actors of one process say of themselves; an actor that never spoke is not ready. */
export class Health {
  readonly #states = new Map<string, string | null>()
  #failed = false

  constructor(actors: readonly string[]) {
    for (const actor of actors) this.#states.set(actor, 'starting')
  }

  ready(actor: string): void {
    this.#states.set(actor, null)
  }

  /** Not ready, and why: names the setting or file at fault. */
  waiting(actor: string, why: string): void {
    this.#states.set(actor, why)
  }

  /** An actor ended by an error: the process should be restarted. */
  failed(actor: string, why: string): void {
    this.#failed = true
    this.#states.set(actor, why)
  }

  report(): HealthReport {
    const waiting: Record<string, string> = {}
    for (const [actor, why] of this.#states) if (why !== null) waiting[actor] = why
    return { alive: !this.#failed, ready: !this.#failed && Object.keys(waiting).length === 0, waiting }
  }
}
