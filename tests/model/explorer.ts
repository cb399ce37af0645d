import { canReach } from './reachability.ts'

/** One thing that can happen in a state. */
export interface Step<S> {
  /** As it stands in a trace. */
  readonly label: string
  readonly to: S
  /** Takes no fault: what is left of these must still lead to the end (L1). */
  readonly isFair: boolean
  /** What the step itself breaks, whatever state it leads to. */
  readonly violation?: string
}

/** A protocol within small bounds: everything that can happen, from one state on. */
export interface Model<S> {
  readonly initial: S
  steps(state: S): readonly Step<S>[]
  /** Equal exactly for states that nobody needs to tell apart. */
  key(state: S): string
  /** The first property the state breaks. */
  violation(state: S): string | undefined
  /** Everything has come to its end. */
  isDone(state: S): boolean
  /** The state in a few words, for traces. */
  show(state: S): string
}

export interface Bounds {
  readonly statesMax: number
  /** Also asks of every state found whether `isDone` can still be reached by fair steps alone. */
  readonly liveness: boolean
}

export interface Violation {
  readonly what: string
  /** The shortest way there: each step and the state after it. */
  readonly trace: readonly string[]
}

export interface Exploration {
  readonly states: number
  readonly transitions: number
  /** Steps of the longest of the shortest ways. */
  readonly depth: number
  /** States in which everything has come to its end. */
  readonly done: number
  /** False: `statesMax` was reached before everything was seen. */
  readonly isComplete: boolean
  readonly violation: Violation | undefined
}

/** Visits every reachable state, nearest first, until one breaks a property: its trace is a shortest one. Deterministic. */
export function explore<S>(model: Model<S>, bounds: Bounds): Exploration {
  const search = new Search(model, bounds)
  const violation = search.run()
  return Object.freeze({ ...search.counts(), violation: violation ?? search.stall() })
}

/** Keeps of a visited state its key and how it was come by; the states themselves only while they wait to be looked at. */
class Search<S> {
  readonly #model: Model<S>
  readonly #bounds: Bounds
  readonly #ids = new Map<string, number>()
  /** By state: the state before it, and which of its steps led here. */
  readonly #parents: number[] = []
  readonly #stepIndexes: number[] = []
  readonly #depths: number[] = []
  readonly #doneStates: number[] = []
  /** Fair steps, from and to. */
  readonly #fairFrom: number[] = []
  readonly #fairTo: number[] = []
  #waiting: S[] = []
  #expanded = 0
  #transitions = 0

  constructor(model: Model<S>, bounds: Bounds) {
    this.#model = model
    this.#bounds = bounds
    this.#enter(model.initial, -1, -1)
  }

  run(): Violation | undefined {
    for (let level = this.#waiting; level.length > 0; level = this.#waiting) {
      this.#waiting = []
      for (const state of level) {
        if (this.#ids.size > this.#bounds.statesMax) return undefined
        const what = this.#expand(state, this.#expanded)
        if (what !== undefined) return what
        this.#expanded++
      }
    }
    return undefined
  }

  counts(): Omit<Exploration, 'violation'> {
    return {
      states: this.#ids.size,
      transitions: this.#transitions,
      depth: this.#depths.at(-1) ?? 0,
      done: this.#doneStates.length,
      isComplete: this.#expanded === this.#ids.size,
    }
  }

  /** L1: the nearest state from which no fair way leads to the end. */
  stall(): Violation | undefined {
    const { states, isComplete } = this.counts()
    if (!this.#bounds.liveness || !isComplete) return undefined
    const reaching = canReach(states, this.#doneStates, { from: this.#fairFrom, to: this.#fairTo })
    const stuck = reaching.indexOf(0)
    return stuck < 0 ? undefined : this.#trace('L1: from here the end cannot be reached any more', stuck)
  }

  #expand(state: S, id: number): Violation | undefined {
    const model = this.#model
    const broken = model.violation(state)
    if (broken !== undefined) return this.#trace(broken, id)
    if (model.isDone(state)) this.#doneStates.push(id)
    const steps = stepsOf(model, state)
    if (typeof steps === 'string') return this.#trace(steps, id)
    for (const [index, step] of steps.entries()) {
      this.#transitions++
      if (step.violation !== undefined) return this.#trace(step.violation, id, step)
      const to = this.#enter(step.to, id, index)
      if (!this.#bounds.liveness || !step.isFair || to === id) continue
      this.#fairFrom.push(id)
      this.#fairTo.push(to)
    }
    return undefined
  }

  #enter(state: S, parent: number, stepIndex: number): number {
    const key = this.#model.key(state)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#ids.size
    this.#ids.set(key, id)
    this.#parents.push(parent)
    this.#stepIndexes.push(stepIndex)
    this.#depths.push(parent < 0 ? 0 : (this.#depths[parent] as number) + 1)
    this.#waiting.push(state)
    return id
  }

  /** Walks the way to `id` once more. */
  #trace(what: string, id: number, last?: Step<S>): Violation {
    const indexes: number[] = []
    for (let at = id; (this.#parents[at] ?? -1) >= 0; at = this.#parents[at] as number)
      indexes.unshift(this.#stepIndexes[at] as number)
    const model = this.#model
    let state = model.initial
    const trace: string[] = [`begin: ${model.show(state)}`]
    for (const index of indexes) {
      const step = model.steps(state)[index] as Step<S>
      state = step.to
      trace.push(`${step.label} | ${model.show(state)}`)
    }
    if (last !== undefined) trace.push(`${last.label} | ${model.show(last.to)}`)
    return Object.freeze({ what, trace: Object.freeze(trace) })
  }
}

/** An assertion of the product that fails is a violation like any other. */
function stepsOf<S>(model: Model<S>, state: S): readonly Step<S>[] | string {
  try {
    return model.steps(state)
  } catch (error) {
    return `assertion: ${error instanceof Error ? error.message : String(error)}`
  }
}
