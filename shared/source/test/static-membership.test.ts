import type { Assignment, Membership } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { describe, expect, it } from 'vitest'
import { MemorySource, StaticMembership } from '../src/index.ts'

function start() {
  const clock = new ManualClock()
  const source = new MemorySource({ clock })
  const membership = new StaticMembership({ source, topic: 'events', pollMs: 1000, clock })
  const controller = new AbortController()
  const seen: Assignment[] = []
  const waiting: unknown[] = []
  const ended = membership.run(
    controller.signal,
    (assignment) => seen.push(assignment),
    (error) => waiting.push(error),
  )
  return { clock, source, membership, controller, seen, waiting, ended }
}

describe('static membership', () => {
  it('waits once, naming the setting, until the topic is there, then takes every partition', async () => {
    const { clock, source, controller, seen, waiting, ended } = start()
    await clock.advance(3000)
    expect(waiting).toMatchObject([{ code: 'source/topic-missing' }])
    expect(seen).toEqual([])
    source.createTopic('events', 2, 'id')
    await clock.advance(1000)
    expect(seen).toEqual([{ generation: 1, partitions: [0, 1] }])
    controller.abort()
    await ended
  })

  it('grows the generation when a partition appears, not otherwise', async () => {
    const { clock, source, controller, seen, ended } = start()
    source.createTopic('events', 1, 'id')
    await clock.advance(5000)
    source.addPartitions('events', 1)
    await clock.advance(5000)
    expect(seen).toEqual([
      { generation: 1, partitions: [0] },
      { generation: 2, partitions: [0, 1] },
    ])
    controller.abort()
    await ended
  })

  it('keeps the assignment through an outage and empties it when the topic vanishes', async () => {
    const { clock, source, controller, seen, waiting, ended } = start()
    source.createTopic('events', 1, 'id')
    await clock.advance(1000)
    source.setOutage(true)
    await clock.advance(5000)
    expect(seen).toHaveLength(1)
    expect(waiting).toMatchObject([{ code: 'source/unavailable' }])
    source.setOutage(false)
    source.deleteTopic('events')
    await clock.advance(2000)
    expect(seen.at(-1)).toEqual({ generation: 2, partitions: [] })
    expect(waiting).toMatchObject([{ code: 'source/unavailable' }, { code: 'source/topic-missing' }])
    controller.abort()
    await ended
  })

  it('ignores progress reports', async () => {
    const { membership, controller, ended } = start()
    await (membership as Membership).report(1, new Map([[0, 5]]))
    controller.abort()
    await ended
  })
})
