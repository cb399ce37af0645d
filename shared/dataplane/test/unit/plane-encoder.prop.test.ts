import fc from 'fast-check'
import { describe, it } from 'vitest'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { Seeded } from '../scan/random.ts'
import { exactUnit, expectSame, planeUnit } from './both-encoders.ts'
import { randomUnit } from './random-unit.ts'

const engine = new Engine()

describe('a unit of any table and any records', () => {
  it('is what the exact path makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (seed) => {
        const random = new Seeded(seed)
        const given = randomUnit(random)
        const settings = { rowGroupRowsMax: random.pick([1_000_000, 50, 7]), pageRowsMax: random.pick([20_000, 10]) }
        const encoder = new PlaneEncoder({ engine, settings, limits: given.limits ?? {} })
        const plane = await planeUnit(encoder, given, () => random.once(2))
        expectSame(plane, await exactUnit(given))
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})
