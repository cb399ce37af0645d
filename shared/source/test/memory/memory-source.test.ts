import { describe, expect, it } from 'vitest'
import { ManualClock } from '@silt/core/testing'
import { isSiltError } from '@silt/core'
import { readAll, sourceContract } from '../../contract/source-contract.ts'
import { MemorySource } from '../../src/index.ts'

const clock = new ManualClock()
const never = new AbortController().signal

sourceContract('memory', () => {
  const source = new MemorySource({ clock, slabRecordsMax: 7 })
  source.createTopic('events', 2, 'first-id')
  return Promise.resolve({
    source,
    topic: 'events',
    append: (partition, values) =>
      Promise.resolve(
        source.append(
          'events',
          partition,
          values.map((value) => ({ value })),
        ),
      ),
    recreate: (values) => {
      source.createTopic('events', 2, 'second-id')
      return Promise.resolve(
        source.append(
          'events',
          0,
          values.map((value) => ({ value })),
        ),
      )
    },
    deleteBelow: (partition, offset) => Promise.resolve(source.log('events', partition).deleteBelow(offset)),
    close: () => source.close(),
  })
})

describe('memory source', () => {
  const make = (): MemorySource => {
    const source = new MemorySource({ clock, slabRecordsMax: 3, recordBytesMax: 10 })
    source.createTopic('events', 1, 'id')
    return source
  }
  const range = (start: number, endExclusive: number) => ({
    topic: 'events',
    topicId: 'id',
    partition: 0,
    start,
    endExclusive,
    cutAtMs: 0,
  })

  it('covers gaps at the start, within and at the end of a range', async () => {
    const source = make()
    source.log('events', 0).skip(2)
    source.append('events', 0, [{ value: 'a' }, { value: 'b' }])
    source.log('events', 0).skip(3)
    source.append('events', 0, [{ value: 'c' }, { value: 'd' }])
    source.log('events', 0).skip(1)
    source.log('events', 0).remove(new Set([3]))
    expect(await readAll(source, range(0, 10))).toEqual([
      { offset: 2, value: 'a' },
      { offset: 7, value: 'c' },
      { offset: 8, value: 'd' },
    ])
  })

  it('reads up to the last stable offset only', async () => {
    const source = make()
    source.append('events', 0, [{ value: 'a' }, { value: 'b' }])
    source.log('events', 0).holdAt(1)
    expect(await source.ends('events', [0])).toEqual([{ partition: 0, logStart: 0, readableEnd: 1 }])
    await expect(readAll(source, range(0, 2))).rejects.toMatchObject({ code: 'source/out-of-range' })
    source.log('events', 0).holdAt(undefined)
    expect(await readAll(source, range(0, 2))).toHaveLength(2)
  })

  it('shows a truncated log by an end that went back', async () => {
    const source = make()
    source.append('events', 0, [{ value: 'a' }, { value: 'b' }])
    source.log('events', 0).truncateTo(1)
    expect((await source.ends('events', [0]))[0]?.readableEnd).toBe(1)
  })

  it('lays out keys, headers, timestamps, tombstones and oversized values', async () => {
    const source = make()
    source.append('events', 0, [
      {
        value: null,
        key: 'k',
        timestampMs: 5,
        headers: [
          { key: 'h', value: null },
          { key: 'é', value: 'v' },
        ],
      },
      { value: 'longer than ten bytes' },
    ])
    const slabs = []
    for await (const slab of source.read(range(0, 2), never)) slabs.push(slab)
    const [slab] = slabs
    expect(slabs).toHaveLength(1)
    expect([...(slab?.timestampsMs ?? [])]).toEqual([5, clock.nowMs()])
    expect([...(slab?.valueStarts ?? [])]).toEqual([-1, -1])
    expect([...(slab?.keyStarts ?? [])]).toEqual([0, -1])
    expect([...(slab?.bytes.subarray(slab.headerStarts[0], slab.headerEnds[0]) ?? [])]).toEqual([
      4, 2, 0x68, 1, 4, 0xc3, 0xa9, 2, 0x76,
    ])
    expect(slab?.oversized.get(1)?.lengthBytes).toBe(21)
  })

  it('notices a topic that is made anew between two slabs', async () => {
    const source = make()
    source.append(
      'events',
      0,
      Array.from({ length: 6 }, () => ({ value: 'x' })),
    )
    const iterator = source.read(range(0, 6), never)
    await iterator.next()
    source.createTopic('events', 1, 'other')
    const code = await iterator.next().catch((error: unknown) => (isSiltError(error) ? error.code : 'other'))
    expect(code).toBe('source/topic-changed')
  })

  it('fails with source/unavailable during an outage', async () => {
    const source = make()
    source.setOutage(true)
    await expect(source.partitions('events')).rejects.toMatchObject({ code: 'source/unavailable', kind: 'unavailable' })
    source.setOutage(false)
    expect(await source.partitions('events')).toHaveLength(1)
  })

  it('finds the first offset at or after a time', async () => {
    const source = make()
    source.append('events', 0, [
      { value: 'a', timestampMs: 10 },
      { value: 'b', timestampMs: 20 },
    ])
    expect((await source.offsetAtTime('events', [0], 11)).get(0)).toBe(1)
  })
})
