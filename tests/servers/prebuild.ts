import { isSiltError } from '@silt/core'
import { prepareServer } from './engine.ts'
import { kafkaRecipe } from './kafka.ts'
import { minioRecipe } from './minio.ts'
import { postgresRecipe } from './postgres.ts'
import { redisRecipe } from './redis.ts'
import { versitygwRecipe } from './versitygw.ts'

const PREREQUISITE_MISSING = 3

// One after the other: each is a build that uses every core.
for (const recipe of [redisRecipe, postgresRecipe, kafkaRecipe, versitygwRecipe, minioRecipe]) {
  const startedMs = performance.now()
  try {
    const where = await prepareServer(recipe)
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    process.stdout.write(`${recipe.name} ready after ${seconds} s: ${where}\n`)
  } catch (error) {
    if (!isSiltError(error, 'servers/prerequisite-missing')) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = PREREQUISITE_MISSING
  }
}
