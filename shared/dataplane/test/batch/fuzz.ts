// Mutants of record batches, read by the plane and by the slab builder: the same records or refused by both, no trap, nothing beyond the batch.
//   node test/batch/fuzz.ts [--runs 1000000] [--seed 1] [--build scalar]   a seed printed with a failure repeats it: --seed <it> --runs 1
import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { encodeBatch, type TestRecord } from '../../../source/test/kafka/batch-encoder.ts'
import { Seeded } from '../scan/random.ts'
import { readBothWays } from './differential.ts'
import { mutated } from './mutated.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'

const CODECS = ['none', 'lz4', 'snappy', 'none', 'lz4', 'snappy-xerial'] as const
/** Decompressed by the host, at a hundred times the cost: seldom. */
const HOST_CODECS = ['gzip', 'zstd'] as const
const MUTANTS_A_BATCH = 200
const MUTANTS_A_TURN = 10_000
const MUTANTS_A_LINE = 500_000

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, build: { type: 'string' } },
})
const runs = Number(values.runs ?? 1_000_000)
const first = Number(values.seed ?? 1)
const plane = new Engine(loadPlane(values.build === 'scalar' ? 'scalar' : 'simd'))
// Most mutants are refused by an error: its stack would cost more than all else.
Error.stackTraceLimit = 0
let taken = 0
let batch: Buffer = Buffer.alloc(0)
for (let run = 0; run < runs; run++) {
  const seed = first + run
  if (run === 0 || seed % MUTANTS_A_BATCH === 0) batch = batchOf(Math.floor(seed / MUTANTS_A_BATCH))
  try {
    const random = new Seeded(seed)
    const from = random.once(2) ? 0 : random.below(1500)
    const to = random.once(2) ? Number.MAX_SAFE_INTEGER : from + random.below(300)
    const [outcome] = readBothWays(plane, mutated(batch, seed), from, to)
    if (outcome !== undefined && outcome !== 'refused') taken++
  } catch (error) {
    console.error(`seed ${seed}`, error)
    process.exit(1)
  }
  // What the host decompressed with is let go of between turns of the event loop only.
  if (run % MUTANTS_A_TURN === 0) await setImmediate()
  if ((run + 1) % MUTANTS_A_LINE === 0) console.error(`${run + 1} of ${runs}`)
}
console.log(`${runs} mutants from seed ${first}: ${taken} taken, ${runs - taken} refused, by both`)

function batchOf(seed: number): Buffer {
  const random = new Seeded(seed)
  const text = (max: number): string =>
    random.pick(['', 'a', 'user-17', '{"event":"click","value":']).repeat(1 + random.below(max))
  let offset = random.below(1000) - 1
  const records: TestRecord[] = Array.from({ length: 1 + random.below(12) }, () => ({
    offset: (offset += 1 + (random.once(4) ? random.below(200) : 0)),
    timestampMs: random.once(10) ? 2n ** 63n - 1n : 1_700_000_000_000 + random.below(100_000),
    key: random.once(3) ? null : text(3),
    value: random.once(8) ? null : text(12),
    headers: Array.from({ length: random.below(3) }, () => [text(2), random.once(3) ? null : text(3)] as const),
  }))
  return encodeBatch({
    codec: random.once(50) ? random.pick(HOST_CODECS) : random.pick(CODECS),
    records,
    ...(random.once(5) ? { logAppendTimeMs: 1_800_000_000_000 } : {}),
  })
}
