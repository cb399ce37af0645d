import { describe, expect, it } from 'vitest'
import { FileMemory } from '../../src/parquet/file-memory.ts'

const MIB = 1024 * 1024

describe('memory of files', () => {
  it('is used again for a file that fits, the smallest that does', () => {
    const memory = new FileMemory()
    const [large, small] = [memory.take(5 * MIB), memory.take(2 * MIB + 1)]
    expect([large.byteLength, small.byteLength, small.buffer.byteLength]).toEqual([5 * MIB, 2 * MIB + 1, 3 * MIB])
    memory.give(large.buffer)
    memory.give(small.buffer)
    const next = memory.take(2.5 * MIB)
    expect(next.buffer).toBe(small.buffer)
    expect([next.byteOffset, next.byteLength]).toEqual([0, 2.5 * MIB])
    expect(memory.take(2.5 * MIB).buffer).toBe(large.buffer)
    expect(memory.take(2.5 * MIB).buffer).not.toBe(large.buffer)
  })

  it('is neither spent on small files nor kept for large ones, nor more of it than four', () => {
    const memory = new FileMemory()
    const large = memory.take(8 * MIB)
    memory.give(large.buffer)
    expect(memory.take(MIB).buffer).not.toBe(large.buffer)
    const [tiny, huge] = [memory.take(1000), memory.take(40 * MIB)]
    expect(tiny.buffer.byteLength).toBe(1000)
    for (const { buffer } of [tiny, huge]) memory.give(buffer)
    expect(memory.take(1000).buffer).not.toBe(tiny.buffer)
    expect(memory.take(40 * MIB).buffer).not.toBe(huge.buffer)
    const five = Array.from({ length: 5 }, () => new ArrayBuffer(3 * MIB))
    for (const buffer of five) memory.give(buffer)
    const taken = five.map(() => memory.take(3 * MIB).buffer)
    expect(five.filter((buffer) => taken.includes(buffer))).toEqual(five.slice(1))
  })
})
