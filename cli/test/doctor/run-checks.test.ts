import { SiltError } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { expect, test } from 'vitest'
import { fail, ok, warn, type Finding } from '../../src/doctor/finding.ts'
import { runChecks, type Check } from '../../src/doctor/run-checks.ts'

const clock = new ManualClock()
const check = (name: string, outcome: () => Promise<readonly Finding[]>, more: Partial<Check> = {}): Check => ({
  name,
  run: outcome,
  ...more,
})
const well = (name: string) => (): Promise<readonly Finding[]> => Promise.resolve([ok(name, '')])

async function outcomes(checks: readonly Check[]): Promise<readonly string[]> {
  const running = runChecks(checks, { clock, timeoutMs: 1000 })
  await clock.advance(5000)
  return (await running).map(({ check: name, outcome }) => `${name} ${outcome}`)
}

test('one that throws and one that never ends hide no other, and the order stays', async () => {
  const checks = [
    check('a', () => Promise.reject(new SiltError('invalid', 'x/y', 'wrong'))),
    check('b', () => new Promise(() => undefined)),
    check('c', well('c')),
    check('d', () => {
      throw new Error('at once')
    }),
  ]
  expect(await outcomes(checks)).toEqual(['a fail', 'b fail', 'c ok', 'd fail'])
})

test('what needs one that failed is not asked, what needs one of several is as long as one went well', async () => {
  let asked = 0
  const count = (name: string) => (): Promise<readonly Finding[]> => {
    asked++
    return well(name)()
  }
  const checks = [
    check('bad', () => Promise.resolve([ok('bad', ''), fail('bad', '', 'r')])),
    check('warned', () => Promise.resolve([warn('warned', '', 'r')])),
    check('skipped', count('skipped'), { needs: ['warned', 'bad'] }),
    check('after skipped', count('after skipped'), { needs: ['skipped'] }),
    check('asked', count('asked'), { needs: ['warned'], needsOneOf: ['bad', 'warned'] }),
    check('none of them', count('none of them'), { needsOneOf: ['bad', 'skipped'] }),
  ]
  expect(await outcomes(checks)).toEqual([
    'bad ok',
    'bad fail',
    'warned warn',
    'skipped skip',
    'after skipped skip',
    'asked ok',
    'none of them skip',
  ])
  expect(asked).toBe(1)
})
