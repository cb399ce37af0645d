import { expect, test } from 'vitest'
import { readRecords } from './records.ts'
import { runHunt } from './run-hunt.ts'

/** One of each kind, those that take one short schedule; `npm run mutants` hunts them all. */
const replayed = [
  'txn-unchecked',
  'commit-across-a-gap',
  'no-first-offset-commit',
  'put-not-conditional',
  'dead-letters-without-record',
  'several-records-pending',
  'restore-not-parked',
  'parking-cleaned-away',
  'age-by-the-steady-clock',
  'file-age-unchecked',
  'no-re-plan-timer',
]
const msMax = 60_000

test.each(replayed)(
  '%s is caught by the recorded schedule: if the schedules have changed, run npm run mutants -- --update',
  async (name) => {
    const record = readRecords().find((each) => each.name === name)
    const { caught } = await runHunt(name, record?.seed ?? -1, 1, msMax)
    expect(caught?.name).toBe(record?.violation)
  },
  msMax,
)
