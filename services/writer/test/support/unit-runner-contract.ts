import { jobVersion, type WriteJob } from '@silt/contracts'
import { asSiltError, SiltError } from '@silt/core'
import { afterEach, describe, expect, test } from 'vitest'
import type { UnitOrder, UnitRunner } from '../../src/unit-runner.ts'
import { UnitTrail } from '../../src/unit-trail.ts'
import { deadly } from './deadly-encoder.ts'
import { scriptedTopic, scriptedTopicId, type TopicScript } from './scripted-source.ts'
import { encodeSpec } from './slabs.ts'

export interface RunnerSubject {
  readonly runner: UnitRunner
  close(): Promise<void>
}

const never = new AbortController().signal

/** The behaviour every UnitRunner has; `make` gives one whose source reads the script and whose decoders die over what is `deadly`. */
export function unitRunnerContract(name: string, make: (script: TopicScript) => RunnerSubject): void {
  describe(`unit runner contract: ${name}`, () => {
    const subjects: RunnerSubject[] = []
    afterEach(async () => {
      await Promise.all(subjects.splice(0).map((each) => each.close()))
    })

    const runnerOf = (script: TopicScript): UnitRunner => {
      const subject = make(script)
      subjects.push(subject)
      return subject.runner
    }

    test('reads ranges to their ends, and tells of each slab', async () => {
      const runner = runnerOf({ values: [clicks(25), clicks(8)] })
      const trail = new UnitTrail()
      const order = orderOf([0, 3, 25], [1, 0, 8])
      const { unit, reading, readMs, encodeMs } = await runner.run(order, trail, never)
      expect(unit.counts).toMatchObject([
        { partition: 0, start: 3, endExclusive: 25, rows: 22, gaps: 0 },
        { partition: 1, start: 0, endExclusive: 8, rows: 8, gaps: 0 },
      ])
      expect(unit.files.map(({ rowCount }) => rowCount)).toEqual([30])
      expect(reading).toMatchObject({
        ranges: [
          { partition: 0, start: 3, endExclusive: 25 },
          { partition: 1, start: 0, endExclusive: 8 },
        ],
        bytes: 30 * clicks(1)[0]!.length,
        isUnchecked: false,
        failure: undefined,
      })
      expect(trail.recordCount).toBe(30)
      expect(trail.isWhole(order.job)).toBe(true)
      expect(Math.min(readMs, encodeMs)).toBeGreaterThanOrEqual(0)
    })

    test('ends a unit short at the bytes it may have', async () => {
      const runner = runnerOf({ values: [clicks(40), clicks(5)] })
      const order = { ...orderOf([0, 0, 40], [1, 0, 5]), unitBytesMax: 25 * clicks(1)[0]!.length }
      const { unit, reading } = await runner.run(order, new UnitTrail(), never)
      expect(reading).toMatchObject({ ranges: [{ partition: 0, start: 0, endExclusive: 20 }], isUnchecked: true })
      expect(unit.counts).toMatchObject([{ endExclusive: 20, rows: 20 }])
    })

    test('ends a range where its source goes away, and takes the others', async () => {
      const runner = runnerOf({ values: [clicks(30), clicks(5)], awayAt: [0, 12] })
      const { unit, reading } = await runner.run(orderOf([0, 0, 30], [1, 0, 5]), new UnitTrail(), never)
      expect(unit.counts).toMatchObject([
        { partition: 0, endExclusive: 10, rows: 10 },
        { partition: 1, endExclusive: 5, rows: 5 },
      ])
      expect(reading.isUnchecked).toBe(true)
      expect(asSiltError(reading.failure)).toMatchObject({ kind: 'unavailable', code: 'source/unavailable' })
    })

    test('fails as the source does where nothing could be read', async () => {
      const runner = runnerOf({ values: [clicks(30)], awayAt: [0, 2] })
      const away = { kind: 'unavailable', code: 'source/unavailable' }
      await expect(runner.run(orderOf([0, 0, 30]), new UnitTrail(), never)).rejects.toMatchObject(away)
      const beyond = { kind: 'data', code: 'source/out-of-range' }
      await expect(runner.run(orderOf([0, 20, 40]), new UnitTrail(), never)).rejects.toMatchObject(beyond)
    })

    test.each([
      ['any', new Error('enough')],
      ['one after which it may be tried again, as when the source is away', new SiltError('unavailable', 'a/b', 'c')],
    ])('aborted, ends with the reason given, %s, and goes on with other units', async (_, reason) => {
      const runner = runnerOf({ values: [clicks(30), clicks(5)], stuckAt: [0, 12] })
      const abort = new AbortController()
      const ended = expect(runner.run(orderOf([0, 0, 30]), new UnitTrail(), abort.signal)).rejects.toBe(reason)
      setImmediate(() => abort.abort(reason))
      await ended
      await expect(runner.run(orderOf([0, 0, 5]), new UnitTrail(), AbortSignal.abort(reason))).rejects.toBe(reason)
      expect((await runner.run(orderOf([1, 0, 5]), new UnitTrail(), never)).unit.counts).toMatchObject([{ rows: 5 }])
    })

    test.each(Object.entries(deadly))('whose decoder dies in %s says over what, and lives', async (_, value) => {
      const runner = runnerOf({ values: [[...clicks(13), value, ...clicks(3)], clicks(5)] })
      const trail = new UnitTrail()
      const order = orderOf([0, 0, 17])
      const crashed = { kind: 'data', code: 'encoder/crashed' }
      await expect(runner.run(order, trail, never)).rejects.toMatchObject(crashed)
      expect(trail.deadlyRanges(order.job)).toEqual([{ partition: 0, start: 0, endExclusive: 17, middle: 10 }])
      expect((await runner.run(orderOf([1, 0, 5]), new UnitTrail(), never)).unit.counts).toMatchObject([{ rows: 5 }])
    })

    test('condemns every record of an order that says so', async () => {
      const runner = runnerOf({ values: [[...clicks(2), deadly.push]] })
      const trail = new UnitTrail()
      const { unit } = await runner.run({ ...orderOf([0, 0, 3]), condemn: 'why' }, trail, never)
      expect(unit.counts).toMatchObject([{ read: 3, rows: 0, deadLetters: 3 }])
      expect(trail.recordCount).toBe(3)
    })

    test('keeps several at once apart', async () => {
      const runner = runnerOf({ values: [clicks(35), clicks(25), clicks(15)] })
      const runs = [35, 25, 15].map((end, partition) =>
        runner.run(orderOf([partition, 0, end]), new UnitTrail(), never),
      )
      const counts = (await Promise.all(runs)).map(({ unit }) => unit.counts)
      expect(counts).toMatchObject([[{ rows: 35 }], [{ rows: 25 }], [{ rows: 15 }]])
    })
  })
}

export function clicks(count: number): string[] {
  return Array.from({ length: count }, (_, k) => JSON.stringify({ event_type: 'click', user_id: `u${k % 10}` }))
}

export type Range = readonly [partition: number, start: number, endExclusive: number]

export function orderOf(...ranges: readonly Range[]): UnitOrder {
  const job: WriteJob = {
    v: jobVersion,
    ...{ unitId: '0123456789abcdef', tableId: 'table', cutAtMs: 1_700_000_000_000, full: false },
    ...{ topic: scriptedTopic, topicId: scriptedTopicId },
    ranges: ranges.map(([partition, start, endExclusive]) => ({ partition, start, endExclusive, restart: 0 })),
  }
  const spec = { ...encodeSpec, topic: scriptedTopic, topicId: scriptedTopicId }
  return { job, spec, unitBytesMax: 1 << 20 }
}
