import { seededRandom, SiltError } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { Health } from '@silt/telemetry'
import { beforeEach, expect, test } from 'vitest'
import { supervise } from '../../src/compose/supervise.ts'

const denied = new SiltError('invalid', 'store/denied', 'access denied')
let clock: ManualClock
let starts: number
let end: string

beforeEach(() => {
  clock = new ManualClock()
  starts = 0
  end = 'running'
})

/** An actor whose n-th run does `runs[n]`; the last is repeated. */
function run(...runs: readonly (() => Promise<void>)[]): void {
  const act = (): Promise<void> => (runs[Math.min(starts++, runs.length - 1)] as () => Promise<void>)()
  const deps = { clock, random: seededRandom(1), log: silentLog, health: new Health(['writer']) }
  supervise('writer', act, new AbortController().signal, deps).then(
    () => (end = 'ended'),
    (error: unknown) => (end = (error as SiltError).code),
  )
}
const failAfter = (ms: number, error: unknown) => async (): Promise<void> => {
  await clock.sleep(ms)
  throw error
}

test('a permission that was never there ends the actor at once', async () => {
  run(failAfter(10, denied))
  await clock.advance(100)
  expect([starts, end]).toEqual([1, 'store/denied'])
})

test('one that was there is waited for', async () => {
  run(failAfter(60_000, denied), failAfter(10, denied), failAfter(10, denied), () => Promise.resolve())
  await clock.advance(120_000)
  expect([starts, end]).toEqual([4, 'ended'])
})

test('but not for ever', async () => {
  run(failAfter(60_000, denied), failAfter(10, denied))
  await clock.advance(200_000)
  expect(end).toBe('running')
  await clock.advance(400_000)
  expect(end).toBe('store/denied')
})

test('nor where each refusal takes longer than a good run needs to', async () => {
  run(failAfter(60_000, denied), failAfter(40_000, denied))
  await clock.advance(200_000)
  expect(end).toBe('running')
  await clock.advance(400_000)
  expect(end).toBe('store/denied')
})

test('what cannot pass ends the actor however long it ran', async () => {
  run(failAfter(60_000, new SiltError('unsupported', 'delta/unsupported-feature', 'no')))
  await clock.advance(61_000)
  expect([starts, end]).toEqual([1, 'delta/unsupported-feature'])
})
