import { isSiltError, systemClock, systemRandom, type Assignment } from '@silt/core'
import { afterEach, describe, expect, it } from 'vitest'
import { KafkaMembership, type KafkaMembershipOptions } from '../../src/kafka/group/kafka-membership.ts'
import { bootstrapServers, createTopic, uniqueName, withAdmin } from './test-kafka.ts'

interface Running {
  readonly membership: KafkaMembership
  readonly assignments: Assignment[]
  readonly waiting: string[]
  /** Aborts and resolves when `run` has ended. */
  stop(): Promise<void>
}

const running: Running[] = []

function join(topic: string, groupId: string, options: Partial<KafkaMembershipOptions> = {}): Running {
  const membership = new KafkaMembership({
    bootstrapServers: bootstrapServers.split(','),
    clientId: 'silt-test',
    topic,
    groupId,
    heartbeatIntervalMs: 200,
    topicPollMs: 200,
    clock: systemClock,
    random: systemRandom,
    ...options,
  })
  const controller = new AbortController()
  const assignments: Assignment[] = []
  const waiting: string[] = []
  const ended = membership.run(
    controller.signal,
    (assignment) => assignments.push(assignment),
    (error) => waiting.push(isSiltError(error) ? error.code : String(error)),
  )
  ended.catch(() => undefined)
  const stop = async (): Promise<void> => {
    controller.abort()
    await ended
  }
  const one = { membership, assignments, waiting, stop }
  running.push(one)
  return one
}

const owned = ({ assignments }: Running): readonly number[] => assignments.at(-1)?.partitions ?? []
const counts = (...members: Running[]): number[] => members.map((member) => owned(member).length)
const union = (...members: Running[]): number[] => members.flatMap(owned).sort((a, b) => a - b)
const sessionMs = 30_000
const soon = { timeout: 60_000, interval: 50 }

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop().catch(() => undefined)
})

describe('membership of a Kafka group', () => {
  it('gives one member everything, shares with a second, and gives back when it leaves', async () => {
    const topic = uniqueName('group')
    await createTopic(topic, 5)
    const session = { sessionTimeoutMs: sessionMs }
    const a = join(topic, topic, session)
    await expect.poll(() => owned(a), soon).toEqual([0, 1, 2, 3, 4])
    const b = join(topic, topic, session)
    await expect.poll(() => [...counts(a, b)].sort(), soon).toEqual([2, 3])
    expect(union(a, b)).toEqual([0, 1, 2, 3, 4])
    const left = performance.now()
    await b.stop()
    await expect.poll(() => owned(a), soon).toEqual([0, 1, 2, 3, 4])
    // Sooner than its session ends: it left.
    expect(performance.now() - left).toBeLessThan(sessionMs / 2)
    const generations = a.assignments.map(({ generation }) => generation)
    expect(generations).toEqual([...new Set(generations)].sort((x, y) => x - y))
  })

  it('waits for a topic that is missing, naming it, and joins once it is there', async () => {
    const topic = uniqueName('late')
    const member = join(topic, topic)
    await expect.poll(() => member.waiting, soon).toEqual(['source/topic-missing'])
    await createTopic(topic, 2)
    await expect.poll(() => owned(member), soon).toEqual([0, 1])
    expect(member.waiting).toEqual(['source/topic-missing'])
  })

  it('notices partitions added later', async () => {
    const topic = uniqueName('growing')
    await createTopic(topic, 2)
    const a = join(topic, topic)
    const b = join(topic, topic)
    await expect.poll(() => counts(a, b), soon).toEqual([1, 1])
    await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 6 }] }))
    await expect.poll(() => counts(a, b), soon).toEqual([3, 3])
    expect(union(a, b)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('publishes progress of its present generation and ignores any other', async () => {
    const topic = uniqueName('report')
    await createTopic(topic, 1)
    const committed = async (): Promise<string | undefined> =>
      withAdmin(
        async (admin) => (await admin.fetchOffsets({ groupId: topic, topics: [topic] }))[0]?.partitions[0]?.offset,
      )
    const a = join(topic, topic)
    await expect.poll(() => owned(a), soon).toEqual([0])
    const generation = a.assignments.at(-1)?.generation ?? 0
    await a.membership.report(generation, new Map([[0, 42]]))
    expect(await committed()).toBe('42')
    await a.membership.report(generation - 1, new Map([[0, 7]]))
    await a.membership.report(generation + 1, new Map([[0, 8]]))
    expect(await committed()).toBe('42')
    await a.stop()
    await a.membership.report(generation, new Map([[0, 9]]))
    expect(await committed()).toBe('42')
  })

  it('a static member comes back to its partitions without a rebalance of the others', async () => {
    const topic = uniqueName('static')
    await createTopic(topic, 4)
    const a = join(topic, topic, { groupInstanceId: 'a' })
    const b = join(topic, topic, { groupInstanceId: 'b' })
    await expect.poll(() => counts(a, b), soon).toEqual([2, 2])
    const [before, changes] = [owned(b), a.assignments.length]
    await b.stop()
    const again = join(topic, topic, { groupInstanceId: 'b' })
    await expect.poll(() => owned(again), soon).toEqual(before)
    expect(union(a, again)).toEqual([0, 1, 2, 3])
    expect(a.assignments.length).toBe(changes)
  })

  it('a member that takes the place of another under the same instance id ends the other', async () => {
    const topic = uniqueName('fenced')
    await createTopic(topic, 1)
    const old = join(topic, topic, { groupInstanceId: 'same' })
    await expect.poll(() => owned(old), soon).toEqual([0])
    const young = join(topic, topic, { groupInstanceId: 'same' })
    await expect.poll(() => owned(young), soon).toEqual([0])
    await new Promise((resolve) => setTimeout(resolve, 600))
    await expect(old.stop()).rejects.toMatchObject({ code: 'source/fenced-instance', kind: 'fenced' })
  })

  it('empties its assignment when the topic is deleted and waits for it to come back', async () => {
    const topic = uniqueName('deleted')
    await createTopic(topic, 2)
    const a = join(topic, topic)
    await expect.poll(() => owned(a), soon).toEqual([0, 1])
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    await expect.poll(() => owned(a), soon).toEqual([])
    await createTopic(topic, 3)
    await expect.poll(() => owned(a), soon).toEqual([0, 1, 2])
  })
})
