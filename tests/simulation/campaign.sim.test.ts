import { expect, test } from 'vitest'
import { runCampaign } from './campaign.ts'
import { mustHappen } from './must-happen.ts'
import { runSchedule } from './run-schedule.ts'
import { scenarioOf } from './scenario.ts'

const runs = 1500

test(`${runs} schedules break no promise, meet every fault there is, and those run twice take the same way act for act`, async () => {
  const nowMs = (): number => performance.now()
  const result = await runCampaign({ firstSeed: 1, runs, wallMs: Infinity, nowMs, onProgress: () => undefined })
  console.log(
    `${result.runs} schedules, ${Math.round((result.runs / result.wallMs) * 60_000)} a minute: ${result.versions} versions, ` +
      `${result.calls} port calls, ${result.faults} gone wrong`,
  )
  expect(result.failure).toBeUndefined()
  expect(result.runs).toBe(runs)
  expect(result.faults).toBeGreaterThan(runs)
  const tooRare = Object.entries(mustHappen).filter(([what, least]) => (result.happened.get(what) ?? 0) < least)
  expect(tooRare.map(([what, least]) => `${what}: ${result.happened.get(what) ?? 0} of ${least}`)).toEqual([])
})

test('a seed is its schedule: twice the same way, another seed another', async () => {
  const digest = async (seed: number): Promise<string> => (await runSchedule(scenarioOf(seed))).digest
  expect(await digest(7)).toBe(await digest(7))
  expect(await digest(7)).not.toBe(await digest(8))
})

test('a call that is muted goes well, and the rest of its schedule is told alike', async () => {
  const scenario = scenarioOf(9)
  const whole = await runSchedule({ ...scenario, rates: { ...scenario.rates, store: flaky } })
  const [first, ...others] = whole.fired.map(({ name }) => name)
  expect(others.length).toBeGreaterThan(0)
  const muted = await runSchedule(
    { ...scenario, rates: { ...scenario.rates, store: flaky } },
    { muted: new Set([first ?? '']) },
  )
  expect(muted.fired.map(({ name }) => name)).not.toContain(first)
  expect(muted.fired.map(({ name }) => name)).toContain(others[0])
})

const flaky = { refused: 0.1, lost: 0.1, late: 0, doubled: 0, full: 0, slow: 0 }
