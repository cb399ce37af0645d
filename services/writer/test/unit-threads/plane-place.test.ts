import { systemClock } from '@silt/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeBatch, type TestRecord } from '../../../../shared/source/test/kafka/batch-encoder.ts'
import { FakeCluster } from '../../../../shared/source/test/kafka/fake-broker.ts'
import { UnitTrail } from '../../src/unit-trail.ts'
import type { PlanePlaceOptions } from '../../src/unit-threads/plane-place.ts'
import { until } from '../support/bench.ts'
import { kafkaOrder, kafkaPlace, plainRunner, recordBytesMax, trap } from '../support/kafka-place.ts'
import { readEncoded } from '../support/read-encoded.ts'

const never = new AbortController().signal
const crashed = { kind: 'data', code: 'encoder/crashed' }
const died = { kind: 'unavailable', code: 'encoder/died' }
const codecs = ['none', 'lz4', 'snappy', 'snappy-xerial', 'zstd', 'gzip'] as const
const end = 600

/** Rows, dead letters, headers, tombstones, values beyond the bound, and gaps, in batches of five by every codec. */
function record(offset: number): TestRecord {
  const value = [
    JSON.stringify({ event_type: 'click', user_id: `u${offset}`, interaction_value: offset / 4 }),
    JSON.stringify({ event_type: 'click', user_id: 'ä\n"', new_field: [offset] }),
    null,
    'no json',
    JSON.stringify({ user_id: 'x'.repeat(offset % 3 === 0 ? recordBytesMax : 100) }),
  ][offset % 5]!
  return { offset, value, key: offset % 2 === 0 ? `k${offset}` : null, headers: [['trace', `${offset}`]] }
}

let cluster: FakeCluster
const closing: { close(): Promise<void> }[] = []

beforeEach(async () => {
  cluster = await FakeCluster.start()
  for (let base = 0; base < end; base += 5) {
    const isCompacted = base % 35 === 0
    const records = [0, 1, 2, 3, 4].filter((k) => !isCompacted || k === 1).map((k) => record(base + k))
    const codec = codecs[(base / 5) % codecs.length]!
    cluster.append(base, base + 4, encodeBatch({ records, codec, baseOffset: base, lastOffset: base + 4 }))
  }
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.close()))
  await cluster.close()
})

function opened(touchedBytesMax?: number, other?: Partial<PlanePlaceOptions>): ReturnType<typeof kafkaPlace> {
  const made = kafkaPlace(cluster, touchedBytesMax, other)
  closing.push(made.place)
  return made
}

function plain(): ReturnType<typeof plainRunner> {
  const runner = plainRunner(cluster)
  closing.push(runner)
  return runner
}

describe('a place of a data plane', () => {
  test.each([
    [0, end],
    [3, end - 4],
    [36, 39],
  ])('makes of offsets %i to %i what is made outside of it, and of slabs that stand within', async (start, to) => {
    const order = kafkaOrder(cluster, start, to)
    const [trail, plainTrail] = [new UnitTrail(), new UnitTrail()]
    const [ran, expected] = await Promise.all([
      opened().place.runner.run(order, trail, never),
      plain().run(order, plainTrail, never),
    ])
    expect(await readEncoded(ran.unit)).toEqual(await readEncoded(expected.unit))
    expect(ran.reading).toMatchObject({ ranges: expected.reading.ranges, isUnchecked: false, failure: undefined })
    expect(trail.recordCount).toBe(plainTrail.recordCount)
    expect(trail.isWhole(order.job)).toBe(true)
  })

  test('uses the same memory again, however its units have ended', async () => {
    const { place } = opened()
    const abort = new AbortController()
    const endAll = async (): Promise<void> => {
      await place.runner.run(kafkaOrder(cluster, 0, end), new UnitTrail(), never)
      cluster.script.push(() => 'cut')
      await place.runner.run(kafkaOrder(cluster, 0, end), new UnitTrail(), never)
      const order = { ...kafkaOrder(cluster, 0, end), unitBytesMax: 20_000 }
      expect((await place.runner.run(order, new UnitTrail(), never)).reading.isUnchecked).toBe(true)
      const onSlab = (): void => abort.abort(new Error('enough'))
      await expect(place.runner.run(order, { onSlab }, abort.signal)).rejects.toThrow('enough')
    }
    await endAll()
    const touched = place.touchedBytes
    for (let time = 0; time < 5; time++) await endAll()
    expect(place.touchedBytes).toBeLessThanOrEqual(touched + 2 ** 20)
    const gone = { code: 'source/out-of-range' }
    await expect(place.runner.run(kafkaOrder(cluster, 0, end + 9), new UnitTrail(), never)).rejects.toMatchObject(gone)
  })

  test('closed, has let go of its memory', async () => {
    const used = async (): Promise<WeakRef<ArrayBufferLike>> => {
      const { place, reading } = kafkaPlace(cluster)
      await place.runner.run(kafkaOrder(cluster, 0, end), new UnitTrail(), never)
      const memory = new WeakRef(reading.landing().take(1).buffer)
      await place.close()
      return memory
    }
    const memory = await used()
    await until(() => memory.deref() === undefined)
  })

  test('is spent once its memory has grown past the bound, and goes on with what it has begun', async () => {
    const { place } = opened(1)
    await place.runner.run(kafkaOrder(cluster, 0, 50), new UnitTrail(), never)
    expect(place.isSpent).toBe(true)
    expect(place.touchedBytes).toBeGreaterThan(1)
    await place.runner.run(kafkaOrder(cluster, 0, 50), new UnitTrail(), never)
  })

  test('is not kept for longer than 10 s with more memory than units take otherwise', async () => {
    let nowMs = 0
    const clock = { ...systemClock, monotonicMs: () => nowMs }
    const { place } = opened(undefined, { clock, keptBytesMax: 1 })
    await place.runner.run(kafkaOrder(cluster, 0, 50), new UnitTrail(), never)
    nowMs = 9_999
    expect(place.isSpent).toBe(false)
    nowMs = 10_000
    expect(place.isSpent).toBe(true)
    await place.runner.run(kafkaOrder(cluster, 0, 50), new UnitTrail(), never)
  })
})

describe('a plane that traps', () => {
  test('while a unit is read: it has crashed, at once; the place is spent', async () => {
    const opening = opened()
    const order = kafkaOrder(cluster, 0, end)
    await expect(opening.place.runner.run(order, { onSlab: () => trap(opening) }, never)).rejects.toMatchObject(crashed)
    expect(opening.place.isSpent).toBe(true)
    await expect(opening.place.runner.run(order, new UnitTrail(), never)).rejects.toMatchObject(died)
  })

  test('over one unit: another that waits for its broker ends then, not when the broker answers, and is not to blame', async () => {
    const opening = opened()
    const { place } = opening
    cluster.script.push(() => 'silence')
    const before = cluster.fetches.length
    const silent = kafkaOrder(cluster, 0, 50)
    const waiting = expect(place.runner.run(silent, new UnitTrail(), never)).rejects.toMatchObject(died)
    await until(() => cluster.fetches.length > before)
    const trapping = kafkaOrder(cluster, 0, end)
    await expect(place.runner.run(trapping, { onSlab: () => trap(opening) }, never)).rejects.toMatchObject(crashed)
    await waiting
  })
})
