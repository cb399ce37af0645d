// In a process of its own: breaks the product, then runs schedules until the simulation catches it. Prints one line of JSON.
import { parseArgs } from 'node:util'
import { loadMutant } from '../../mutation/load-mutant.ts'
import type { Hunt } from './hunted.ts'
import { mutants } from './mutants.ts'

const { values } = parseArgs({
  options: { name: { type: 'string' }, seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '1' } },
})
const mutant = mutants.find(({ name }) => name === values.name)
if (mutant === undefined) throw new Error(`there is no mutant ${String(values.name)}`)

const loaded = loadMutant(...mutant.patches)
const { runSchedule } = await import('../run-schedule.ts')
const { scenarioOf } = await import('../scenario.ts')
if (!loaded.isUsed()) throw new Error(`${mutant.name}: not every broken file is part of the simulation`)
const expected = new Set(mutant.breaks)
// A schedule tells what is rejected while it runs; what a broken product still does after its end is nobody's.
process.on('unhandledRejection', () => undefined)

console.log(JSON.stringify(await hunt(Number(values.seed), Number(values.runs))))

async function hunt(firstSeed: number, runs: number): Promise<Hunt> {
  const others = new Map<string, string>()
  const startMs = performance.now()
  for (let run = 1; run <= runs; run++) {
    const seed = firstSeed + run - 1
    const found = await violationsOf(seed)
    const violation = found.find(({ name }) => expected.has(name))
    for (const { name, detail } of found) if (!others.has(name)) others.set(name, `seed ${seed}: ${detail}`)
    if (violation !== undefined)
      return { caught: { seed, ...violation }, runs: run, ms: performance.now() - startMs, others: [...others] }
  }
  return { caught: undefined, runs, ms: performance.now() - startMs, others: [...others] }
}

/** What ends the simulator itself is told, and is no catch. */
async function violationsOf(seed: number): Promise<readonly { readonly name: string; readonly detail: string }[]> {
  try {
    return (await runSchedule(scenarioOf(seed))).violations
  } catch (error) {
    return [
      { name: 'simulator-ended', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    ]
  }
}
