import { expect, test } from 'vitest'
import { partitionVerdict, worstVerdict, type PartitionEvidence } from '../../src/audit/partition-verdict.ts'

const whole: PartitionEvidence = {
  first: 100,
  next: 200,
  gaps: 5,
  accepted: 0,
  rows: 90,
  deadLetters: 5,
  duplicates: 0,
  outside: 0,
  unitsShort: 0,
  unitsOver: 0,
  unitsLost: 0,
  chainBroken: false,
  foreignRemovals: false,
  logsAreWhole: true,
  countersPresent: true,
}

test.each<[string, Partial<PartitionEvidence>, string]>([
  ['every offset once', {}, 'proved'],
  ['an accepted gap', { rows: 80, accepted: 10 }, 'explained'],
  ['a row twice', { duplicates: 1 }, 'failed'],
  ['a row missing', { rows: 89 }, 'failed'],
  ['a row missing, and commits that may tell who took it', { rows: 89, logsAreWhole: false }, 'unverifiable'],
  ['a unit of the log that nobody touched', { rows: 89, logsAreWhole: false, unitsShort: 1, unitsLost: 1 }, 'failed'],
  ['a row too many', { rows: 91 }, 'failed'],
  ['a row beyond txn', { outside: 1 }, 'failed'],
  ['rows missing after a foreign delete', { rows: 60, foreignRemovals: true }, 'removed-by-others'],
  [
    'rows missing of a unit that nobody touched',
    { rows: 60, foreignRemovals: true, unitsShort: 2, unitsLost: 1 },
    'failed',
  ],
  ['a duplicate is not excused by a foreign delete', { duplicates: 1, foreignRemovals: true }, 'failed'],
  ['one unit short while another is over', { unitsShort: 1, unitsOver: 1 }, 'failed'],
  ['progress that no commit explains', { chainBroken: true }, 'failed'],
  ['no counters', { countersPresent: false }, 'unverifiable'],
])('%s', (_, change, verdict) => {
  expect(partitionVerdict({ ...whole, ...change })).toBe(verdict)
})

test('the worst verdict stands for the table', () => {
  expect(worstVerdict(['proved', 'failed', 'explained'])).toBe('failed')
  expect(worstVerdict([])).toBe('proved')
})
