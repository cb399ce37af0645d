import { parseCommitJob } from '@silt/contracts'
import type { Source } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { MemorySource } from '@silt/source'
import { expect, test } from 'vitest'
import { parseStartFrom } from '../src/start-from.ts'
import { StartJobs } from '../src/start-jobs.ts'

const topic = 'events'
const settings = { topic, replanAfterMs: 1000, replanAfterMaxMs: 8000 }
const planned = (topicId: string, startFrom = 'earliest'): Parameters<StartJobs['due']>[0] => [
  { topicPartition: { partition: 0, topicId }, from: parseStartFrom(startFrom) },
]

/** A topic that is made again, and has lost its first records, when `operation` is asked. */
function madeAgainAt(operation: 'ends' | 'offsetAtTime'): Source {
  const source = new MemorySource({ clock: new ManualClock() })
  source.createTopic(topic, 1, 'old')
  const remake = (): void => {
    source.createTopic(topic, 1, 'new')
    source.append(topic, 0, [{ value: 'a' }, { value: 'b' }])
    source.log(topic, 0).deleteBelow(1)
  }
  return {
    kind: source.kind,
    offsetUnit: source.offsetUnit,
    partitions: (name) => source.partitions(name),
    ends: (name, partitions) => {
      if (operation === 'ends') remake()
      return source.ends(name, partitions)
    },
    offsetAtTime: (name, partitions, timeMs) => {
      if (operation === 'offsetAtTime') remake()
      return source.offsetAtTime(name, partitions, timeMs)
    },
    read: (request, signal) => source.read(request, signal),
    close: () => source.close(),
  }
}

test.each([
  ['ends', 'earliest'],
  ['ends', 'latest'],
  ['offsetAtTime', '2026-01-01'],
] as const)(
  'a topic made again while its %s are asked for gives its id no start of the new one’s, from %s',
  async (operation, startFrom) => {
    const starts = new StartJobs(madeAgainAt(operation), settings)
    expect(await starts.due(planned('old', startFrom), 'table', 0)).toEqual([])
    expect(starts.isPending).toBe(false)
    const [job] = await starts.due(planned('new'), 'table', 10)
    expect(parseCommitJob(job?.data)).toMatchObject({ topicId: 'new', partition: 0 })
  },
)
