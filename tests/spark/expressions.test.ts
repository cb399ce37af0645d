import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '@silt/core'
import { expect, test } from 'vitest'
import { givenRows } from '../../shared/expressions/test/spark/given-rows.ts'
import { randomExpression } from '../../shared/expressions/test/spark/random-expression.ts'
import { compareWithSpark, sparkRequest, type SparkAnswer } from '../../shared/expressions/test/spark/spark-cases.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { testSeed } from '../support/seed.ts'

const script = fileURLToPath(new URL('../../shared/expressions/test/spark/evaluate_with_spark.py', import.meta.url))
const expressionCount = 40

test('random expressions have the types, values and failures of Spark, or are refused', () =>
  withScratch(async (folder) => {
    const random = seededRandom(testSeed('spark expressions'))
    const expressions = Array.from({ length: expressionCount }, () =>
      randomExpression(random, 1 + Math.floor(random.next() * 3)),
    )
    const request = join(folder, 'request.json')
    await writeFile(request, JSON.stringify(sparkRequest(givenRows, expressions)))
    const interpreter = process.env['SILT_TEST_SPARK_PYTHON']
    if (interpreter === undefined) throw new Error('`npm test -- spark` prepares what this needs')
    const answer = await runPython<SparkAnswer>(script, [request], {}, interpreter)
    const { agreed, differences } = compareWithSpark(answer)
    expect(differences).toEqual([])
    expect(agreed).toBeGreaterThan(expressionCount / 2)
  }))
