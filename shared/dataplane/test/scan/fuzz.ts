// Events of random tables and mutants of their bytes, read by the scanner, the exact path and JSON.parse: the exact path and JSON.parse accept and reject the
// same, what the scanner takes has the same values in all three, nothing depends on a record's neighbours, nothing beyond it is read.
//   npm run fuzz --workspace shared/dataplane -- [--runs 1000000] [--seed 1] [--build scalar]   a seed printed with a failure repeats it: --seed <it> --runs 1
import { parseArgs } from 'node:util'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'
import { compareWithExactPath } from './differential.ts'
import { randomSpec } from './random-schema.ts'
import { Seeded } from './random.ts'
import { randomSlab } from './slab.ts'

const eventsPerTable = 20
const mutantsPerEvent = 120

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, build: { type: 'string' } },
})
const runs = Number(values.runs ?? 1_000_000)
const first = Number(values.seed ?? 1)
const engine = new Engine(loadPlane(values.build === 'scalar' ? 'scalar' : 'simd'))
// Half of the mutants are no JSON: the stacks of what JSON.parse throws would cost more than all else.
Error.stackTraceLimit = 0
let scanned = 0
let taken = 0
let rows = 0
let compared = 0
const deadLetters = new Map<string, number>()
let seed = first
for (; scanned < runs; seed++) {
  const random = new Seeded(seed)
  const spec = randomSpec(random)
  const slab = randomSlab(random, spec, eventsPerTable, mutantsPerEvent)
  try {
    const found = compareWithExactPath(engine, spec, slab, random.pick([0, 8]))
    taken += found.taken
    rows += found.rows
    compared += found.values
    for (const [reason, count] of found.deadLetters) deadLetters.set(reason, (deadLetters.get(reason) ?? 0) + count)
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
  scanned += slab.count
}
const reasons = [...deadLetters].map(([reason, count]) => `${count} ${reason}`).join(', ')
console.log(
  `${scanned} records of ${seed - first} tables (seeds ${first} to ${seed - 1}): ${taken} taken by the scanner, ${rows - taken} rows by the exact path alone, dead letters: ${reasons}; ${compared} values compared, no difference`,
)
