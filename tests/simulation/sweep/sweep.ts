import type { Violation } from '../history.ts'
import type { Scenario } from '../scenario.ts'
import { Coverage } from './coverage.ts'
import { nameOf, type CrashPoint, type SweptRun } from './crash-point.ts'
import { pointsOf, referenceOf, runSwept } from './run-swept.ts'

/** A run that did not go as it must. */
export interface Finding {
  readonly run: SweptRun
  /** Empty: the process did not come to where it should have died. */
  readonly violations: readonly Violation[]
}

export interface SweepResult {
  readonly coverage: Coverage
  readonly findings: readonly Finding[]
  readonly runs: number
}

export interface SweepOptions {
  readonly onRun?: (runs: number) => void
  /** Ends at the first finding. */
  readonly isShort?: boolean
}

/** One run for each death there is room for in each scenario. */
export async function sweep(
  scenarios: ReadonlyMap<string, Scenario>,
  options: SweepOptions = {},
): Promise<SweepResult> {
  const state = new State(options)
  for (const [name, scenario] of scenarios) {
    const { asked, answered, outcome } = await referenceOf(scenario)
    if (outcome.violations.length > 0)
      state.findings.push({ run: { scenario: name, deaths: [] }, violations: outcome.violations })
    const points = pointsOf({ asked, answered })
    state.coverage.asked(asked, answered)
    state.coverage.wanted(points)
    for (const point of points) {
      if (state.isOver) return state
      await state.run(scenario, { scenario: name, deaths: [point] }, point)
    }
  }
  return state
}

/**
 * Dies once at every point of the scenario, and then again at each of the first `callsMax` calls of the life that followed: the recovery from a
 * death is itself swept.
 */
export async function sweepPairs(
  [name, scenario]: readonly [string, Scenario],
  callsMax: number,
  options: SweepOptions = {},
): Promise<SweepResult> {
  const state = new State(options)
  for (const first of pointsOf(await referenceOf(scenario))) {
    const { after } = await runSwept(scenario, [first])
    const isEarly = ({ index }: { readonly index: number }): boolean => index <= callsMax
    const [asked, answered] = [after.asked.filter(isEarly), after.answered.filter(isEarly)]
    // What was heard is lost with the process: a death after it differs from one before the next call only in what was asked at once.
    const seconds = pointsOf({ asked, answered }).filter(({ when }) => when !== 'heard')
    state.coverage.asked(asked, answered)
    state.coverage.wanted(seconds)
    for (const second of seconds) {
      if (state.isOver) return state
      await state.run(scenario, { scenario: name, deaths: [first, second] }, second)
    }
  }
  return state
}

class State implements SweepResult {
  readonly coverage = new Coverage()
  readonly findings: Finding[] = []
  readonly #options: SweepOptions
  runs = 0

  constructor(options: SweepOptions) {
    this.#options = options
  }

  get isOver(): boolean {
    return this.#options.isShort === true && this.findings.length > 0
  }

  /** `last`: the death that this run is for. */
  async run(scenario: Scenario, run: SweptRun, last: CrashPoint): Promise<void> {
    const { violations, died } = await runSwept(scenario, run.deaths)
    const isReached = died.length === run.deaths.length && died.at(-1)?.operation === last.operation
    if (isReached) this.coverage.reached(last)
    if (!isReached || violations.length > 0) this.findings.push({ run, violations })
    this.runs++
    this.#options.onRun?.(this.runs)
    // Lets signals and timers of this process be heard.
    if (this.runs % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** For people: where the process died, what it was asking, and what broke. */
export function tellFinding({ run, violations }: Finding): string {
  const asking = run.deaths
    .map(({ process, operation, when }) => `${process} dies, ${operation} ${when}`)
    .join(', then ')
  const broken = violations.map(({ name, detail }) => `  ${name}: ${detail}`)
  return [
    `${run.deaths.length === 0 ? `${run.scenario} without a death` : `${nameOf(run)}  (${asking})`}`,
    ...(broken.length > 0 ? broken : ['  did not come to this call: the run was another']),
  ].join('\n')
}
