import { expect, test } from 'vitest'
import { parsePartitionAppId, pauseOf, pauseText, pausingTxns, releasingTxns } from '../src/index.ts'

test('a table that was paused and released any number of times is as the last decision left it, and no txn ever decreases', () => {
  const txns = new Map([['silt:events:id:0', 7]])
  expect(pauseOf(txns)).toBeUndefined()
  const apply = (next: ReadonlyMap<string, number>): void => {
    for (const [appId, version] of next) {
      expect(version).toBeGreaterThanOrEqual(txns.get(appId) ?? 0)
      txns.set(appId, version)
    }
  }
  apply(pausingTxns(txns, 3, 1000.5))
  expect(pauseOf(txns)).toEqual({ version: 3, sinceMs: 1000 })
  apply(releasingTxns(4))
  expect(pauseOf(txns)).toBeUndefined()
  // The clock was set back: `since` may be wrong then, a decreasing txn never.
  apply(pausingTxns(txns, 5, 400))
  expect(pauseOf(txns)).toEqual({ version: 5, sinceMs: 1000 })
  apply(releasingTxns(6))
  expect(pauseOf(txns)).toBeUndefined()
})

test('its app ids are not those of a partition, whatever the topic is called', () => {
  for (const appId of pausingTxns(new Map(), 1, 1).keys()) expect(parsePartitionAppId(appId)).toBeUndefined()
})

test('says since when, in which version and what ends it', () => {
  expect(pauseText({ version: 12, sinceMs: Date.UTC(2026, 1, 3) })).toMatch(
    /since 2026-02-03T00:00:00.000Z \(version 12\).*silt table resume/,
  )
})
