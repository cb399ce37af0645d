import { SiltError, type Source, type UnitEncoder } from '@silt/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InlineEncoder } from '../src/encode/inline-encoder.ts'
import { Bench, topic, until } from './support/bench.ts'

let bench: Bench
let stop: () => Promise<void>

beforeEach(async () => {
  bench = new Bench()
  await bench.createTable()
  bench.append(0, 10)
})

afterEach(async () => {
  await stop()
})

/** Gives all slabs; the topic is another one once `when` comes. */
function replaced(when: 'before its own check' | 'before the check, which it cannot make'): Source {
  const { source } = bench
  async function* read(...request: Parameters<Source['read']>): ReturnType<Source['read']> {
    for await (const slab of source.read(...request)) {
      if (when === 'before its own check') source.createTopic(topic, 2, 'another-id')
      yield slab
    }
    source.createTopic(topic, 2, 'another-id')
    throw new SiltError('unavailable', 'source/unavailable', 'away')
  }
  return {
    kind: source.kind,
    offsetUnit: source.offsetUnit,
    partitions: (name) => source.partitions(name),
    ends: (name, partitions) => source.ends(name, partitions),
    offsetAtTime: (name, partitions, timeMs) => source.offsetAtTime(name, partitions, timeMs),
    read,
    close: () => source.close(),
  }
}

/** Says that the unit is full with its last slab. */
const fullAtOnce: UnitEncoder = {
  open: async (spec) => {
    const session = await new InlineEncoder().open(spec)
    return {
      push: async (slab) => {
        await session.push(slab)
        return 'full'
      },
      condemn: (slab, detail) => session.condemn(slab, detail),
      finish: (ranges) => session.finish(ranges),
      abandon: () => session.abandon(),
    }
  },
  close: () => Promise.resolve(),
}

async function expectRefused(): Promise<void> {
  stop = await bench.start()
  await bench.send(bench.job([[0, 0, 10]]))
  await until(() => bench.results.length === 1)
  expect(bench.results[0]?.result).toMatchObject({ outcome: 'refused', code: 'source/topic-changed' })
  expect(bench.commits).toEqual([])
}

describe('a topic made anew while a unit is read to its last offset (I13)', () => {
  test('is found out where the source was away when it was to check', async () => {
    bench.through = { source: replaced('before the check, which it cannot make') }
    await expectRefused()
  })

  test('is found out where the unit was full with the last slab, so that the source never came to its check', async () => {
    bench.through = { source: replaced('before its own check'), encoder: fullAtOnce }
    await expectRefused()
  })
})
