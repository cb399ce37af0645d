import { eventTableSchema } from '@silt/contracts'
import { field, struct, type EncodedUnit, type EncodeSession, type UnitEncoder } from '@silt/core'
import { PlaneEncoder } from '@silt/dataplane'
import { describe, expect, test } from 'vitest'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { RenewingEncoder } from '../../src/encode/renewing-encoder.ts'
import { readEncoded } from '../support/read-encoded.ts'
import { encodeSpec, slabOf } from '../support/slabs.ts'

const values = ['{"user_id":"a"}', '{"user_id":1}', '{', '{"new_field":true}', '{"interaction_value":2.5}']
const ranges = [{ partition: 0, start: 0, endExclusive: 5 }]

/** An encoder, and the planes it has used. */
function renewing(touchedBytesMax?: number): { encoder: RenewingEncoder; planes: PlaneEncoder[] } {
  const planes: PlaneEncoder[] = []
  const makePlane = (): PlaneEncoder => {
    const plane = new PlaneEncoder(touchedBytesMax === undefined ? {} : { touchedBytesMax })
    planes.push(plane)
    return plane
  }
  return { encoder: new RenewingEncoder({}, makePlane), planes }
}

async function finish(session: EncodeSession): Promise<EncodedUnit> {
  await session.push(slabOf(0, 0, values))
  return session.finish(ranges)
}

async function encode(encoder: UnitEncoder, spec = encodeSpec): Promise<EncodedUnit> {
  return finish(await encoder.open(spec))
}

describe('RenewingEncoder', () => {
  test('keeps a plane while its memory is within bounds', async () => {
    const { encoder, planes } = renewing()
    for (let unit = 0; unit < 5; unit++) expect((await encode(encoder)).counts[0]?.rows).toBe(4)
    expect(planes).toHaveLength(1)
  })

  test('begins the next unit with another plane once that memory has grown; units begun go on in theirs', async () => {
    const { encoder, planes } = renewing(0)
    const begun = await encoder.open(encodeSpec)
    expect(planes).toHaveLength(1)
    for (let unit = 0; unit < 2; unit++) expect((await encode(encoder)).counts[0]?.rows).toBe(4)
    expect(planes.map(({ sessionCount }) => sessionCount)).toEqual([1, 0, 0])
    expect((await finish(begun)).counts[0]?.rows).toBe(4)
    expect(planes[0]?.sessionCount).toBe(0)
  })

  test('a plane that trapped over one unit is not given the next, whoever still uses it', async () => {
    const { encoder, planes } = renewing()
    const [victim, bystander] = [await encoder.open(encodeSpec), await encoder.open(encodeSpec)]
    const { exports } = planes[0]!.engine
    expect(() => {
      for (;;) exports.alloc(1 << 24)
    }).toThrow()
    const large = Array.from({ length: 2000 }, (_, k) => `{"user_id":"${'x'.repeat(15_000)}${k}"}`)
    await expect(victim.push(slabOf(0, 0, large))).rejects.toMatchObject({ kind: 'data', code: 'encoder/crashed' })
    expect((await encode(encoder)).counts[0]?.rows).toBe(4)
    expect(planes).toHaveLength(2)
    await expect(finish(bystander)).rejects.toMatchObject({ kind: 'unavailable', code: 'encoder/died' })
  })

  test('a table with more columns than a plane has room for is encoded without it', async () => {
    const { encoder, planes } = renewing()
    const added = Array.from({ length: 3000 }, (_, k) => field(`c${k}`, 'long'))
    const wide = { ...encodeSpec, schema: struct([...eventTableSchema.fields, ...added]), columnsMax: 10_000 }
    const session = await encoder.open(wide)
    expect(planes[0]?.sessionCount).toBe(0)
    const unit = await finish(session)
    expect(await readEncoded(unit)).toEqual(await readEncoded(await encode(new InlineEncoder(), wide)))
    expect(unit.counts).toMatchObject([{ rows: 4, deadLetters: 1 }])
    expect(planes).toHaveLength(1)
  })

  test('closed, opens nothing', async () => {
    const { encoder } = renewing()
    await encoder.close()
    await expect(encoder.open(encodeSpec)).rejects.toMatchObject({ code: 'encoder/died' })
  })
})
