import fc from 'fast-check'
import { it } from 'vitest'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import { onEachBuild } from '../each-build.ts'
import { Seeded } from '../scan/random.ts'
import { exactUnit, expectSame, planeUnit } from './both-encoders.ts'
import { randomUnit } from './random-unit.ts'

onEachBuild((engine, runs) => {
  it('units of any tables and any records, two at a time, are what the exact path makes of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (seed) => {
        const random = new Seeded(seed)
        const pair = [randomUnit(random), randomUnit(random)]
        const units = await Promise.all(
          pair.map((given) => {
            const settings = {
              rowGroupRowsMax: random.pick([1_000_000, 50, 7]),
              pageRowsMax: random.pick([20_000, 10]),
            }
            const encoder = new PlaneEncoder({ engine, settings, limits: given.limits ?? {} })
            return planeUnit(encoder, given, () => random.once(2))
          }),
        )
        for (const [index, unit] of units.entries()) expectSame(unit, await exactUnit(pair[index]!))
      }),
      { numRuns: runs(100) },
    )
  })
})
