import { describe, expect, it } from 'vitest'
import { parsePartitionAppId, partitionAppId, partitionProgress, progressOf, unitId } from '../src/index.ts'

describe('app ids', () => {
  it.each([
    [{ topic: 'a.b-c_d', topicId: 'x-1_', partition: 0, restart: 0 }, 'silt:a.b-c_d:x-1_:0'],
    [{ topic: 'a', topicId: null, partition: 12, restart: 3 }, 'silt:a::12:3'],
  ])('name one partition', (key, appId) => {
    expect(partitionAppId('silt', key)).toBe(appId)
    expect(parsePartitionAppId(appId)).toEqual({ counter: 'silt', key })
  })

  it('of other meanings are not partitions', () => {
    expect(parsePartitionAppId('silt:dead-letters')).toBeUndefined()
    expect(parsePartitionAppId('silt:dead-letters:00000000-0000-4000-8000-000000000000')).toBeUndefined()
    expect(parsePartitionAppId('someone-else')).toBeUndefined()
  })
})

describe('progress', () => {
  const txns = new Map([
    ['silt:t:id:0', 50],
    ['silt-first:t:id:0', 10],
    ['silt-gaps:t:id:0', 3],
    ['silt:t:id:0:1', 7],
    ['silt:t:old:0', 900],
    ['silt:u:id:0', 1],
  ])

  it('is that of the newest restart under the topic id', () => {
    expect(partitionProgress(txns, 't', 'id', 0)).toEqual({
      partition: 0,
      topicId: 'id',
      restart: 1,
      next: 7,
      first: 7,
      gaps: 0,
      accepted: 0,
    })
    expect(partitionProgress(txns, 't', 'id', 1)).toBeUndefined()
    expect(progressOf(txns, 't')).toHaveLength(3)
  })
})

describe('unit id', () => {
  it('does not depend on the order of ranges, but on everything else', () => {
    const a = { partition: 0, start: 0, endExclusive: 5, restart: 0 }
    const b = { partition: 1, start: 2, endExclusive: 5, restart: 0 }
    expect(unitId('id', [a, b])).toBe(unitId('id', [b, a]))
    expect(unitId('id', [a, b])).toMatch(/^[0-9a-f]{16}$/)
    const others = [
      unitId('id', [a, b]),
      unitId(null, [a, b]),
      unitId('id', [a]),
      unitId('id', [{ ...a, restart: 1 }, b]),
    ]
    expect(new Set(others).size).toBe(others.length)
  })
})
