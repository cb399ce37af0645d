import { expect, test } from 'vitest'
import { configurations } from './configurations.ts'
import { mutants } from './mutants.ts'
import { line, traceText } from './report.ts'
import { search } from './search.ts'

/** Seconds of one core; a machine with other things to do takes its time. */
const slow = { timeout: 240_000 }

for (const configuration of configurations)
  test(`every state of "${configuration.name}" keeps the invariants and can come to its end`, slow, async () => {
    const found = await search(configuration)
    console.log(line(configuration, found))
    expect(found.violation && traceText(found.violation)).toBeUndefined()
    expect(found.isComplete).toBe(true)
    expect(found.done).toBeGreaterThan(0)
  })

for (const mutant of mutants)
  test(`the model finds what breaks with: ${mutant.name}`, slow, async () => {
    const configuration = configurations.find(({ name }) => name === mutant.configuration)
    if (configuration === undefined) throw new Error(`${mutant.name} names no configuration`)
    const { violation } = await search(configuration, mutant)
    expect(violation?.what.slice(0, mutant.breaks.length), violation && traceText(violation)).toBe(mutant.breaks)
    // The way to it: at least one step from the beginning.
    expect(violation?.trace.length).toBeGreaterThan(1)
  })
