import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAll } from '../../contract/source-contract.ts'
import { FilesSource } from '../../src/index.ts'

describe('files source properties', () => {
  let topicsDir: string
  beforeAll(async () => {
    topicsDir = await mkdtemp(join(tmpdir(), 'silt-source-'))
    await mkdir(join(topicsDir, 'events'))
  })
  afterAll(() => rm(topicsDir, { recursive: true }))

  it('any split of any file gives every whole line once, at its byte position', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', ' ', '"'), maxLength: 12 })
    const parts = fc.tuple(
      fc.array(line, { maxLength: 12 }),
      line,
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(200)),
    )
    await fc.assert(
      fc.asyncProperty(parts, async ([lines, unfinished, slabBytesMax, cuts]) => {
        await writeFile(join(topicsDir, 'events', '0.ndjson'), lines.map((text) => `${text}\n`).join('') + unfinished)
        const source = new FilesSource({ topicsDir, recordBytesMax: 1000, slabBytesMax })
        const [ends] = await source.ends('events', [0])
        let position = 0
        const expected = lines.map((text) => {
          const record = { offset: position, value: text.replace(/\r$/, '') }
          position += Buffer.byteLength(text) + 1
          return record
        })
        expect(ends?.readableEnd).toBe(position)
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, position)), position].sort((a, b) => a - b)
        const found = []
        for (const [index, endExclusive] of bounds.entries()) {
          const start = bounds[index - 1] ?? 0
          const request = { topic: 'events', topicId: null, partition: 0, start, endExclusive, cutAtMs: 0 }
          found.push(...(await readAll(source, request)))
        }
        expect(found).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })
})
