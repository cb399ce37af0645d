import { SiltError } from '@silt/core'
import { describe, expect, test } from 'vitest'
import { clockFinding } from '../../src/doctor/clock-finding.ts'
import { failure, fail, ok, skip, warn } from '../../src/doctor/finding.ts'
import {
  brokerFinding,
  groupFinding,
  olderThan,
  retentionFinding,
  topicFindings,
} from '../../src/doctor/kafka-checks.ts'
import { pingFinding, rightsFinding, serverFindings } from '../../src/doctor/redis-checks.ts'
import { findingLines, summaryLine } from '../../src/doctor/render.ts'

const topic = { topicId: 'id', partitions: 3, leaderless: [], brokers: 2, mayRead: true, mayDescribe: true }

describe('Kafka', () => {
  test('a broker too old, or over which security, is said', () => {
    const plain = { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT', KAFKA_SASL_MECHANISM: undefined } as const
    expect(brokerFinding('b', { ms: 3, missingApis: [] }, plain).detail).toBe('answers in 3 ms over PLAINTEXT')
    const secured = { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' } as const
    expect(brokerFinding('b', { ms: 3, missingApis: [] }, secured).detail).toContain('SASL_SSL, SCRAM-SHA-512')
    expect(brokerFinding('b', { ms: 3, missingApis: ['Fetch'] }, plain)).toMatchObject({ outcome: 'fail' })
  })

  test('a right that this actor needs, and only this actor, is missing', () => {
    const outcomes = (answer: typeof topic, actor: 'ingestor' | 'writer'): unknown =>
      topicFindings('t', answer, [actor]).map(({ outcome }) => outcome)
    expect(outcomes({ ...topic, mayRead: false }, 'writer')).toEqual(['ok', 'fail'])
    expect(outcomes({ ...topic, mayRead: false }, 'ingestor')).toEqual(['ok', 'ok'])
    expect(outcomes({ ...topic, mayDescribe: false }, 'ingestor')).toEqual(['ok', 'fail'])
    expect(topicFindings('t', { ...topic, leaderless: [1, 2] }, ['writer'])[0]?.detail).toContain('1, 2')
    expect(topicFindings('t', undefined, ['writer'])[0]?.remedy).toContain('KAFKA_TOPIC')
  })

  test('a group of other consumers is not joined', () => {
    const group = { state: 'Stable', members: 2, foreignProtocol: undefined, mayJoin: true }
    expect(groupFinding('g', group).outcome).toBe('ok')
    expect(groupFinding('g', { ...group, foreignProtocol: 'consumer range' }).remedy).toContain('KAFKA_GROUP_ID')
    expect(groupFinding('g', { ...group, mayJoin: false }).remedy).toContain('grant Read on the group')
  })

  test('retention is held against what waits', () => {
    const retention = { retentionMs: 3_600_000, retentionBytes: undefined, isCompacted: false }
    const none = { partitions: 2, atRisk: [], urgent: [] }
    expect(retentionFinding(retention, none).outcome).toBe('ok')
    expect(retentionFinding(retention, { ...none, atRisk: [1] })).toMatchObject({ outcome: 'warn' })
    expect(retentionFinding(retention, { ...none, atRisk: [1], urgent: [1] })).toMatchObject({ outcome: 'fail' })
    expect(retentionFinding({ ...retention, retentionMs: undefined }, none).detail).toContain('no time limit')
  })

  test('what is not committed is older than a moment where its first record came before it', () => {
    const ends = [0, 1, 2, 3].map((partition) => ({ partition, logStart: 0, readableEnd: 100 }))
    // 0: behind the moment. 1: past it. 2: all of it is older. 3: everything is committed.
    const next = new Map([0, 1, 2, 3].map((partition) => [partition, [10, 60, 10, 100][partition] ?? 0]))
    const firstAfter = new Map([
      [0, 50],
      [1, 50],
      [3, 50],
    ])
    expect(olderThan(ends, next, firstAfter)).toEqual([0, 2])
  })
})

test('Redis that may evict, is a replica, too old, nearly full or slow', () => {
  const server = { version: '7.2.1', role: 'master', policy: 'noeviction', usedBytes: 1, limitBytes: 0 }
  const wrong = (change: Partial<typeof server>): unknown =>
    serverFindings({ ...server, ...change })
      .filter(({ outcome }) => outcome !== 'ok')
      .map(({ check, outcome }) => `${outcome} ${check}`)
  expect(wrong({})).toEqual([])
  expect(wrong({ policy: 'allkeys-lru' })).toEqual(['fail redis policy'])
  expect(wrong({ role: 'slave' })).toEqual(['fail redis role'])
  expect(wrong({ version: '5.0.7' })).toEqual(['fail redis version'])
  expect(wrong({ usedBytes: 90, limitBytes: 100 })).toEqual(['warn redis memory'])
  expect([pingFinding(1).outcome, pingFinding(300).outcome]).toEqual(['ok', 'warn'])
  expect(rightsFinding(undefined).outcome).toBe('skip')
  expect(rightsFinding(['ZADD'])).toMatchObject({ outcome: 'fail', detail: expect.stringContaining('ZADD') as string })
})

test('clocks a little apart are looked at, far apart they fail, whichever is ahead', () => {
  const outcomes = [1200, -6000, 8000, -1_000_000].map((aheadMs) => clockFinding('store', aheadMs, 1.5).outcome)
  expect(outcomes).toEqual(['ok', 'ok', 'warn', 'fail'])
  expect(clockFinding('store', 60_000, 1).detail).toBe("60.0 s ahead of this machine's")
})

test('every error has a remedy, by what it asks for', () => {
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
  for (const kind of kinds) {
    const found = failure('store', new SiltError(kind, 'store/denied', 'AWS_REGION is wrong'))
    expect(found).toMatchObject({ outcome: 'fail', detail: 'AWS_REGION is wrong [store/denied]' })
    expect(found.remedy).not.toBe('')
  }
})

test('one line a finding, one for its remedy, and a count', () => {
  const findings = [
    ok('node', 'v24'),
    warn('redis', 'slow', 'move it'),
    fail('store', 'two:\nlines\nof it', 'mend'),
    skip('x', 'y'),
  ]
  expect(findingLines(findings)).toEqual([
    'ok    node   v24',
    'WARN  redis  slow',
    '             remedy: move it',
    'FAIL  store  two: lines; of it',
    '             remedy: mend',
    '-     x      y',
  ])
  expect(summaryLine(findings)).toBe('1 well, 1 to look at, 1 failed, 1 not checked')
})
