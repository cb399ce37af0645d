// In a process of its own: breaks the product, then sweeps until something is found. Prints one line of JSON.
import { parseArgs } from 'node:util'
import { loadMutant } from '../../mutation/load-mutant.ts'
import { mutants } from '../mutants/mutants.ts'

const { values } = parseArgs({ options: { name: { type: 'string' }, scenario: { type: 'string' } } })
const mutant = mutants.find(({ name }) => name === values.name)
if (mutant === undefined) throw new Error(`there is no mutant ${String(values.name)}`)

const loaded = loadMutant(...mutant.patches)
const { sweep, tellFinding } = await import('./sweep.ts')
const { scenarios } = await import('./scenarios.ts')
if (!loaded.isUsed()) throw new Error(`${mutant.name}: not every broken file is part of the simulation`)

const chosen = [...scenarios].filter(([name]) => values.scenario === undefined || name === values.scenario)
const { findings, runs } = await sweep(new Map(chosen), { isShort: true })
console.log(
  JSON.stringify({
    runs,
    deaths: findings[0]?.run.deaths.length,
    names: findings.flatMap(({ violations }) => violations.map(({ name }) => name)),
    told: findings.map(tellFinding),
  }),
)
