import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions } from '../../src/kafka/group/assignor.ts'
import {
  decodeAssignment,
  decodeOwned,
  encodeAssignment,
  encodeSubscription,
} from '../../src/kafka/group/consumer-protocol.ts'
import { groupVerdict } from '../../src/kafka/group/group-errors.ts'

const partitionList = fc.uniqueArray(fc.nat(60), { maxLength: 40 })
const claims = fc.uniqueArray(
  fc.record({ memberId: fc.string({ minLength: 1, maxLength: 6 }), owned: partitionList }),
  {
    minLength: 1,
    maxLength: 8,
    selector: ({ memberId }) => memberId,
  },
)

describe('sharing partitions out', () => {
  it('gives each partition to one member, evenly', () => {
    fc.assert(
      fc.property(claims, fc.nat(60), (members, count) => {
        const partitions = Array.from({ length: count }, (_, index) => index)
        const shares = [...assignPartitions(members, partitions).values()]
        expect(shares.flat().sort((a, b) => a - b)).toEqual(partitions)
        const sizes = shares.map((share) => share.length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is the same whatever order the members come in', () => {
    fc.assert(
      fc.property(claims, fc.nat(30), (members, count) => {
        const partitions = Array.from({ length: count }, (_, index) => index)
        expect(assignPartitions(members.toReversed(), partitions)).toEqual(assignPartitions(members, partitions))
      }),
    )
  })

  it('changes nothing when nothing has changed', () => {
    fc.assert(
      fc.property(claims, fc.nat(60), (members, count) => {
        const partitions = Array.from({ length: count }, (_, index) => index)
        const first = assignPartitions(members, partitions)
        const again = members.map(({ memberId }) => ({ memberId, owned: first.get(memberId) ?? [] }))
        expect(assignPartitions(again, partitions)).toEqual(first)
      }),
    )
  })

  it('moves only what a newcomer must get', () => {
    const shares = assignPartitions(
      [
        { memberId: 'a', owned: [0, 1, 2] },
        { memberId: 'b', owned: [3, 4, 5] },
        { memberId: 'c', owned: [] },
      ],
      [0, 1, 2, 3, 4, 5],
    )
    expect(shares.get('a')).toEqual([0, 1])
    expect(shares.get('b')).toEqual([3, 4])
    expect(shares.get('c')).toEqual([2, 5])
  })
})

describe('what members tell each other', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(partitionList, (partitions) => {
        const ascending = partitions.toSorted((a, b) => a - b)
        expect(decodeOwned(encodeSubscription('events', partitions), 'events')).toEqual(partitions)
        expect(decodeAssignment(encodeAssignment('events', partitions), 'events')).toEqual(ascending)
        expect(decodeAssignment(encodeAssignment('others', partitions), 'events')).toEqual([])
      }),
    )
  })

  it('is the format of Kafka’s own consumers', () => {
    expect(encodeAssignment('t', [1]).toString('hex')).toBe(
      '0000' + '00000001' + '000174' + '00000001' + '00000001' + 'ffffffff',
    )
    expect(encodeSubscription('t', []).toString('hex')).toBe('0001' + '00000001' + '000174' + 'ffffffff' + '00000000')
    expect(decodeAssignment(Buffer.alloc(0), 't')).toEqual([])
  })

  it('refuses what another client garbled', () => {
    expect(() => decodeAssignment(Buffer.from('00007fffffff', 'hex'), 't')).toThrow(/array of/)
    expect(() => decodeAssignment(Buffer.from('0000', 'hex'), 't')).toThrow()
  })
})

describe('group errors', () => {
  it.each([
    [0, 'fine'],
    [27, 'rejoin'],
    [22, 'forgotten'],
    [25, 'forgotten'],
    [79, 'name-yourself'],
  ])('code %i means %s', (code, kind) => {
    expect(groupVerdict(code, 'g').kind).toBe(kind)
  })

  it.each([
    [14, 'unavailable', 'source/unavailable'],
    [16, 'unavailable', 'source/unavailable'],
    [23, 'invalid', 'source/denied'],
    [26, 'invalid', 'source/denied'],
    [30, 'invalid', 'source/denied'],
    [82, 'fenced', 'source/fenced-instance'],
    [999, 'unavailable', 'source/unavailable'],
  ])('code %i is an error of kind %s', (code, kind, errorCode) => {
    expect(groupVerdict(code, 'g')).toMatchObject({ kind: 'failed', error: { kind, code: errorCode } })
  })
})
