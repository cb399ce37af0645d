import { partitionProgress } from '@silt/contracts'
import { beforeEach, describe, expect, test } from 'vitest'
import { append, cleanLog, optimize, restoreTo, upgradeProtocol } from '../foreign/index.ts'
import { topic, topicId } from '../foreign/settled-table.ts'
import { newTableWorld, overtaken, type TableWorld } from '../foreign/table-world.ts'
import { audit, check, look, needsDecision, pauseTable, remedy, restart } from './index.ts'

let world: TableWorld
beforeEach(async () => {
  world = await newTableWorld()
  for (const partition of [0, 1]) produce(partition, 10)
  await world.table.settle(0, 6)
  await world.table.settle(1, 4)
})

function produce(partition: number, count: number): void {
  world.source.append(
    topic,
    partition,
    Array.from({ length: count }, () => ({ value: '{}' })),
  )
}

const progressOf = async (partition: number, ofTopicId = topicId) =>
  partitionProgress((await world.now()).txns, topic, ofTopicId, partition)

test('where all goes on there is nothing to decide', async () => {
  const seen = await look(world.operator)
  expect(seen).toEqual({
    version: 3,
    paused: undefined,
    parked: undefined,
    stopped: [],
    topicSeen: true,
  })
  expect([needsDecision(seen), await remedy(world.operator, seen)]).toEqual([false, []])
  expect((await world.now()).version).toBe(3)
})

describe('partitions', () => {
  test('a gap is accepted, on record: the audit explains the hole', async () => {
    world.source.log(topic, 0).deleteBelow(8)
    const seen = await look(world.operator)
    expect(seen.stopped).toEqual([{ partition: 0, code: 'partition/retention-gap' }])
    expect(await remedy(world.operator, seen)).toEqual([{ kind: 'committed', decided: 'accept-gap', version: 4 }])
    expect(await progressOf(0)).toMatchObject({ next: 8, accepted: 2 })
    await world.table.settle(0, 2)
    expect(await world.verdict()).toBe('explained')
    expect(needsDecision(await look(world.operator))).toBe(false)
  })

  test('a log cut short begins as a new one, the other partition goes on', async () => {
    world.source.log(topic, 0).truncateTo(3)
    const seen = await look(world.operator)
    expect(seen.stopped).toEqual([{ partition: 0, code: 'partition/end-below-txn' }])
    expect(await remedy(world.operator, seen)).toEqual([{ kind: 'committed', decided: 'restart', version: 4 }])
    expect(await progressOf(0)).toMatchObject({ restart: 1, next: 0 })
    expect(await progressOf(1)).toMatchObject({ restart: 0, next: 4 })
  })

  test('a topic made again begins anew in every partition; before it is there nothing is seen', async () => {
    world.source.deleteTopic(topic)
    expect(await look(world.operator)).toMatchObject({ topicSeen: false, stopped: [] })
    expect(await restart(world.operator, 'all')).toMatchObject({ kind: 'refused', code: 'source/topic-missing' })
    world.source.createTopic(topic, 2, 'topic-2')
    const seen = await look(world.operator)
    expect(seen.stopped.map(({ code }) => code)).toEqual(['partition/topic-recreated', 'partition/topic-recreated'])
    expect(await remedy(world.operator, seen)).toHaveLength(2)
    expect(await progressOf(1, 'topic-2')).toMatchObject({ restart: 0, next: 0 })
    expect(needsDecision(await look(world.operator))).toBe(false)
  })

  test('what has ended by itself, or was decided by another, is refused and changes nothing', async () => {
    world.source.log(topic, 0).truncateTo(3)
    const seen = await look(world.operator)
    produce(0, 9)
    const refused = { kind: 'refused', decided: 'restart', code: 'partition/not-applicable' }
    expect([...(await remedy(world.operator, seen)), await restart(world.operator, 'all')]).toEqual([refused, refused])
    expect((await world.now()).version).toBe(3)
  })
})

describe('tables', () => {
  test('a paused one is let go on', async () => {
    expect(await pauseTable(world.operator, 'moving')).toMatchObject({ kind: 'committed', version: 4 })
    expect(await pauseTable(world.operator, 'moving')).toEqual({ kind: 'nothing', decided: 'pause' })
    const seen = await look(world.operator)
    expect(seen.paused?.version).toBe(4)
    expect(await remedy(world.operator, seen)).toEqual([{ kind: 'committed', decided: 'resume', version: 5 }])
    expect(needsDecision(await look(world.operator))).toBe(false)
  })

  test('a parked one is released as of the version seen, not what came since', async () => {
    await restoreTo(world.engine, 2)
    const seen = await look(world.operator)
    expect(seen.parked).toEqual({ version: 4, operation: 'RESTORE' })
    await restoreTo(world.engine, 3)
    const again = { kind: 'refused', decided: 'resume', code: 'table/parked-since' }
    expect(await remedy(world.operator, seen)).toEqual([again])
    expect(await remedy(world.operator, await look(world.operator))).toMatchObject([{ kind: 'committed', version: 6 }])
    expect(needsDecision(await look(world.operator))).toBe(false)
  })

  test('one whose parking was cleaned away counts as parked, until it is released', async () => {
    await restoreTo(world.engine, 2)
    await append(world.engine, { rows: 1 })
    await cleanLog(world.engine, { keepVersions: 0 })
    const seen = await look(world.operator)
    expect(seen.parked).toEqual({ version: 4, operation: undefined })
    expect(await remedy(world.operator, seen)).toMatchObject([{ kind: 'committed', decided: 'resume' }])
    expect(needsDecision(await look(world.operator))).toBe(false)
  })

  test('one with a feature nobody knows takes no decision', async () => {
    await upgradeProtocol(world.engine, 'someday')
    expect(await pauseTable(world.operator, '')).toMatchObject({ kind: 'refused', code: 'delta/unsupported-feature' })
  })

  test('a decision others overtake is made on what they left', async () => {
    world.source.log(topic, 0).deleteBelow(8)
    const seen = await look(world.operator)
    const { store } = overtaken(world.engine, 3, () => optimize(world.engine, { tags: 'kept' }))
    expect(await remedy({ ...world.operator, store }, seen)).toMatchObject([{ kind: 'committed' }])
    expect(await progressOf(0)).toMatchObject({ next: 8, accepted: 2 })
  })
})

test('audit and check see what is there', async () => {
  const counts = (): number => 6
  expect(await audit(world.operator)).toMatchObject({ verdict: 'proved', rows: 10 })
  const { main, deadLetters } = await check(world.operator, counts)
  expect(main.findings).toMatchObject([{ code: 'row-count' }])
  expect(deadLetters.findings).toMatchObject([{ code: 'no-table' }])
})
