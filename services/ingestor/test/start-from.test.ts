import type { PartitionProgress } from '@silt/contracts'
import { describe, expect, test } from 'vitest'
import { parseStartFrom, planStarts, startOffset, type StartFrom } from '../src/start-from.ts'

const ends = { partition: 1, logStart: 10, readableEnd: 90 }
const latest: StartFrom = { kind: 'latest' }
const known = (partition: number, topicId = 'id'): PartitionProgress => ({
  partition,
  topicId,
  restart: 0,
  next: 0,
  first: 0,
  gaps: 0,
  accepted: 0,
})
const topic = [0, 1, 2].map((partition) => ({ partition, topicId: 'id' }))
const kafka = (...progress: PartitionProgress[]) => ({ sourceKind: 'kafka' as const, progress })
const told = (starts: ReturnType<typeof planStarts>): unknown =>
  starts.map((each) => [each.topicPartition.partition, each.from.kind])

describe('parseStartFrom', () => {
  test.each([
    ['earliest', 10],
    ['latest', 90],
    ['0:5,1:40', 40],
    ['1:3', 10],
    ['1:4000', 90],
    ['0:5', 10],
  ])('%s begins at %d, within what the source holds', (text, offset) => {
    expect(startOffset(parseStartFrom(text), ends, undefined)).toBe(offset)
  })

  test('a time begins where the source says', () => {
    const from = parseStartFrom('2026-11-22T10:00:00Z')
    expect(from).toEqual({ kind: 'time', timeMs: Date.UTC(2026, 10, 22, 10) })
    expect(startOffset(from, ends, 33)).toBe(33)
    expect(startOffset(from, ends, undefined)).toBe(90)
  })

  test.each(['', 'soon', '1:', '1:x', '12', '1:99999999999999999999'])('refuses %j', (text) => {
    expect(() => parseStartFrom(text)).toThrow('START_FROM must be')
  })
})

describe('planStarts', () => {
  test('starts all its unseen partitions at once at earliest', () => {
    expect(told(planStarts({ kind: 'earliest' }, topic.slice(0, 2), topic, kafka()))).toEqual([
      [0, 'earliest'],
      [1, 'earliest'],
    ])
  })

  test('at latest begins with the highest partition, though another ingestor owns it', () => {
    expect(told(planStarts(latest, topic.slice(0, 2), topic, kafka()))).toEqual([[2, 'latest']])
  })

  test('a crash in between changes nothing: below the highest known START_FROM counts, above it earliest', () => {
    const more = [...topic, { partition: 3, topicId: 'id' }]
    expect(told(planStarts(latest, [topic[0]!, topic[1]!, more[3]!], more, kafka(known(2))))).toEqual([
      [0, 'latest'],
      [1, 'latest'],
      [3, 'earliest'],
    ])
  })

  test('an ingestor without unseen partitions starts nothing', () => {
    expect(planStarts(latest, [], topic, kafka())).toEqual([])
  })

  test('files start together, a file added later at earliest', () => {
    const files = [0, 1].map((partition) => ({ partition, topicId: `line-${partition}` }))
    expect(told(planStarts(latest, files, files, { sourceKind: 'files', progress: [] }))).toEqual([
      [0, 'latest'],
      [1, 'latest'],
    ])
    const progress = [known(1, 'line-1')]
    expect(told(planStarts(latest, [files[0]!], files, { sourceKind: 'files', progress }))).toEqual([[0, 'earliest']])
  })
})
