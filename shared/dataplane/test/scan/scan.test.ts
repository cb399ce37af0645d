import { field, struct, type EncodeSpec, type RecordSlab } from '@silt/core'
import { createRowDecoder } from '@silt/rows'
import { eventTableSchema } from '@silt/contracts'
import { describe, expect, it } from 'vitest'
import { ScanPlan } from '../../src/scan/scan-plan.ts'
import { SlabView, fillSlab, recordOutcome } from '../../src/scan/slab-view.ts'
import { onEachBuild } from '../each-build.ts'
import { compareWithExactPath } from './differential.ts'
import { ReadLeaf, physicalOf, textsOf } from './leaf-reader.ts'
import { scanRecords } from './scan-records.ts'
import { eventSpec, kafkaMs, slabOf } from './slab.ts'

const typed: EncodeSpec = {
  ...eventSpec,
  schema: struct([
    ...eventTableSchema.fields,
    field('flag', 'boolean'),
    field('day', 'date'),
    field('big', 'long'),
    field('tiny', 'byte'),
    field('single', 'float'),
    field('price', 'decimal(9,2)'),
    field('note', 'string'),
  ]),
}

onEachBuild((engine) => {
  function outcomesOf(
    values: readonly (string | Uint8Array | null)[],
    spec = typed,
    slab: RecordSlab = slabOf(values),
  ): number[] {
    return [...scanRecords(engine, spec, slab).outcomes]
  }

  describe('what is taken', () => {
    const event = {
      timestamp: '2026-11-20T00:00:15.965Z',
      channel: 'web',
      resource_title: 'Café offer 1174 – overview',
      interaction_value: 405.712,
      interaction_text: 'with a 😀 "quoted"\nnew line',
      user_id: null,
      metadata: { seq: 0, tags: ['a', 'b'], viewport: { w: 1280, h: 720 } },
    }
    const compact = JSON.stringify(event)

    it.each([
      ['an event as JSON.stringify writes it', compact],
      ['an event in any other order', JSON.stringify(Object.fromEntries(Object.entries(event).reverse()))],
      ['an event with white space', `\r\n\t ${JSON.stringify(event, null, 2)} \n`],
      ['an empty object', '{}'],
      ['a key twice, the last of which counts', '{"channel":"first","channel":"web","platform":"x","platform":null}'],
      ['other scalars in a text column', '{"user_id":-12.5e3,"device_id":true,"session_id":"null"}'],
      ['a null under an unknown name', '{"who":null , "channel":"web"}'],
      [
        'numbers and texts that are numbers',
        '{"interaction_value":"-0.125","big":"9223372036854775807","tiny":-128,"single":0.5,"price":"-1234567.80"}',
      ],
      ['numbers as JavaScript writes them', '{"interaction_value":0.12345678901234568,"single":1.401298464324817e-45}'],
      ['the greatest of them', '{"interaction_value":-1.7976931348623157e+308}'],
      ['times as seconds, milliseconds and text', '{"timestamp":1750000000}'],
      ['times with fractions', '{"timestamp":1763600000.1234567}'],
      ['milliseconds with fractions', '{"timestamp":-1763600000123.4567}'],
      ['integers as other languages write them', '{"big":5.0,"tiny":1.2e1}'],
      ['the first instant', '{"timestamp":"1900-01-01 00:00:00"}'],
      ['the last instant', '{"timestamp":"9999-12-31t23:59:59.999999999z"}'],
      ['objects and arrays in an added text column', '{"note":[1, {"a":"\\u0041"}]}'],
      ['nothing within objects and arrays', '{"note":{"a":[],"b":{},"c":[{},[ ],1],"d":2}}'],
      ['64 levels', `{"note":${'['.repeat(64)}${']'.repeat(64)}}`],
      ['the greatest decimal', '{"price":9999999.9900}'],
      ['a date and a truth', '{"day":"2024-02-29","flag":false}'],
    ])('%s', (_, json) => {
      expect(outcomesOf([json])).toEqual([recordOutcome.row])
      expect(compareWithExactPath(engine, typed, slabOf([json])).taken).toBe(1)
    })

    it('unescaped text of up to a megabyte', () => {
      const long = JSON.stringify({ interaction_text: '"😀\n'.repeat(100_000), note: ['\t'.repeat(10)] })
      expect(compareWithExactPath(engine, typed, slabOf([long, compact, long])).taken).toBe(3)
    })
  })

  describe('what is left to the exact path', () => {
    it.each([
      ['an escaped key', '{"ch\\u0061nnel":"web"}'],
      ['an unknown field', '{"who":1}'],
      ['an object in a text column of the event', '{"channel":{}}'],
      ['a number too long for its double', '{"interaction_value":0.12345678901234567}'],
      ['a number beyond doubles', '{"interaction_value":1e400}'],
      ['text that is no number', '{"interaction_value":"NaN"}'],
      ['an unfit time', '{"timestamp":"2026-02-30T00:00:00Z"}'],
      ['a time before 1900', '{"timestamp":"1900-01-01T00:00:00+00:01"}'],
      ['a time that may be seconds or milliseconds', '{"timestamp":99999999999.99}'],
      ['an integer with a fraction', '{"big":0.5}'],
      ['ten fraction digits', '{"timestamp":"2026-11-20T00:00:00.1234567890Z"}'],
      ['a value out of bounds', '{"tiny":128}'],
      ['a value out of the bounds of 64 bits', '{"big":9223372036854775808}'],
      ['a value whose last 64 bits are within them', '{"big":1e64}'],
      ['a value below them', '{"big":-9223372036854775809}'],
      ['a decimal with too many digits', '{"price":0.001}'],
      ['a decimal with a digit too many in front', '{"price":10000000}'],
      ['65 levels', `{"note":${'['.repeat(65)}${']'.repeat(65)}}`],
      ['a name the scanner fills', '{"_offset":1}'],
      ['the name of a column behind a byte order mark', '\ufeff{"channel":"web"}'],
      ['nothing', ''],
      ['a tombstone', null],
      ['an array', '[]'],
      ['two objects', '{}{}'],
      ['an array that ends as an object', '{"note":[1}}'],
      ['an object that ends as an array', '{"note":{"a":1]}'],
      ['a member without its name', '{"note":{"a":[],1}}'],
      ['a member in an array', '{"note":[{},"a":1]}'],
      ['a comma too many within', '{"note":[1,]}'],
      ['a comma too many', '{"channel":"web",}'],
      ['a control character', '{"channel":"\u0001"}'],
      ['half an escape', '{"channel":"\\u12"}'],
      ['a zero in front', '{"interaction_value":01}'],
      ['a record cut short', '{"channel":"web"'],
      ['more than a megabyte', `{"note":"${'x'.repeat(1024 * 1024)}"}`],
    ])('%s', (_, json) => {
      expect(outcomesOf([json, '{}'])).toEqual([recordOutcome.refused, recordOutcome.row])
    })

    it.each([-1.5, 1e16, -2_208_988_800_001, 253_402_300_800_000, Number.NaN])('a record time of %d ms', (ms) => {
      expect(
        outcomesOf(
          [],
          typed,
          slabOf(['{}'], () => ms),
        ),
      ).toEqual([recordOutcome.refused])
    })

    it('leaves nothing behind of a record that turns out unfit at its end', () => {
      const values = Array.from({ length: 300 }, (_, index) =>
        index % 3 === 0
          ? `{"platform":"kept ${index}"}`
          : `{"platform":"${index}","note":"x","interaction_value":1,"who":1}`,
      )
      const { parts, columns } = scanRecords(engine, typed, slabOf(values))
      const leaves = parts.get(0)!
      expect(textsOf(leaves[columns.indexOf('platform')]!)).toEqual(
        values.flatMap((_, index) => (index % 3 === 0 ? [`kept ${index}`] : [])),
      )
      expect(textsOf(leaves[columns.indexOf('note')]!)).toEqual(Array.from({ length: 100 }, () => null))
    })

    it('is given over with its key, headers and value, as the exact path reads it', () => {
      const view = new SlabView(engine, engine.exports.newSlab(1))
      const values = ['{}', '{"who":1}', null, '{"channel":1}', 'no']
      const bytes = Buffer.from(`k1k2hd${values.join('')}`)
      const slab = {
        ...slabOf(values),
        bytes,
        keyStarts: Int32Array.of(0, 2, -1, -1, 0),
        keyEnds: Int32Array.of(2, 4, -1, -1, 0),
      }
      const shifted = (positions: Int32Array): Int32Array => positions.map((at) => (at < 0 ? at : at + 6))
      const full = {
        ...slab,
        headerStarts: Int32Array.of(-1, 4, -1, -1, -1),
        headerEnds: Int32Array.of(-1, 6, -1, -1, -1),
        valueStarts: shifted(slab.valueStarts),
        valueEnds: shifted(slab.valueEnds),
      }
      const block = fillSlab(engine, view.handle, full)
      const plan = new ScanPlan(engine, eventSpec)
      const leaves = plan.columns.map((column) => new ReadLeaf(engine, physicalOf(column.name), 0))
      plan.addPart(
        0,
        leaves.map((leaf) => leaf.handle),
        100,
      )
      expect(plan.scan(view.handle, 0, 5)).toBe(5)
      const refused = view.refused(new Map([[2, { lengthBytes: 7, sha256Hex: 'ab' }]]))
      const text = (starts: Int32Array, ends: Int32Array) =>
        [...starts].map((start, index) =>
          start < 0 ? null : Buffer.from(refused.bytes.subarray(start, ends[index])).toString(),
        )
      expect(refused.count).toBe(3)
      expect([...refused.offsets]).toEqual([1_001, 1_002, 1_004])
      expect([refused.start, refused.nextOffset, refused.partition]).toEqual([1_000, 1_005, 3])
      expect([...refused.timestampsMs]).toEqual([kafkaMs, kafkaMs, kafkaMs])
      expect(text(refused.valueStarts, refused.valueEnds)).toEqual(['{"who":1}', null, 'no'])
      expect(text(refused.keyStarts, refused.keyEnds)).toEqual(['k2', null, ''])
      expect(text(refused.headerStarts, refused.headerEnds)).toEqual(['hd', null, null])
      expect(refused.oversized).toEqual(new Map([[1, { lengthBytes: 7, sha256Hex: 'ab' }]]))
      const decoder = createRowDecoder(eventSpec)
      decoder.push(refused)
      expect(decoder.finish([{ partition: 3, start: 1_000, endExclusive: 1_005 }]).counts[0]).toMatchObject({
        rows: 1,
        deadLetters: 2,
      })
      for (const leaf of leaves) leaf.release()
      plan.release()
      engine.exports.releaseSlab(view.handle)
      engine.exports.release(block)
    })
  })
})
