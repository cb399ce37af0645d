import { isUtf8 } from 'node:buffer'
import { assert } from '@silt/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordOutcome } from '../../src/scan/slab-view.ts'
import { compareWithExactPath } from './differential.ts'
import { randomSpec } from './random-schema.ts'
import { scanRecords } from './scan-records.ts'
import { Seeded } from './random.ts'
import { eventSpec, randomSlab, slabOf } from './slab.ts'
import { onEachBuild } from '../each-build.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

onEachBuild((engine, runs) => {
  describe('against the exact path and JSON.parse', () => {
    it('takes nothing of 1,000 tables that they would not take, and gives the same values', () => {
      let scanned = 0
      let taken = 0
      fc.assert(
        fc.property(seeds, (seed) => {
          const random = new Seeded(seed)
          const spec = randomSpec(random)
          const slab = randomSlab(random, spec, 20, 0)
          scanned += slab.count
          taken += compareWithExactPath(engine, spec, slab, random.pick([0, 8])).taken
        }),
        { numRuns: runs(1000) },
      )
      // Two of three events are made of what it knows.
      expect(taken / scanned).toBeGreaterThan(0.5)
    })

    it('says the same of events with bytes changed, lost or added', () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const random = new Seeded(seed)
          const spec = randomSpec(random)
          compareWithExactPath(engine, spec, randomSlab(random, spec, 8, 40), random.pick([0, 8]))
        }),
        { numRuns: runs(150) },
      )
    })
  })

  describe('UTF-8', () => {
    const isTaken = (values: readonly Uint8Array[]): boolean[] =>
      Array.from(scanRecords(engine, eventSpec, slabOf(values)).outcomes, (outcome) => outcome === recordOutcome.row)

    /** The bytes as the content of a string, `before` bytes from the record's start. */
    function within(content: Uint8Array, before: number): Buffer {
      return Buffer.concat([Buffer.from(`{"platform":"${'a'.repeat(before)}`), content, Buffer.from('"}')])
    }

    it('is told from what is not by every pair of bytes', () => {
      const firsts = Array.from({ length: 128 }, (_, index) => 128 + index)
      for (const first of firsts) {
        const contents = Array.from({ length: 256 }, (_, second) => Buffer.of(first, second)).filter(isContent)
        expect(isTaken(contents.map((content) => within(content, first % 70)))).toEqual(
          contents.map((each) => isUtf8(each)),
        )
      }
    })

    it('is told from what is not, wherever it stands', () => {
      const edge = fc.constantFrom(
        0x7f,
        0x80,
        0x8f,
        0x90,
        0x9f,
        0xa0,
        0xbf,
        0xc0,
        0xc1,
        0xc2,
        0xdf,
        0xe0,
        0xe1,
        0xec,
        0xed,
        0xee,
        0xef,
        0xf0,
        0xf1,
        0xf3,
        0xf4,
        0xf5,
        0xff,
      )
      const character = fc.constantFrom('é', '€', '😀', 'a').map((text) => Buffer.from(text))
      const pieces = fc.array(
        fc.oneof(
          edge.map((byte) => Buffer.of(byte)),
          character,
        ),
        { maxLength: 6 },
      )
      const records = fc.array(fc.tuple(pieces, fc.nat(140)), { minLength: 1, maxLength: 20 })
      fc.assert(
        fc.property(records, (all) => {
          const values = all.map(([parts, before]) => within(Buffer.concat(parts), before))
          expect(isTaken(values)).toEqual(values.map((value) => isUtf8(value)))
        }),
        { numRuns: runs(2000) },
      )
    })

    function isContent(bytes: Buffer): boolean {
      return bytes.every((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c)
    }
  })

  describe('neighbours', () => {
    it('never complete what a record lacks', () => {
      const pieces = fc.array(
        fc.constantFrom(
          '{}',
          '{',
          '"',
          '}',
          '1',
          '{"platform":"',
          '\\',
          'é',
          ' ',
          '{"platform":1',
          '}}',
          '{"metadata":{',
          '":null}',
          'e',
          '{"timestamp":"2026-11-20T00:00:00',
        ),
        { minLength: 2, maxLength: 6 },
      )
      fc.assert(
        fc.property(pieces, (values) => {
          const { outcomes } = scanRecords(engine, eventSpec, slabOf(values))
          values.forEach((value, index) => {
            assert(
              (outcomes[index] === recordOutcome.row) === (value === '{}'),
              `${JSON.stringify(value)} in ${JSON.stringify(values)}`,
            )
          })
        }),
      )
    })
  })
})
