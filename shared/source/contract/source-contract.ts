import { isSiltError, type ReadRequest, type RecordSlab, type Source } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** One source with a fresh topic of at least two partitions, and what the suite may do to it. */
export interface SourceSubject {
  readonly source: Source
  readonly topic: string
  /** Appends values in order and resolves when they are readable. */
  append(partition: number, values: readonly string[]): Promise<void>
  /** Makes the topic anew, with `values` in partition 0, under another topic id. */
  recreate?(values: readonly string[]): Promise<void>
  /** Lets retention delete the records below `offset`. */
  deleteBelow?(partition: number, offset: number): Promise<void>
  close(): Promise<void>
}

export interface ReadRecord {
  readonly offset: number
  /** Null is a tombstone or a value that was not held. */
  readonly value: string | null
}

const cutAtMs = 1_700_000_000_000
const never = new AbortController().signal

/** Reads a range to its end, checking the slabs' invariants on the way. */
export async function readAll(source: Source, request: ReadRequest, signal = never): Promise<readonly ReadRecord[]> {
  const records: ReadRecord[] = []
  let position = request.start
  for await (const slab of source.read(request, signal)) {
    expect(slab.partition).toBe(request.partition)
    expect(slab.start).toBe(position)
    expect(slab.nextOffset).toBeGreaterThan(slab.start)
    expect(slab.sizeBytes).toBeLessThanOrEqual(slab.bytes.byteLength)
    for (let index = 0; index < slab.count; index++)
      expect(slab.sizeBytes).toBeGreaterThanOrEqual((slab.valueEnds[index] ?? 0) - (slab.valueStarts[index] ?? 0))
    for (let index = 0; index < slab.count; index++) records.push(recordAt(slab, index))
    position = slab.nextOffset
  }
  if (request.endExclusive > request.start) expect(position).toBe(request.endExclusive)
  const offsets = records.map(({ offset }) => offset)
  expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
  for (const offset of offsets) expect(offset >= request.start && offset < request.endExclusive).toBe(true)
  return records
}

function recordAt(slab: RecordSlab, index: number): ReadRecord {
  const start = slab.valueStarts[index] ?? -1
  const end = slab.valueEnds[index] ?? -1
  const offset = slab.offsets[index]
  if (offset === undefined) throw new Error('the slab has fewer offsets than records')
  expect(offset >= slab.start && offset < slab.nextOffset).toBe(true)
  expect(Number.isFinite(slab.timestampsMs[index])).toBe(true)
  return { offset, value: start < 0 ? null : new TextDecoder().decode(slab.bytes.subarray(start, end)) }
}

