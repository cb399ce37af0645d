import { partitionAppId } from '@silt/contracts'
import { expect, test } from 'vitest'
import type { SuspectedStop } from '../src/confirm-stops.ts'
import { idleness, idleTarget } from '../src/until-idle.ts'

const partitions = [
  { partition: 0, topicId: 'id' },
  { partition: 1, topicId: 'id' },
]
const ends = [
  { partition: 0, logStart: 0, readableEnd: 10 },
  { partition: 1, logStart: 0, readableEnd: 0 },
]
const target = idleTarget(partitions, ends)!
const at = (...next: (number | undefined)[]): ReadonlyMap<string, number> =>
  new Map(
    next.flatMap((version, partition) =>
      version === undefined
        ? []
        : [[partitionAppId('silt', { topic: 't', topicId: 'id', partition, restart: 0 }), version] as const],
    ),
  )
const stop = { code: 'partition/retention-gap', message: 'm', remedy: 'r' } as const
const suspect = (partition: number, confirmed: boolean): ReadonlyMap<number, SuspectedStop> =>
  new Map([[partition, { stop, sinceMs: 0, confirmed }]])

test.each([
  ['all in', at(10, 0), new Map<number, SuspectedStop>(), 'idle'],
  ['further than seen at start', at(15, 3), new Map<number, SuspectedStop>(), 'idle'],
  ['one behind', at(9, 0), new Map<number, SuspectedStop>(), 'working'],
  ['an empty partition not started yet', at(10), new Map<number, SuspectedStop>(), 'working'],
  ['the only one behind is stopped', at(5, 0), suspect(0, true), 'stopped'],
  ['the only one behind looks stopped', at(5, 0), suspect(0, false), 'working'],
  ['one stopped, another behind', at(5, 0), suspect(1, true), 'working'],
  ['all in, one stopped beyond its end', at(12, 0), suspect(0, true), 'stopped'],
] as const)('%s', (_, txns, suspects, kind) => {
  expect(idleness(target, 't', txns, suspects).kind).toBe(kind)
})

test('there is no target while a partition does not tell its end', () => {
  expect(idleTarget(partitions, ends.slice(1))).toBeUndefined()
})
