import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '@silt/core'
import { writtenExpressions } from './written-expressions.ts'
import { givenRows } from './given-rows.ts'
import { randomExpression } from './random-expression.ts'
import { compareWithSpark, sparkRequest, type SparkAnswer } from './spark-cases.ts'

/**
 * Asks Spark anew and keeps what it says for the unit tests: `main.ts PYTHON [COUNT [SEED]]`. With `--compare` nothing is kept.
 * PYTHON has pyspark; Java must be there.
 */
const golden = fileURLToPath(new URL('spark-cases.ndjson', import.meta.url))
const isComparison = process.argv.includes('--compare')
const [python, count = '500', seed = '20261123'] = process.argv.slice(2).filter((each) => each !== '--compare')
if (python === undefined) throw new Error('which Python? main.ts PYTHON [COUNT [SEED]] [--compare]')
const random = seededRandom(Number(seed))
const expressions = [
  ...(isComparison ? [] : writtenExpressions),
  ...Array.from({ length: Number(count) }, () => randomExpression(random, 1 + Math.floor(random.next() * 3))),
]
const answer = askSpark(python)
if (!isComparison) {
  const lines = [{ spark: answer.spark, rows: answer.rows }, ...answer.cases].map((each) => JSON.stringify(each))
  writeFileSync(golden, `${lines.join('\n')}\n`)
}
const { agreed, unsupported, differences } = compareWithSpark(answer)
const refused = answer.cases.filter((each) => 'refused' in each).length
console.log(
  `Spark ${answer.spark}: ${agreed} of ${expressions.length} agree, ${refused} refused by Spark, ${unsupported.length} unsupported here`,
)
for (const each of unsupported.slice(0, 40)) console.log(each)
for (const each of differences) console.log(`DIFFERS ${each}`)
process.exitCode = differences.length === 0 ? 0 : 1

function askSpark(interpreter: string): SparkAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'silt-expressions-'))
  try {
    const request = join(folder, 'request.json')
    writeFileSync(request, JSON.stringify(sparkRequest(givenRows, expressions)))
    const script = fileURLToPath(new URL('evaluate_with_spark.py', import.meta.url))
    const output = execFileSync(interpreter, [script, request], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 256 * 1024 * 1024,
      timeout: 1_200_000,
    })
    return JSON.parse(output.trimEnd().split('\n').at(-1)!) as SparkAnswer
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
