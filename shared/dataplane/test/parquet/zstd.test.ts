import { type createZstdCompress, zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'

const made: unknown[] = []
/** What the compressor that is kept is made of, in place of Node's. */
let replaced: ((stream: object) => object) | undefined

vi.mock(import('node:zlib'), async (original) => {
  const zlib = await original()
  const replacing = (...of: Parameters<typeof createZstdCompress>) => {
    const stream = zlib.createZstdCompress(...of)
    made.push(stream)
    return (replaced?.(stream) ?? stream) as typeof stream
  }
  return { ...zlib, createZstdCompress: replacing }
})

const input = Buffer.from('the same words, again and again. '.repeat(3000))

/** A frame of the input, by a thread's first compressor and by what is kept of it. */
async function frames(times: number, level = 1): Promise<Buffer[]> {
  vi.resetModules()
  const { zstdBound, zstdCompress } = await import('../../src/parquet/zstd.ts')
  const room = zstdBound(input.byteLength)
  const memory = Buffer.alloc(input.byteLength + room)
  input.copy(memory)
  return Array.from({ length: times }, () => {
    const spans = { memory, at: 0, length: input.byteLength, into: input.byteLength, room }
    const length = zstdCompress(spans, level)
    return Buffer.from(memory.subarray(input.byteLength, input.byteLength + length))
  })
}

const innards = (
  of: (stream: { _handle: { writeSync: (...of: unknown[]) => void }; _writeState: Uint32Array }) => object,
) => of as (stream: object) => object

describe('zstd', () => {
  afterEach(() => {
    replaced = undefined
    made.length = 0
  })

  it('is compressed by one compressor a level, whole frames each', async () => {
    const all = await frames(3)
    for (const frame of all) expect(zstdDecompressSync(frame).equals(input)).toBe(true)
    expect(all[0]!.byteLength).toBeLessThan(input.byteLength / 15)
    expect(made).toHaveLength(1)
  })

  it.each([
    ['has nothing of what is used', innards(() => ({ on: () => undefined }))],
    [
      'says nothing of what it did',
      innards(({ _writeState }) => ({ on: () => undefined, _handle: { writeSync: () => undefined }, _writeState })),
    ],
    [
      'writes something else',
      innards(({ _writeState }) => ({
        on: () => undefined,
        _handle: { writeSync: (...of: unknown[]) => _writeState.set([(of[6] as number) - 40, 0]) },
        _writeState,
      })),
    ],
  ])('is compressed by documented means where a stream of Node %s', async (_, replacement) => {
    replaced = replacement
    for (const frame of await frames(2)) expect(zstdDecompressSync(frame).equals(input)).toBe(true)
  })
})
