import { describe, expect, it } from 'vitest'
import { readHybridRuns } from '../../src/columns/hybrid-runs.ts'

const read = (bytes: readonly number[], bitWidth: number, count: number): readonly number[] => {
  const into = new Uint8Array(count)
  readHybridRuns(Uint8Array.from(bytes), 0, bytes.length, bitWidth, into)
  return [...into]
}

describe('runs of levels', () => {
  it('may be padded to blocks of any number of groups, as DuckDB pads them to four', () => {
    expect(read([(4 << 1) | 1, 0b101, 0xff, 0xff, 0xff], 1, 3)).toEqual([1, 0, 1])
    expect(read([(4 << 1) | 1, 0b101], 1, 3)).toEqual([1, 0, 1])
  })

  it.each([
    ['of no groups', [1, 0]],
    ['without their bytes', [(4 << 1) | 1]],
    ['of no values', [0, 1]],
    ['without an end', [0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('%s are damage', (_, bytes) => {
    expect(() => read(bytes, 1, 3)).toThrow(RangeError)
  })
})
