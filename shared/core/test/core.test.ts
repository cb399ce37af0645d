import { describe, expect, it } from 'vitest'
import {
  asSiltError,
  assert,
  backoffMs,
  canonicalJson,
  checkedOffset,
  compareRanges,
  decimalOf,
  isSiltError,
  primitiveType,
  seededRandom,
  sha256Hex,
  shouldRetry,
  SiltError,
  systemClock,
} from '../src/index.ts'
import { ManualClock } from '../src/testing/index.ts'

describe('errors', () => {
  it('are retried by kind alone', () => {
    const kinds = [
      'unavailable',
      'ambiguous',
      'conflict',
      'fenced',
      'data',
      'unsupported',
      'invalid',
      'internal',
    ] as const
    expect(kinds.filter((kind) => shouldRetry(new SiltError(kind, 'x/y', 'z')))).toEqual(['unavailable'])
    expect(shouldRetry(new Error('x'))).toBe(false)
  })

  it('of an unknown sort are our bug and keep their cause', () => {
    const cause = new TypeError('x is undefined')
    expect(asSiltError(cause)).toMatchObject({ kind: 'internal', code: 'internal/unexpected', cause })
    const known = new SiltError('data', 'a/b', 'c')
    expect(asSiltError(known)).toBe(known)
  })

  it('tell their code', () => {
    expect(isSiltError(new SiltError('data', 'a/b', 'c'), 'a/b')).toBe(true)
    expect(isSiltError(new SiltError('data', 'a/b', 'c'), 'a/c')).toBe(false)
    expect(() => assert(false, 'no')).toThrow('no')
  })
})

describe('canonical JSON', () => {
  it('is the same text whatever the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}')
    expect(canonicalJson({ a: true, b: [1, { c: 'x', d: null }] })).toBe(
      canonicalJson({ b: [1, { d: null, c: 'x' }], a: true }),
    )
  })
})

describe('offsets', () => {
  it('outside the safe integers are refused at the border', () => {
    expect(checkedOffset(9007199254740991n)).toBe(9007199254740991)
    for (const wrong of [9007199254740992n, -1, 1.5, Number.NaN])
      expect(() => checkedOffset(wrong)).toThrow('safe non-negative')
  })

  it('sort by partition, then start', () => {
    const ranges = [
      { partition: 1, start: 0, endExclusive: 1 },
      { partition: 0, start: 5, endExclusive: 6 },
      { partition: 0, start: 2, endExclusive: 3 },
    ]
    expect(ranges.sort(compareRanges).map(({ partition, start }) => [partition, start])).toEqual([
      [0, 2],
      [0, 5],
      [1, 0],
    ])
  })
})

describe('back-off', () => {
  it('doubles its ceiling up to the maximum and is never zero', () => {
    const policy = { firstMs: 100, maxMs: 1000, attemptsMax: 9 }
    const most = { next: () => 0.999_999, uuid: () => '' }
    const least = { next: () => 0, uuid: () => '' }
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(policy, attempt, most))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ])
    expect(backoffMs(policy, 1, least)).toBe(1)
  })
})

describe('seeded randomness', () => {
  it('repeats for a seed, differs between seeds and stays in [0, 1)', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 100 }, () => random.next())
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    for (const value of draw(3)) expect(value >= 0 && value < 1).toBe(true)
  })

  it('makes version 4 UUIDs that differ', () => {
    const random = seededRandom(4)
    const uuids = Array.from({ length: 200 }, () => random.uuid())
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(uuids).size).toBe(200)
  })
})

describe('clocks', () => {
  it('wake sleepers in the order of their time, and at once on abort', async () => {
    const clock = new ManualClock(0)
    const woken: string[] = []
    const stop = new AbortController()
    void clock.sleep(20).then(() => woken.push(`b at ${clock.nowMs()}`))
    void clock.sleep(10).then(() => woken.push(`a at ${clock.nowMs()}`))
    void clock.sleep(1000, stop.signal).then(() => woken.push('aborted'))
    await clock.advance(15)
    stop.abort()
    await clock.advance(15)
    expect(woken).toEqual(['a at 10', 'aborted', 'b at 20'])
  })

  it('of the system end a sleep on abort without rejecting', async () => {
    await systemClock.sleep(60_000, AbortSignal.timeout(5))
    await systemClock.sleep(60_000, AbortSignal.abort())
  })
})

describe('digests', () => {
  it('are SHA-256 in hex', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe('a primitive type', () => {
  it('is known by its name, decimals however they are spelled', () => {
    expect(['string', 'timestamp_ntz', 'decimal', 'decimal( 10 , 2 )', 'decimal(10,-2)'].map(primitiveType)).toEqual([
      'string',
      'timestamp_ntz',
      'decimal(10,0)',
      'decimal(10,2)',
      'decimal(10,-2)',
    ])
    expect(['text', 'decimal(10)', 'decimal(10,2', 'constructor', ''].map(primitiveType)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
    expect([decimalOf('decimal(10,-2)'), decimalOf('long')]).toEqual([{ precision: 10, scale: -2 }, undefined])
  })
})