/** The behaviour every Source has. */
export function sourceContract(name: string, make: () => Promise<SourceSubject>): void {
  describe(`source contract: ${name}`, () => {
    let subject: SourceSubject
    beforeEach(async () => {
      subject = await make()
    })
    afterEach(() => subject.close())

    const topicId = async (partition: number): Promise<string | null> => {
      const found = (await subject.source.partitions(subject.topic))?.find((each) => each.partition === partition)
      if (found === undefined) throw new Error(`no partition ${partition}`)
      return found.topicId
    }
    const end = async (partition: number): Promise<number> => {
      const [found] = await subject.source.ends(subject.topic, [partition])
      return found?.readableEnd ?? -1
    }
    const request = async (partition: number, start: number, endExclusive: number): Promise<ReadRequest> => ({
      topic: subject.topic,
      topicId: await topicId(partition),
      partition,
      start,
      endExclusive,
      cutAtMs,
    })
    const codeOf = async (run: Promise<unknown>): Promise<string> =>
      run.then(
        () => 'no error',
        (error: unknown) => (isSiltError(error) ? error.code : String(error)),
      )
    const values = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, index) => JSON.stringify({ n: from + index, text: 'ä'.repeat(index % 7) }))

    it('lists partitions ascending with their topic ids', async () => {
      await subject.append(1, ['"b"'])
      await subject.append(0, ['"a"'])
      const found = await subject.source.partitions(subject.topic)
      expect(found?.slice(0, 2).map(({ partition }) => partition)).toEqual([0, 1])
      for (const { topicId } of found?.slice(0, 2) ?? []) expect(topicId).toMatch(/^[\w-]+$/)
      expect(await subject.source.partitions(subject.topic)).toEqual(found)
    })

    it('knows no partitions of a topic that does not exist, and reads nothing of it', async () => {
      const topic = `${subject.topic}-absent`
      expect(await subject.source.partitions(topic)).toBeUndefined()
      expect(await codeOf(subject.source.ends(topic, [0]))).toBe('source/topic-missing')
      const absent = { topic, topicId: null, partition: 0, start: 0, endExclusive: 1, cutAtMs }
      expect(await codeOf(readAll(subject.source, absent))).toBe('source/topic-missing')
    })

    it('covers a range with its records in order', async () => {
      const written = values(0, 50)
      await subject.append(0, written)
      const records = await readAll(subject.source, await request(0, 0, await end(0)))
      expect(records.map(({ value }) => value)).toEqual(written)
    })

    it('hands each record to one part of a range, wherever it is split', async () => {
      const written = values(0, 12)
      await subject.append(0, written)
      const endExclusive = await end(0)
      const step = Math.max(1, Math.floor(endExclusive / 40))
      for (let middle = 0; middle <= endExclusive; middle += step) {
        const before = await readAll(subject.source, await request(0, 0, middle))
        const after = await readAll(subject.source, await request(0, middle, endExclusive))
        expect([...before, ...after].map(({ value }) => value)).toEqual(written)
      }
    })

    it('reads only what is new in a log that grows', async () => {
      await subject.append(0, values(0, 5))
      const seen = await end(0)
      const more = values(5, 5)
      await subject.append(0, more)
      const records = await readAll(subject.source, await request(0, seen, await end(0)))
      expect(records.map(({ value }) => value)).toEqual(more)
    })

    it('keeps partitions apart', async () => {
      await subject.append(0, ['"zero"'])
      await subject.append(1, ['"one"', '"uno"'])
      expect(await readAll(subject.source, await request(1, 0, await end(1)))).toHaveLength(2)
      expect(await readAll(subject.source, await request(0, 0, await end(0)))).toHaveLength(1)
    })

    it('tells an empty value from a missing one', async () => {
      await subject.append(0, ['1', '', '3'])
      const records = await readAll(subject.source, await request(0, 0, await end(0)))
      expect(records.map(({ value }) => value)).toEqual(['1', '', '3'])
    })

    it('yields nothing for an empty range', async () => {
      await subject.append(0, values(0, 3))
      expect(await readAll(subject.source, await request(0, 1, 1))).toEqual([])
    })

    it('refuses a range beyond the readable end before handing out a record', async () => {
      await subject.append(0, values(0, 3))
      const iterator = subject.source.read(await request(0, 0, (await end(0)) + 1), never)[Symbol.asyncIterator]()
      expect(await codeOf(iterator.next())).toBe('source/out-of-range')
    })

    it('reads nothing once its signal has aborted', async () => {
      await subject.append(0, values(0, 3))
      const aborted = AbortSignal.abort(new Error('stop'))
      const whole = await request(0, 0, await end(0))
      expect(await codeOf(readAll(subject.source, whole, aborted))).toBe('Error: stop')
    })

    it('ends with the reason when its signal aborts between slabs, not as if the range were covered', async () => {
      await subject.append(0, values(0, 3))
      const controller = new AbortController()
      const iterator = subject.source.read(await request(0, 0, await end(0)), controller.signal)[Symbol.asyncIterator]()
      await iterator.next()
      controller.abort(new Error('stop'))
      expect(await codeOf(iterator.next())).toBe('Error: stop')
    })

    it('serves many readers at once', async () => {
      const written = values(0, 200)
      await subject.append(0, written)
      const whole = await request(0, 0, await end(0))
      const all = await Promise.all(Array.from({ length: 8 }, () => readAll(subject.source, whole)))
      for (const records of all) expect(records.map(({ value }) => value)).toEqual(written)
    })

    it('can be read again by a consumer that stopped early', async () => {
      await subject.append(0, values(0, 20))
      const whole = await request(0, 0, await end(0))
      for await (const slab of subject.source.read(whole, never)) {
        expect(slab.start).toBe(0)
        break
      }
      expect(await readAll(subject.source, whole)).toHaveLength(20)
    })

    it('answers a time before all records with the log start', async () => {
      await subject.append(0, values(0, 3))
      expect((await subject.source.offsetAtTime(subject.topic, [0], 0)).get(0)).toBe(0)
    })

    it('answers a time after all records with the readable end, where records have a time', async () => {
      await subject.append(0, values(0, 3))
      const found = await subject.source.offsetAtTime(subject.topic, [0], 32_503_680_000_000)
      expect(found.get(0)).toBe(subject.source.kind === 'files' ? 0 : await end(0))
    })

    it('refuses a range of another topic id', async () => {
      await subject.append(0, ['"old"'])
      const old = await request(0, 0, await end(0))
      if (subject.recreate === undefined) {
        expect(await codeOf(readAll(subject.source, { ...old, topicId: 'another' }))).toBe('source/topic-changed')
        return
      }
      await subject.recreate(['"new and not shorter than the old one"'])
      expect(await codeOf(readAll(subject.source, old))).toBe('source/topic-changed')
      expect(await topicId(0)).not.toBe(old.topicId)
      expect(await readAll(subject.source, await request(0, 0, await end(0)))).toHaveLength(1)
    })

    it('keeps what retention left and refuses what it took, where there is retention', async () => {
      await subject.append(0, values(0, 10))
      const endExclusive = await end(0)
      if (subject.deleteBelow === undefined) {
        expect((await subject.source.ends(subject.topic, [0]))[0]?.logStart).toBe(0)
        return
      }
      await subject.deleteBelow(0, 4)
      expect((await subject.source.ends(subject.topic, [0]))[0]).toEqual({
        partition: 0,
        logStart: 4,
        readableEnd: endExclusive,
      })
      expect(await codeOf(readAll(subject.source, await request(0, 3, endExclusive)))).toBe('source/out-of-range')
      expect(await readAll(subject.source, await request(0, 4, endExclusive))).toHaveLength(6)
    })
  })
}
