import { checkedOffset, compareRanges, SiltError, type OffsetRange } from '@silt/core'
import { rangesTag, unitTag } from './names.ts'
import type { CountedRange, UnitRange } from './unit-range.ts'
import { countOf, listOf, malformed, member, nameOf, textOrNullOf, type Found } from './json-shape.ts'

/** Ranges of one unit, at most; one a partition. */
const rangesMax = 100_000

/** What the tags of an add say of its file's unit; the audit reads it long after source and log are gone. */
export interface UnitTags {
  readonly unitId: string
  readonly topic: string
  readonly topicId: string | null
  readonly ranges: readonly CountedRange[]
}

/**
 * Tags of every add of a unit, dead-letter adds too (the same on all of them):
 *
 *     silt.unit    unit id, 16 hex digits
 *     silt.ranges  {"topic": t, "topicId": id | null,
 *                   "ranges": [[partition, start, endExclusive, restart, rows, deadLetters, gaps], …]}
 *
 * `read` is rows + deadLetters.
 */
export function unitTags(unit: UnitTags): Readonly<Record<string, string>> {
  const ranges = unit.ranges.map((range) => [
    range.partition,
    range.start,
    range.endExclusive,
    range.restart,
    range.rows,
    range.deadLetters,
    range.gaps,
  ])
  return Object.freeze({
    [unitTag]: unit.unitId,
    [rangesTag]: JSON.stringify({ topic: unit.topic, topicId: unit.topicId, ranges }),
  })
}

/** The reverse of `unitTags`; undefined for a file Silt did not write, `data/tags-malformed` for broken tags. */
export function parseUnitTags(tags: Readonly<Record<string, string | null>> | undefined): UnitTags | undefined {
  const unitId = tags?.[unitTag]
  const text = tags?.[rangesTag]
  if (typeof unitId !== 'string' || typeof text !== 'string') return undefined
  try {
    const found: Found = { value: JSON.parse(text) as unknown, path: `tags["${rangesTag}"]` }
    return {
      unitId,
      topic: nameOf(member(found, 'topic')),
      topicId: textOrNullOf(member(found, 'topicId')),
      ranges: listOf(member(found, 'ranges'), rangesMax, taggedRangeOf),
    }
  } catch (cause) {
    throw new SiltError('data', 'data/tags-malformed', `the tags of a file of unit ${unitId} cannot be read`, { cause })
  }
}

/** Sorted by partition, one a partition, none empty. */
export function unitRangesOf(found: Found): readonly UnitRange[] {
  return inOrder(found, listOf(found, rangesMax, unitRangeOf))
}

/**
 * Sorted by partition, one a partition, none empty, with counts that add up:
 * `read = rows + deadLetters` and `gaps = endExclusive - start - read`.
 */
export function countedRangesOf(found: Found): readonly CountedRange[] {
  return inOrder(found, listOf(found, rangesMax, countedRangeOf))
}

function unitRangeOf(found: Found): UnitRange {
  const range = {
    partition: countOf(member(found, 'partition')),
    start: checkedOffset(countOf(member(found, 'start'))),
    endExclusive: checkedOffset(countOf(member(found, 'endExclusive'))),
    restart: countOf(member(found, 'restart')),
  }
  if (range.endExclusive <= range.start) malformed(member(found, 'endExclusive'), `more than start ${range.start}`)
  return range
}

export function countedRangeOf(found: Found): CountedRange {
  return checkedCounts(found, {
    ...unitRangeOf(found),
    read: countOf(member(found, 'read')),
    rows: countOf(member(found, 'rows')),
    deadLetters: countOf(member(found, 'deadLetters')),
    gaps: countOf(member(found, 'gaps')),
  })
}

function taggedRangeOf(found: Found): CountedRange {
  const names = ['partition', 'start', 'endExclusive', 'restart', 'rows', 'deadLetters', 'gaps'] as const
  const values = listOf(found, names.length, countOf)
  const [partition, start, endExclusive, restart, rows, deadLetters, gaps] = values
  if (values.length !== names.length) malformed(found, `[${names.join(', ')}]`)
  return countedRangeOf({
    value: { partition, start, endExclusive, restart, rows, deadLetters, gaps, read: (rows ?? 0) + (deadLetters ?? 0) },
    path: found.path,
  })
}

function checkedCounts(found: Found, range: CountedRange): CountedRange {
  if (range.read !== range.rows + range.deadLetters)
    malformed(member(found, 'read'), `rows + deadLetters = ${range.rows + range.deadLetters}`)
  const gaps = range.endExclusive - range.start - range.read
  if (range.gaps !== gaps) malformed(member(found, 'gaps'), `endExclusive - start - read = ${gaps}`)
  return range
}

function inOrder<T extends OffsetRange>(found: Found, ranges: readonly T[]): readonly T[] {
  if (ranges.length === 0) malformed(found, 'a list of at least one range')
  const sorted = [...ranges].sort(compareRanges)
  sorted.forEach((range, index) => {
    if (range.partition === sorted[index - 1]?.partition)
      malformed(found, `a list with one range a partition, not two of partition ${range.partition}`)
  })
  return sorted
}
