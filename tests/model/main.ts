import { commandOptions } from '../support/command-options.ts'
import { configurations, largeConfigurations, type Configuration } from './configurations.ts'
import { mutants } from './mutants.ts'
import { heading, line, traceText } from './report.ts'
import { search } from './search.ts'

const help = `npm run model -- [--large] [--mutants] [--only TEXT]

Searches every state of small worlds in which the product's own functions decide, and holds each against the properties of docs/proof/model.md.
Deterministic. Exit code 1 where a property is violated, a search is not complete, or a broken variant is not found.

  --large      larger worlds too: minutes to hours, and gigabytes
  --mutants    the product broken in one rule after another: the shortest way to what breaks
  --only TEXT  configurations or variants with this in their name
`
const values = commandOptions(help, {
  large: { type: 'boolean', default: false },
  mutants: { type: 'boolean', default: false },
  only: { type: 'string' },
})

let failed = 0
if (values.mutants) await searchMutants()
else await searchConfigurations()
process.exitCode = failed === 0 ? 0 : 1

/** The product as it is: nothing may be found. */
async function searchConfigurations(): Promise<void> {
  const all = [...configurations, ...(values.large ? largeConfigurations : [])]
  console.log(heading())
  let [states, transitions] = [0, 0]
  for (const configuration of all.filter(({ name }) => isWanted(name))) {
    const found = await search(configuration)
    states += found.states
    transitions += found.transitions
    console.log(line(configuration, found))
    if (found.violation !== undefined) console.log(traceText(found.violation))
    if (found.violation !== undefined || !found.isComplete) failed++
  }
  console.log(`${states} states, ${transitions} transitions, ${failed} of the configurations failed`)
}

/** The product broken: the shortest way to what breaks must be found. */
async function searchMutants(): Promise<void> {
  for (const mutant of mutants.filter(({ name }) => isWanted(name))) {
    const configuration = configurations.find(({ name }) => name === mutant.configuration) as Configuration
    const { violation, states } = await search(configuration, mutant)
    const isCaught = violation?.what.startsWith(mutant.breaks) === true
    if (!isCaught) failed++
    console.log(`${isCaught ? 'caught' : 'NOT CAUGHT'}: ${mutant.name} (${configuration.name}, ${states} states)`)
    if (violation !== undefined) console.log(traceText(violation))
  }
}

function isWanted(name: string): boolean {
  return values.only === undefined || name.includes(values.only)
}
