import type { FileMemory } from '@silt/dataplane'
import { describe, expect, test } from 'vitest'
import type { RanUnit, UnitRunner } from '../../src/unit-runner.ts'
import type { SlabMark } from '../../src/unit-trail.ts'
import { serveUnits, type UnitPlace } from '../../src/unit-threads/serve-units.ts'
import { SharedTrail } from '../../src/unit-threads/shared-trail.ts'
import type { UnitReply, UnitRequest } from '../../src/unit-threads/unit-messages.ts'
import { orderOf } from '../support/unit-runner-contract.ts'

const ran: RanUnit = {
  unit: { schema: { type: 'struct', fields: [] }, files: [], deadLetterFiles: [], counts: [] },
  reading: { ranges: [], bytes: 0, isUnchecked: false, failure: undefined },
  readMs: 1,
  encodeMs: 1,
}

/** A place whose units end when told. */
class HeldPlace implements UnitPlace {
  isSpent = false
  touchedBytes = 7
  closes = 0
  readonly ends: ((ran: RanUnit) => void)[] = []
  readonly runner: UnitRunner = { run: () => new Promise<RanUnit>((resolve) => this.ends.push(resolve)) }

  close(): Promise<void> {
    this.closes++
    return Promise.reject(new Error('nobody minds'))
  }
}

function runRequest(run: number, trail = new SharedTrail()): UnitRequest {
  return { kind: 'run', run, order: orderOf([0, 0, 1]), trail: trail.memory }
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('serving units', () => {
  test('a place that is spent gets no further unit, and is closed once after its last', async () => {
    const places: HeldPlace[] = []
    const replies: UnitReply[] = []
    const makePlace = (): HeldPlace => places[places.push(new HeldPlace()) - 1]!
    const serve = serveUnits(makePlace, (reply) => replies.push(reply))
    const begin = (run: number): void => serve(runRequest(run))
    expect(places).toHaveLength(0)
    begin(0)
    begin(1)
    expect(places.map(({ ends }) => ends.length)).toEqual([2])
    places[0]!.isSpent = true
    begin(2)
    expect(places.map(({ ends }) => ends.length)).toEqual([2, 1])
    places[0]!.ends[0]!(ran)
    await turns()
    expect(places.map(({ closes }) => closes)).toEqual([0, 0])
    places[0]!.ends[1]!(ran)
    await turns()
    expect(places.map(({ closes }) => closes)).toEqual([1, 0])
    places[1]!.ends[0]!(ran)
    await turns()
    places[1]!.isSpent = true
    expect(places.map(({ closes }) => closes)).toEqual([1, 0])
    begin(3)
    expect(places.map(({ closes }) => closes)).toEqual([1, 1, 0])
    expect(replies.map((reply) => [reply.kind, 'run' in reply ? reply.run : undefined])).toEqual([
      ['touched', undefined],
      ['finished', 0],
      ['touched', undefined],
      ['renewed', undefined],
      ['finished', 1],
      ['touched', undefined],
      ['finished', 2],
      ['renewed', undefined],
    ])
  })

  test('a place that is spent as its last unit ends is closed then, not when the next one comes', async () => {
    const places: HeldPlace[] = []
    const serve = serveUnits(
      () => places[places.push(new HeldPlace()) - 1]!,
      () => undefined,
    )
    serve(runRequest(0))
    places[0]!.isSpent = true
    places[0]!.ends[0]!(ran)
    await turns()
    expect(places.map(({ closes }) => closes)).toEqual([1])
    serve(runRequest(1))
    expect(places.map(({ closes }) => closes)).toEqual([1, 0])
  })

  test('the memory of files comes back to where places take theirs', () => {
    let memory: FileMemory | undefined
    const serve = serveUnits(
      (_, fileMemory) => {
        memory = fileMemory
        return new HeldPlace()
      },
      () => undefined,
    )
    serve(runRequest(0))
    const [first, second] = [new ArrayBuffer(1 << 20), new ArrayBuffer(1 << 20)]
    serve({ kind: 'file-memory', buffers: [first, second] })
    expect([memory?.take(1e6).buffer, memory?.take(1e6).buffer]).toEqual([first, second])
  })

  test('what secures a connection is asked each time; answers find their question, errors are thrown there', async () => {
    const asked: number[] = []
    let security: () => Promise<unknown> = () => Promise.reject(new Error('no place was made'))
    const serve = serveUnits(
      (ask) => {
        security = ask
        return new HeldPlace()
      },
      (reply) => void (reply.kind === 'security?' && asked.push(reply.ask)),
    )
    serve(runRequest(0))
    const [first, second] = [security(), security()]
    expect(asked).toEqual([0, 1])
    const error = { kind: 'invalid', code: 'source/denied', message: 'no token', context: {} } as const
    serve({ kind: 'security', ask: 1, answer: { error } })
    serve({ kind: 'security', ask: 0, answer: { value: { sasl: 'a' } } })
    await expect(first).resolves.toEqual({ sasl: 'a' })
    await expect(second).rejects.toMatchObject(error)
  })

  test('marks of slabs are in the trail; of the first, and of those it has no room for, there are messages', async () => {
    const mark = (start: number): SlabMark => ({
      ...{ partition: 3, start, nextOffset: start + 9, count: 0, firstOffset: undefined, middleOffset: undefined },
    })
    const replies: UnitReply[] = []
    const runner: UnitRunner = {
      run: async (_, hear) => {
        for (let start = 0; start < 1002; start++) hear.onSlab(mark(start))
        return ran
      },
    }
    const place = Object.assign(new HeldPlace(), { runner })
    const serve = serveUnits(
      () => place,
      (reply) => replies.push(reply),
    )
    const [first, second] = [new SharedTrail(), new SharedTrail()]
    expect(first.stamp).toBe(0)
    serve(runRequest(0, first))
    serve(runRequest(1, second))
    await turns()
    expect(replies.filter((reply) => 'run' in reply && reply.run === 0)).toMatchObject([
      { kind: 'slab', run: 0 },
      { kind: 'slab', run: 0, mark: mark(1000) },
      { kind: 'slab', run: 0, mark: mark(1001) },
      { kind: 'finished' },
    ])
    expect(first.count).toBe(1000)
    expect(first.markAt(0)).toEqual(mark(0))
    expect(first.markAt(999)).toEqual(mark(999))
    const whole = { partition: 1, start: 2 ** 40, nextOffset: 2 ** 40 + 3, count: 2, firstOffset: 0, middleOffset: 5 }
    const other = new SharedTrail()
    other.add(whole)
    expect(new SharedTrail(other.memory).markAt(0)).toEqual(whole)
    // What a thread does in some weeks of a busy topic.
    other.stamp = 2 ** 33
    expect([new SharedTrail(other.memory).stamp, other.count]).toEqual([2 ** 33, 1])
    expect(second.stamp).toBeGreaterThan(first.stamp)
    expect(first.stamp).toBeGreaterThan(1000)
  })

  test('without a place the unit has only died: it is not at fault', async () => {
    const replies: UnitReply[] = []
    const serve = serveUnits(
      () => {
        throw new Error('no memory')
      },
      (reply) => replies.push(reply),
    )
    serve(runRequest(7))
    await turns()
    const message: unknown = expect.stringContaining('no memory')
    expect(replies).toMatchObject([
      {
        kind: 'failed',
        run: 7,
        error: { kind: 'unavailable', code: 'encoder/died', message },
      },
    ])
  })
})
