export interface HealthReport {
  readonly alive: boolean
  readonly ready: boolean
  /** Why an actor is not ready, by actor. */
  readonly waiting: Readonly<Record<string, string>>
  /** What a ready actor has to say, by actor: that an operator paused the table. */
  readonly notes: Readonly<Record<string, string>>
}

/** What the actors of one process say of themselves; an actor that never spoke is not ready. */
export class Health {
  readonly #states = new Map<string, string | null>()
  readonly #notes = new Map<string, string>()
  readonly #onState: (actor: string, ready: boolean) => void
  #failed = false

  /** `onState` hears every state an actor tells of, the first at once. */
  constructor(actors: readonly string[], onState: (actor: string, ready: boolean) => void = () => undefined) {
    this.#onState = onState
    for (const actor of actors) this.#set(actor, 'starting')
  }

  /** Ready; `note` is what is worth knowing all the same. */
  ready(actor: string, note = ''): void {
    this.#set(actor, null)
    if (note !== '') this.#notes.set(actor, note)
  }

  /** Not ready, and why: names the setting or file at fault. */
  waiting(actor: string, why: string): void {
    this.#set(actor, why)
  }

  /** An actor ended by an error: the process should be restarted. */
  failed(actor: string, why: string): void {
    this.#failed = true
    this.#set(actor, why)
  }

  report(): HealthReport {
    const waiting: Record<string, string> = {}
    for (const [actor, why] of this.#states) if (why !== null) waiting[actor] = why
    const notes = Object.fromEntries(this.#notes)
    return { alive: !this.#failed, ready: !this.#failed && Object.keys(waiting).length === 0, waiting, notes }
  }

  #set(actor: string, why: string | null): void {
    this.#states.set(actor, why)
    this.#notes.delete(actor)
    this.#onState(actor, why === null)
  }
}
