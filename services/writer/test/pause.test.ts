import { pausingTxns, releasingTxns } from '@silt/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, until } from './support/bench.ts'

let bench: Bench
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  bench = new Bench()
  bench.options = { logPollMs: 10, pausedPollMs: 10 }
  await bench.createTable()
  bench.collectCommits()
})
afterEach(() => stop())

test('an idle writer knows of a pause and of its end, stays ready, and does the jobs that are left', async () => {
  bench.append(0, 5)
  stop = await bench.start()
  expect(bench.notes).toEqual([''])
  const txns = (next: ReadonlyMap<string, number>) => [...next].map(([appId, version]) => ({ txn: { appId, version } }))
  await bench.commitActions(txns(pausingTxns(new Map(), 1, 1000)))
  await until(() => bench.notes.length === 2)
  expect(bench.notes[1]).toContain('silt table resume')
  expect(bench.gauges.get('silt_table_paused')).toBe(1)
  await bench.send(bench.job([[0, 0, 5]]))
  await until(() => bench.commits.length === 1)
  await bench.commitActions(txns(releasingTxns(2)))
  await until(() => bench.notes.length === 3)
  expect([bench.notes[2], bench.gauges.get('silt_table_paused')]).toEqual(['', 0])
})
