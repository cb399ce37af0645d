import type { Json } from '@silt/core'
import { addFileOf } from './job-codec.ts'
import type { CommitRecord, Decision } from './jobs.ts'
import { countedRangeOf } from './range-codec.ts'
import { countOf, listOf, malformed, member, nameOf, textOf, textOrNullOf, type Found } from './json-shape.ts'

const recordItemsMax = 1_000_000

export function encodeCommitRecord(record: CommitRecord): Json {
  return record as unknown as Json
}

/**
 * `commitInfo.silt` of a version as read from the log; undefined where the commit is not Silt's (no such member).
 * Unknown members are ignored, decisions of an unknown kind left out. Errors: `data/job-malformed`.
 */
export function parseCommitRecord(json: unknown): CommitRecord | undefined {
  if (json === undefined || json === null) return undefined
  const found: Found = { value: json, path: 'commitInfo.silt' }
  if (countOf(member(found, 'v')) < 1) malformed(member(found, 'v'), 'at least 1')
  return Object.freeze({
    v: 1,
    units: listOf(member(found, 'units'), recordItemsMax, unitOf),
    deadLetters: listOf(member(found, 'deadLetters'), recordItemsMax, addFileOf),
    decisions: listOf(member(found, 'decisions'), recordItemsMax, decisionOf).filter((each) => each !== undefined),
  })
}

function unitOf(found: Found): CommitRecord['units'][number] {
  return {
    unitId: nameOf(member(found, 'unitId')),
    topic: nameOf(member(found, 'topic')),
    topicId: textOrNullOf(member(found, 'topicId')),
    ranges: listOf(member(found, 'ranges'), recordItemsMax, countedRangeOf),
  }
}

function decisionOf(found: Found): Decision | undefined {
  const kind = member(found, 'kind').value
  const by = (): string => textOf(member(found, 'by'))
  switch (kind) {
    case 'accept-gap':
      return {
        kind,
        ...partitionOf(found),
        from: countOf(member(found, 'from')),
        to: countOf(member(found, 'to')),
        by: by(),
      }
    case 'restart':
      return { kind, ...partitionOf(found), at: countOf(member(found, 'at')), by: by() }
    case 'adopt':
      return { kind, startFrom: textOf(member(found, 'startFrom')), by: by() }
    case 'resume':
      return { kind, reason: textOf(member(found, 'reason')), atVersion: countOf(member(found, 'atVersion')), by: by() }
    case 'pause':
    case 'unpause':
      return { kind, reason: textOf(member(found, 'reason')), by: by() }
    default:
      return undefined
  }
}

function partitionOf(found: Found): { topic: string; topicId: string | null; partition: number; restart: number } {
  return {
    topic: nameOf(member(found, 'topic')),
    topicId: textOrNullOf(member(found, 'topicId')),
    partition: countOf(member(found, 'partition')),
    restart: countOf(member(found, 'restart')),
  }
}
