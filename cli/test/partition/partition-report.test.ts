import type { Source } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { MemorySource } from '@silt/source'
import { expect, test } from 'vitest'
import { viewTopic } from '../../src/partition/partition-report.ts'
import { startOffsets } from '../../src/table/start-offsets.ts'

const topic = 'events'

/** A topic that is made again when `operation` is asked. */
function madeAgainAt(operation: 'ends' | 'offsetAtTime'): Source {
  const source = new MemorySource({ clock: new ManualClock() })
  source.createTopic(topic, 1, 'old')
  const asked = (name: string): void => {
    if (name === operation) source.createTopic(topic, 1, 'new')
  }
  return {
    kind: source.kind,
    offsetUnit: source.offsetUnit,
    partitions: (name) => source.partitions(name),
    ends: (name, partitions) => {
      asked('ends')
      return source.ends(name, partitions)
    },
    offsetAtTime: (name, partitions, timeMs) => {
      asked('offsetAtTime')
      return source.offsetAtTime(name, partitions, timeMs)
    },
    read: (request, signal) => source.read(request, signal),
    close: () => source.close(),
  }
}

test('a topic made again while it is looked at is not viewed under its old id with the ends of the new one', async () => {
  const source = madeAgainAt('ends')
  await expect(viewTopic(source, topic)).rejects.toMatchObject({ code: 'source/topic-missing', kind: 'unavailable' })
  expect(await viewTopic(source, topic)).toMatchObject({ partitions: [{ topicId: 'new' }] })
})

test('a topic made again while it is asked for a time does not give the old one offsets to start from', async () => {
  const source = madeAgainAt('offsetAtTime')
  const view = await viewTopic(source, topic)
  await expect(startOffsets(source, view, '2026-01-01')).rejects.toMatchObject({ code: 'source/topic-missing' })
  expect(await startOffsets(source, view, 'latest')).toEqual(new Map([[0, 0]]))
})
