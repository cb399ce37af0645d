import type { Violation } from '../history.ts'
import type { PortCall } from '../process.ts'
import { runSchedule, type Outcome } from '../run-schedule.ts'
import type { Scenario } from '../scenario.ts'
import type { CrashPoint, NamedDeath } from './crash-point.ts'

/** What Silt's processes asked in a run of a scenario without a death. */
export interface Reference {
  readonly asked: readonly PortCall[]
  /** Of those, the ones whose answer came before the run was over. */
  readonly answered: readonly PortCall[]
  readonly outcome: Outcome
}

/** Calls of Silt's own processes, the operator's commands among them: another engine's deaths are not Silt's to survive. */
export function isSwept({ process }: PortCall): boolean {
  return !process.startsWith('engine')
}

export async function referenceOf(scenario: Scenario): Promise<Reference> {
  const [asked, answered]: [PortCall[], PortCall[]] = [[], []]
  const outcome = await runSchedule(scenario, {
    watch: (call, when) => {
      if (isSwept(call)) (when === 'before' ? asked : answered).push(call)
    },
  })
  return { asked, answered, outcome }
}

/** Every death a reference run has room for. */
export function pointsOf({ asked, answered }: Pick<Reference, 'asked' | 'answered'>): readonly CrashPoint[] {
  return [
    ...asked.map((call): CrashPoint => ({ ...call, when: 'unsent' })),
    ...answered.flatMap((call): readonly CrashPoint[] => [
      { ...call, when: 'unheard' },
      { ...call, when: 'heard' },
    ]),
  ]
}

export interface SweptOutcome {
  readonly violations: readonly Violation[]
  /** The deaths that took place, in order, with what was asked there: fewer than wanted where the run had changed. */
  readonly died: readonly CrashPoint[]
  /** What the life that followed the last death asked, and was answered. */
  readonly after: Pick<Reference, 'asked' | 'answered'>
  readonly outcome: Outcome
}

/** Runs a scenario with these deaths in it, one after another, and holds what it left against every property. */
export async function runSwept(
  scenario: Scenario,
  deaths: readonly NamedDeath[],
  onCall: (call: PortCall) => void = () => undefined,
): Promise<SweptOutcome> {
  const died: CrashPoint[] = []
  const after: { asked: PortCall[]; answered: PortCall[] } = { asked: [], answered: [] }
  const last = deaths.at(-1)
  const successor = last === undefined ? undefined : nextLifeOf(last.process)
  const outcome = await runSchedule(scenario, {
    watch: (call, when, crash) => {
      if (when === 'before') onCall(call)
      if (call.process === successor) after[when === 'before' ? 'asked' : 'answered'].push(call)
      const next = deaths[died.length]
      if (next?.process !== call.process || next.index !== call.index) return
      if ((next.when === 'unsent') !== (when === 'before')) return
      died.push({ ...call, when: next.when })
      if (next.when === 'heard') crash.onceHeard()
      else crash.now()
    },
  })
  return { violations: outcome.violations, died, after, outcome }
}

function nextLifeOf(process: string): string {
  const [name, life] = process.split('#')
  return `${name}#${Number(life) + 1}`
}
