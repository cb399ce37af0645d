import { describe, expect, test } from 'vitest'
import type { RanUnit } from '../../src/unit-runner.ts'
import { serveUnits, type UnitPlace } from '../../src/unit-threads/serve-units.ts'
import type { UnitReply } from '../../src/unit-threads/unit-messages.ts'
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
  readonly runner = { run: () => new Promise<RanUnit>((resolve) => this.ends.push(resolve)) }

  close(): Promise<void> {
    this.closes++
    return Promise.reject(new Error('nobody minds'))
  }
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('serving units', () => {
  test('a place that is spent gets no further unit, and is closed once after its last', async () => {
    const places: HeldPlace[] = []
    const replies: UnitReply[] = []
    const makePlace = (): HeldPlace => places[places.push(new HeldPlace()) - 1]!
    const serve = serveUnits(makePlace, (reply) => replies.push(reply))
    const begin = (run: number): void => serve({ kind: 'run', run, order: orderOf([0, 0, 1]) })
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
    const answers = replies.filter(({ kind }) => kind !== 'begun')
    expect(answers.map((reply) => [reply.kind, 'run' in reply ? reply.run : undefined])).toEqual([
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
    serve({ kind: 'run', run: 0, order: orderOf([0, 0, 1]) })
    places[0]!.isSpent = true
    places[0]!.ends[0]!(ran)
    await turns()
    expect(places.map(({ closes }) => closes)).toEqual([1])
    serve({ kind: 'run', run: 1, order: orderOf([0, 0, 1]) })
    expect(places.map(({ closes }) => closes)).toEqual([1, 0])
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
    serve({ kind: 'run', run: 0, order: orderOf([0, 0, 1]) })
    const [first, second] = [security(), security()]
    expect(asked).toEqual([0, 1])
    const error = { kind: 'invalid', code: 'source/denied', message: 'no token', context: {} } as const
    serve({ kind: 'security', ask: 1, answer: { error } })
    serve({ kind: 'security', ask: 0, answer: { value: { sasl: 'a' } } })
    await expect(first).resolves.toEqual({ sasl: 'a' })
    await expect(second).rejects.toMatchObject(error)
  })

  test('without a place the unit has only died: it is not at fault', async () => {
    const replies: UnitReply[] = []
    const serve = serveUnits(
      () => {
        throw new Error('no memory')
      },
      (reply) => replies.push(reply),
    )
    serve({ kind: 'run', run: 7, order: orderOf([0, 0, 1]) })
    await turns()
    const message: unknown = expect.stringContaining('no memory')
    expect(replies).toMatchObject([
      { kind: 'begun', run: 7 },
      {
        kind: 'failed',
        run: 7,
        error: { kind: 'unavailable', code: 'encoder/died', message },
      },
    ])
  })
})
