import { randomInt } from 'node:crypto'

/** A fresh seed for the random choices of a test, printed; SILT_TEST_SEED gives it instead, to see a failure again. */
export function testSeed(test: string): number {
  const given = process.env['SILT_TEST_SEED']
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given)
  console.log(`${test}: SILT_TEST_SEED=${seed}`)
  return seed
}
