import type { Violation } from './history.ts'
import { runSchedule, type Outcome } from './run-schedule.ts'
import { scenarioOf } from './scenario.ts'
import { Tally } from './tally.ts'

export interface CampaignOptions {
  readonly firstSeed: number
  /** Schedules, one a seed; Infinity: until the time is over. */
  readonly runs: number
  /** Wall time, ms; Infinity: until the runs are over. */
  readonly wallMs: number
  readonly nowMs: () => number
  readonly onProgress: (done: number) => void
}

export interface CampaignResult {
  readonly runs: number
  readonly wallMs: number
  readonly versions: number
  /** Virtual time of all runs, without hibernations, ms. */
  readonly calls: number
  readonly faults: number
  /** What of note took place, and how often. */
  readonly happened: ReadonlyMap<string, number>
  /** Where it ended early. */
  readonly failure: { readonly seed: number; readonly violations: readonly Violation[] } | undefined
}

/** One in so many schedules is run twice and must take the same way act for act. */
const replayedOneIn = 500

/** Runs the schedules of consecutive seeds until one breaks a promise, one does not replay, or the budget is spent. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { stackTraceLimit } = Error
  // Faults make errors by the thousand, and nobody reads where: a replay tells.
  Error.stackTraceLimit = 0
  try {
    return await run(options)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

async function run(options: CampaignOptions): Promise<CampaignResult> {
  const startMs = options.nowMs()
  const total = { runs: 0, versions: 0, calls: 0, faults: 0 }
  const tally = new Tally()
  let failure: CampaignResult['failure']
  while (failure === undefined && total.runs < options.runs && options.nowMs() - startMs < options.wallMs) {
    const seed = options.firstSeed + total.runs
    const outcome = await runSchedule(scenarioOf(seed))
    const violations = [...outcome.violations, ...(seed % replayedOneIn === 0 ? await replayed(seed, outcome) : [])]
    if (violations.length > 0) failure = { seed, violations }
    total.runs++
    total.versions += outcome.versions
    total.calls += outcome.calls
    total.faults += outcome.fired.length
    tally.addAll(outcome.happened)
    options.onProgress(total.runs)
    // Lets signals and timers of this process be heard.
    if (total.runs % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { ...total, happened: tally.counts, wallMs: options.nowMs() - startMs, failure }
}

async function replayed(seed: number, first: Outcome): Promise<readonly Violation[]> {
  const second = await runSchedule(scenarioOf(seed))
  if (second.digest === first.digest) return []
  return [{ name: 'replay-differs', detail: `digest ${first.digest}, then ${second.digest}` }]
}
