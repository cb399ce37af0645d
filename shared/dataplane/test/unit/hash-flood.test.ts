import { field, struct } from '@silt/core'
import { describe, expect, it } from 'vitest'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'
import { eventSpec } from '../scan/slab.ts'
import { rangesOf } from './both-encoders.ts'
import { slabOfRecords } from './records.ts'

const spec = { ...eventSpec, schema: struct([...eventSpec.schema.fields, field('n', 'long')]) }
const count = 15_000
const ordinary = Array.from({ length: count }, (_, index) => BigInt(index) * 1_000_003n)
/** Of one hash where it begins with nothing: the multiplication and the shift of assembly/columns/numbers.ts, undone. */
const flood = Array.from({ length: count }, (_, index) => {
  const product = (0x1234_5678n << 32n) | BigInt(index * 7919)
  const shifted = BigInt.asUintN(64, product * inverse(0x9e3779b97f4a7c15n))
  return BigInt.asIntN(64, shifted ^ (shifted >> 29n) ^ (shifted >> 58n))
})

describe('values chosen to stand in one place of a dictionary', () => {
  it('cost many times as much as others where it is known what hashes begin with, and hardly more where it is not', async () => {
    const known = (): Engine => new Engine(loadPlane(), { uuid: () => '0'.repeat(32) })
    const base = await least(() => cpuOf(ordinary, known()))
    expect(await cpuOf(flood, known())).toBeGreaterThan(4 * base)
    expect(await least(() => cpuOf(flood, new Engine()))).toBeLessThan(3 * base)
  })
})

/** µs for a unit that has each of the values twice, one behind the other. */
async function cpuOf(values: readonly bigint[], engine: Engine): Promise<number> {
  const records = values.flatMap((value) => Array.from({ length: 2 }, () => ({ value: `{"n":${value}}` })))
  const slab = slabOfRecords(0, 0, records)
  const session = await new PlaneEncoder({ engine }).open(spec)
  const before = process.cpuUsage()
  await session.push(slab)
  const { user, system } = process.cpuUsage(before)
  await session.finish(rangesOf([slab]))
  return user + system
}

async function least(measure: () => Promise<number>): Promise<number> {
  let found = Infinity
  for (let time = 0; time < 3; time++) found = Math.min(found, await measure())
  return found
}

/** Of an odd number, modulo 2^64 (Newton). */
function inverse(odd: bigint): bigint {
  let found = odd
  for (let round = 0; round < 6; round++) found = BigInt.asUintN(64, found * (2n - odd * found))
  return found
}
