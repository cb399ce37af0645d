import { jobVersion, type WriteJob } from '@silt/contracts'
import { SiltError, type ReadRequest, type RecordSlab } from '@silt/core'
import { describe, expect, test } from 'vitest'
import { RangesAhead } from '../src/ranges-ahead.ts'

/** A source whose reads answer when told, and that knows which are open. */
class HeldSource {
  readonly begun: number[] = []
  readonly ended: number[] = []
  readonly answers = new Map<number, () => void>()
  readonly failures = new Map<number, SiltError>()

  async *read({ partition, endExclusive }: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    this.begun.push(partition)
    try {
      await new Promise<void>((resolve) => {
        this.answers.set(partition, resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      signal.throwIfAborted()
      const failure = this.failures.get(partition)
      if (failure !== undefined) throw failure
      yield { nextOffset: endExclusive } as RecordSlab
    } finally {
      this.ended.push(partition)
    }
  }
}

function jobOf(partitions: number, full: boolean): WriteJob {
  const ranges = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    start: 0,
    endExclusive: 10 + partition,
    restart: 0,
  }))
  const ids = { unitId: '0123456789abcdef', tableId: 'table', topic: 'events', topicId: 'id' }
  return { v: jobVersion, ...ids, ranges, cutAtMs: 0, full }
}

function openRanges(job: WriteJob): { source: HeldSource; ranges: RangesAhead; abort: AbortController } {
  const source = new HeldSource()
  const abort = new AbortController()
  return { source, ranges: new RangesAhead(source, job, abort.signal), abort }
}

describe('ranges of a unit', () => {
  test('of a small one are begun up to three ahead, and come in order whatever answers first', async () => {
    const { source, ranges } = openRanges(jobOf(6, false))
    const first = ranges.next(0)
    expect(source.begun).toEqual([0, 1, 2, 3])
    for (const partition of [3, 1, 0]) source.answers.get(partition)?.()
    expect((await first)?.nextOffset).toBe(10)
    expect(await ranges.next(0)).toBeUndefined()
    expect((await ranges.next(1))?.nextOffset).toBe(11)
    expect(source.begun).toEqual([0, 1, 2, 3, 4])
    await ranges.close()
  })

  test('of a full one are read one after another: its slabs are large', async () => {
    const { source, ranges } = openRanges(jobOf(3, true))
    const first = ranges.next(0)
    expect(source.begun).toEqual([0])
    source.answers.get(0)?.()
    await first
    await ranges.close()
    expect(source.begun).toEqual([0])
  })

  test('that fail ahead of their turn tell it in their turn, and not if nobody asks', async () => {
    const { source, ranges } = openRanges(jobOf(3, false))
    source.failures.set(1, new SiltError('unavailable', 'source/unavailable', 'away'))
    source.failures.set(2, new SiltError('unavailable', 'source/unavailable', 'away'))
    const first = ranges.next(0)
    for (const partition of [2, 1, 0]) source.answers.get(partition)?.()
    expect((await first)?.nextOffset).toBe(10)
    await expect(ranges.next(1)).rejects.toMatchObject({ code: 'source/unavailable' })
    await ranges.close()
  })

  test('begun and not wanted any more are ended by closing', async () => {
    const { source, ranges } = openRanges(jobOf(4, false))
    const first = ranges.next(0)
    source.answers.get(0)?.()
    await first
    await ranges.close()
    expect(source.ended.toSorted()).toEqual([0, 1, 2, 3])
  })
})
