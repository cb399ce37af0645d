import type { CallPlan, Fate, PlanCall, PortCall } from './process.ts'
import type { Draws } from './draws.ts'
import type { Tally } from './tally.ts'

/** Chances of one call, by what it asks: the rest of them is fine. */
export interface CallRates {
  readonly refused: number
  readonly lost: number
  readonly late: number
  readonly doubled: number
  readonly full: number
  /** Of those that are fine, how many take long. */
  readonly slow: number
}

export const noFaults: CallRates = Object.freeze({ refused: 0, lost: 0, late: 0, doubled: 0, full: 0, slow: 0 })

export type CallTarget = 'store' | 'queue' | 'source'

/** What the surroundings do to calls, now. */
export interface Weather {
  readonly rates: Readonly<Record<CallTarget, CallRates>>
  /** Nothing of these answers. */
  readonly outages: ReadonlySet<CallTarget>
}

/** A fault that took place, and its name: the same in every run of the seed, so that it can be left out of one. */
export interface FiredFault {
  readonly name: string
  readonly operation: string
  readonly fate: Fate
  /** Virtual ms. */
  readonly atMs: number
}

const targets: Readonly<Record<string, CallTarget>> = Object.freeze({
  store: 'store',
  queue: 'queue',
  lease: 'queue',
  source: 'source',
  group: 'source',
})

/** What may be done although nobody hears of it, or be done long after. */
const changing = new Set(['store.put', 'store.putIfAbsent', 'queue.add', 'queue.finish', 'queue.fail'])

/** How long a client waits for an answer that does not come, ms. */
const timeoutMs = Object.freeze({ low: 200, high: 1500 })
/** How long after its client gave up a request may still be carried out, ms. */
const lateMs = Object.freeze({ low: 100, high: 20_000 })

export interface FaultSurroundings {
  readonly nowMs: () => number
  readonly tally: Tally
  /** The run goes on for `ms` at least. */
  readonly stayOpen: (ms: number) => void
}

/** Decides about calls by the weather; faults whose names are in `muted` do not take place. */
export class CallFaults {
  readonly fired: FiredFault[] = []
  readonly #weather: () => Weather
  readonly #muted: ReadonlySet<string>
  readonly #doomed = new Map<string, CallPlan>()
  readonly #nowMs: () => number
  readonly #tally: Tally
  readonly #stayOpen: (ms: number) => void
  /** Calls asked about so far. */
  calls = 0

  constructor(weather: () => Weather, muted: ReadonlySet<string>, surroundings: FaultSurroundings) {
    this.#tally = surroundings.tally
    this.#nowMs = surroundings.nowMs
    this.#stayOpen = surroundings.stayOpen
    this.#weather = weather
    this.#muted = muted
  }

  /** What becomes of this very call, which is not sent yet. */
  doom(call: PortCall, plan: CallPlan): void {
    this.#doomed.set(nameOf(call), plan)
  }

  readonly plan: PlanCall = (call, draws) => {
    this.calls++
    const doom = this.#doomed.get(nameOf(call))
    if (doom !== undefined && this.#fate(call, doom.fate) === doom.fate) return this.#followed(doom)
    const target = targets[call.operation.slice(0, call.operation.indexOf('.'))] ?? 'store'
    // Other engines have bad days of their own; theirs are not Silt's to survive.
    if (call.process.startsWith('engine')) return timesOf('fine', draws, noFaults)
    const weather = this.#weather()
    const rates = weather.rates[target]
    const fate = this.#fate(call, weather.outages.has(target) ? 'refused' : draw(call.operation, rates, draws))
    return this.#followed(timesOf(fate, draws, rates))
  }

  /** What is carried out after its sender gave it up is waited for. */
  #followed(plan: CallPlan): CallPlan {
    if (plan.fate === 'late') this.#stayOpen(plan.thereMs)
    return plan
  }

  #fate(call: PortCall, fate: Fate): Fate {
    if (fate === 'fine') return fate
    const name = nameOf(call)
    if (this.#muted.has(name)) return 'fine'
    this.#tally.add(`${call.process.slice(0, call.process.indexOf('-'))} ${call.operation} ${fate}`)
    this.fired.push({ name, operation: call.operation, fate, atMs: this.#nowMs() })
    return fate
  }
}

function nameOf({ process, index }: PortCall): string {
  return `${process}:${index}`
}

function draw(operation: string, rates: CallRates, draws: Draws): Fate {
  const place = draws.next()
  let below = 0
  for (const fate of ['refused', 'lost', 'late', 'doubled', 'full'] as const) {
    below += rates[fate]
    if (place >= below) continue
    // What changes nothing has two fates only: answered or not.
    if (fate === 'full') return operation.startsWith('store.put') ? fate : 'fine'
    if (changing.has(operation) || fate === 'refused') return fate
    return operation.startsWith('lease') && fate === 'lost' ? fate : 'refused'
  }
  return 'fine'
}

function timesOf(fate: Fate, draws: Draws, rates: CallRates): CallPlan {
  const swift = 0.5 + 8 * draws.next() ** 2
  const back = 0.5 + 8 * draws.next() ** 2
  if (fate === 'lost') return { fate, thereMs: swift, backMs: draws.between(timeoutMs.low, timeoutMs.high) }
  if (fate === 'late') {
    const backMs = draws.between(timeoutMs.low, timeoutMs.high)
    return { fate, thereMs: backMs + lateMs.low * (lateMs.high / lateMs.low) ** draws.next(), backMs }
  }
  if (fate === 'refused') return { fate, thereMs: 0, backMs: draws.between(1, timeoutMs.low) }
  const isSlow = draws.chance(rates.slow)
  return isSlow
    ? { fate, thereMs: draws.between(1, 1500), backMs: draws.between(1, 1500) }
    : { fate, thereMs: swift, backMs: back }
}
