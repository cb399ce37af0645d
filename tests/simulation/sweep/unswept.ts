import { runSchedule } from '../run-schedule.ts'
import { scenarioOf } from '../scenario.ts'
import { operationOf, type Coverage } from './coverage.ts'
import { isSwept } from './run-swept.ts'

/** What the actors asked in random schedules, all faults among them, that no scenario of the sweep makes them ask. */
export async function unsweptOperations(coverage: Coverage, schedules: number): Promise<readonly string[]> {
  const swept = new Set(coverage.operations)
  const missed = new Set<string>()
  for (let seed = 1; seed <= schedules; seed++)
    await runSchedule(scenarioOf(seed), {
      watch: (call) => {
        if (isSwept(call) && !swept.has(operationOf(call))) missed.add(operationOf(call))
      },
    })
  return [...missed].toSorted()
}
