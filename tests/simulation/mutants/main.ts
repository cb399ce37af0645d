import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { commandOptions, refuse } from '../../support/command-options.ts'
import type { Hunt } from './hunted.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'
import { proofPage } from './proof-page.ts'
import { readRecords, recordsFile, type CaughtRecord } from './records.ts'
import { runHunt } from './run-hunt.ts'
import { uncaught } from './uncaught.ts'

const help = `npm run mutants -- [--only NAME]… [--runs N] [--seed S] [--jobs J] [--update]

Breaks the product in one rule after another, each in a process of its own, and runs schedules of the simulation until it sees a promise broken.
Exit code 1 if a variant survives.

  --only NAME  this one; may be given several times
  --runs N     schedules a variant may take (default 3000)
  --seed S     the first seed (default 1)
  --jobs J     variants at once (default: half the cores)
  --update     record the seeds for CI, and write docs/proof/mutants.md
`
const msMaxPerHunt = 30 * 60_000
const pageFile = new URL('../../../docs/proof/mutants.md', import.meta.url)

const values = commandOptions(help, {
  only: { type: 'string', multiple: true },
  runs: { type: 'string', default: '3000' },
  seed: { type: 'string', default: '1' },
  jobs: { type: 'string', default: String(Math.max(1, availableParallelism() >> 1)) },
  update: { type: 'boolean', default: false },
})

process.exitCode = await huntAll()

async function huntAll(): Promise<number> {
  const chosen = mutants.filter(({ name }) => values.only?.includes(name) ?? true)
  const unknown = values.only?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? []
  if (unknown.length > 0) refuse(`there is no variant ${unknown.join(', ')}; docs/proof/mutants.md lists them`, help)
  const records: CaughtRecord[] = []
  const survivors: string[] = []
  const elusive: string[] = []
  const left = [...chosen]
  const next = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const record = await huntOne(mutant)
      if (record === undefined) (mutant.elusive === undefined ? survivors : elusive).push(mutant.name)
      else records.push(record)
      if (values.update) await update(records, [...survivors, ...elusive])
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, next))
  console.log(
    `${records.length} of ${chosen.length} variants caught${survivors.map((name) => `\nSURVIVED: ${name}`).join('')}`,
  )
  if (elusive.length > 0) console.log(`known to elude it: ${elusive.join(', ')}`)
  return survivors.length === 0 ? 0 : 1
}

async function huntOne({ name, breaks }: Mutant): Promise<CaughtRecord | undefined> {
  const { caught, runs, ms, others } = await runHunt(name, Number(values.seed), Number(values.runs), msMaxPerHunt)
  const took = `${runs} schedules, ${(ms / 1000).toFixed(1)} s`
  if (caught === undefined) {
    console.log(`${name}: NOT CAUGHT in ${took}; expected ${breaks.join(' or ')}${seen(others)}`)
    return undefined
  }
  console.log(`${name}: seed ${caught.seed} ${caught.name} (${took}): ${caught.detail}`)
  return { name, seed: caught.seed, violation: caught.name, schedules: runs }
}

function seen(others: Hunt['others']): string {
  return others.map(([name, detail]) => `\n  ${name}: ${detail.slice(0, 300)}`).join('')
}

/** What was not hunted now stays as it was; what was and got away is no longer said to be caught. */
async function update(found: readonly CaughtRecord[], uncaughtNow: readonly string[]): Promise<void> {
  const known = new Map([...readRecords(), ...found].map((each) => [each.name, each]))
  for (const name of uncaughtNow) known.delete(name)
  const records = mutants.flatMap(({ name }) => known.get(name) ?? [])
  const lines = records.map((each) => `  ${lineOf(each)}`).join(',\n')
  await writeFile(recordsFile, `[\n${lines}\n]\n`)
  await mkdir(new URL('.', pageFile), { recursive: true })
  await writeFile(pageFile, proofPage(mutants, records, uncaught))
}

function lineOf({ name, seed, violation, schedules }: CaughtRecord): string {
  return `{ "name": "${name}", "seed": ${seed}, "violation": "${violation}", "schedules": ${schedules} }`
}
