import { isSiltError } from '@silt/core'
import { prepareServer } from './engine.ts'
import { helmProgram } from './helm.ts'
import { kafkaRecipe } from './kafka.ts'
import { minioClientRecipe } from './minio-client.ts'
import { minioRecipe } from './minio.ts'
import { postgresRecipe } from './postgres.ts'
import { prometheusRecipe } from './prometheus.ts'
import { redisRecipe } from './redis.ts'
import { versitygwRecipe } from './versitygw.ts'

const PREREQUISITE_MISSING = 3

// One after the other: each is a build that uses every core.
const recipes = [
  redisRecipe,
  postgresRecipe,
  prometheusRecipe,
  kafkaRecipe,
  versitygwRecipe,
  minioRecipe,
  minioClientRecipe,
]
const steps = [
  ...recipes.map((recipe) => ({ name: recipe.name, prepare: () => prepareServer(recipe) })),
  { name: 'helm', prepare: helmProgram },
]
for (const { name, prepare } of steps) {
  const startedMs = performance.now()
  try {
    const where = await prepare()
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    process.stdout.write(`${name} ready after ${seconds} s: ${where}\n`)
  } catch (error) {
    if (!isSiltError(error, 'servers/prerequisite-missing')) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = PREREQUISITE_MISSING
  }
}
