import { expect, test } from 'vitest'
import type { Disturbance } from './disturbance.ts'
import { scenarioOf, type Scenario } from './scenario.ts'
import { shrink, type Candidate } from './shrink.ts'

const kill = (number: number): Disturbance => ({ atMs: number, kind: 'kill', actor: 'writer', number })
const scenario: Scenario = {
  ...scenarioOf(1),
  ingestors: 2,
  writers: 3,
  committers: 2,
  appends: Array.from({ length: 9 }, (_, index) => ({ atMs: index, partition: 0, kinds: ['plain' as const] })),
  disturbances: Array.from({ length: 20 }, (_, index) => kill(index)),
}
const faults = ['a:1', 'a:2', 'b:1', 'b:2', 'c:1']

/** Breaks while both are left: the kills numbered, the call fault, two writers. */
async function smallest(kills: readonly number[], fault: string, trialsMax = 500): Promise<[Candidate, number]> {
  let trials = 0
  const best = await shrink(
    { scenario, muted: new Set() },
    ({ scenario: tried, muted }) => {
      trials++
      const numbers = new Set(tried.disturbances.map((each) => ('number' in each ? each.number : -1)))
      const isBroken = kills.every((number) => numbers.has(number)) && !muted.has(fault) && tried.writers >= 2
      return Promise.resolve({ isBroken, firedNames: faults.filter((name) => !muted.has(name)) })
    },
    trialsMax,
  )
  return [best, trials]
}

test('leaves what the break needs and nothing else', async () => {
  const [{ scenario: best, muted }] = await smallest([3, 17], 'b:2')
  expect(best.disturbances).toEqual([kill(3), kill(17)])
  expect(best.appends).toEqual([])
  expect([...muted].sort()).toEqual(['a:1', 'a:2', 'b:1', 'c:1'])
  expect([best.ingestors, best.writers, best.committers]).toEqual([1, 2, 1])
})

test('tries no more often than it may, and what it has by then still breaks', async () => {
  const [{ scenario: best }, trials] = await smallest([3, 17], 'b:2', 10)
  expect(trials).toBeLessThan(20)
  expect(best.disturbances).toEqual(expect.arrayContaining([kill(3), kill(17)]))
})
