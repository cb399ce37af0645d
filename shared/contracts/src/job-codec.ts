import { SiltError, type AddFile, type Json } from '@silt/core'
import type {
  CommitJob,
  CommitNotice,
  DeadlyRange,
  StartCommitJob,
  UnitCommitJob,
  WriteJob,
  WriteResult,
} from './jobs.ts'
import { jobVersion } from './names.ts'
import { countedRangesOf, unitRangesOf } from './range-codec.ts'
import { structTypeOf } from './schema-codec.ts'
import {
  booleanOf,
  countOf,
  listOf,
  malformed,
  member,
  nameOf,
  objectOf,
  oneOf,
  textMapOf,
  textOf,
  textOrNullOf,
  type Found,
} from './json-shape.ts'

/**
 * Codecs of everything that crosses a queue (architecture.md § 8). A parser takes the JSON value as delivered, ignores members it does not
 * know, and throws `data/job-malformed` naming the place of the first fault, or `job/newer-version` (unsupported): leave the job to a newer process.
 */
const addsMax = 10_000

export function encodeWriteJob(job: WriteJob): Json {
  return asJson(job)
}

export function parseWriteJob(json: unknown): WriteJob {
  const found = rootOf(json, 'job')
  return Object.freeze({
    ...jobBaseOf(found),
    unitId: unitIdOf(member(found, 'unitId')),
    ranges: unitRangesOf(member(found, 'ranges')),
    cutAtMs: countOf(member(found, 'cutAtMs')),
    full: booleanOf(member(found, 'full')),
    ...(isApart(member(found, 'apart')) ? { apart: true } : {}),
  })
}

export function encodeCommitJob(job: CommitJob): Json {
  return asJson(job)
}

export function parseCommitJob(json: unknown): CommitJob {
  const found = rootOf(json, 'job')
  const base = jobBaseOf(found)
  return oneOf(member(found, 'kind'), ['unit', 'start']) === 'unit'
    ? unitCommitJobOf(found, base)
    : startCommitJobOf(found, base)
}

export function encodeWriteResult(result: WriteResult): Json {
  return asJson(result)
}

export function parseWriteResult(json: unknown): WriteResult {
  const found = rootOf(json, 'result')
  const outcome = oneOf(member(found, 'outcome'), ['written', 'behind', 'decoder-died', 'refused'])
  switch (outcome) {
    case 'written':
      return Object.freeze({
        outcome,
        ranges: listOf(member(found, 'ranges'), addsMax, readRangeOf),
        bytes: countOf(member(found, 'bytes')),
      })
    case 'behind':
      return Object.freeze({ outcome })
    case 'decoder-died':
      return Object.freeze({ outcome, ranges: listOf(member(found, 'ranges'), addsMax, deadlyRangeOf) })
    case 'refused':
      return Object.freeze({
        outcome,
        code: nameOf(member(found, 'code')),
        message: textOf(member(found, 'message')),
      })
  }
}

export function encodeCommitNotice(notice: CommitNotice): Json {
  return asJson(notice)
}

export function parseCommitNotice(json: unknown): CommitNotice {
  const found = rootOf(json, 'notice')
  const txn = member(found, 'txn')
  return Object.freeze({
    outcome: oneOf(member(found, 'outcome'), ['committed', 'duplicate', 'stale', 'refused']),
    version: countOf(member(found, 'version')),
    txn: Object.fromEntries(
      Object.keys(objectOf(txn)).map((partition) => [partition, countOf(member(txn, partition))]),
    ),
    nextSlot: countOf(member(found, 'nextSlot')),
    ranges: listOf(member(found, 'ranges'), addsMax, readRangeOf),
  })
}

export function addFileOf(found: Found): AddFile {
  return Object.freeze({
    path: nameOf(member(found, 'path')),
    partitionValues: textMapOf(member(found, 'partitionValues'), textOrNullOf),
    size: countOf(member(found, 'size')),
    modificationTime: countOf(member(found, 'modificationTime')),
    dataChange: booleanOf(member(found, 'dataChange')),
    ...optional(found, 'stats', textOf),
    ...optional(found, 'tags', (tags) => textMapOf(tags, textOf)),
  })
}

function optional<T>(found: Found, name: string, parse: (item: Found) => T): Record<string, T> {
  const item = member(found, name)
  return item.value === undefined || item.value === null ? {} : { [name]: parse(item) }
}

function unitCommitJobOf(found: Found, base: JobBase): UnitCommitJob {
  return Object.freeze({
    ...base,
    kind: 'unit',
    unitId: unitIdOf(member(found, 'unitId')),
    ranges: countedRangesOf(member(found, 'ranges')),
    full: booleanOf(member(found, 'full')),
    cutAtMs: countOf(member(found, 'cutAtMs')),
    schema: structTypeOf(member(found, 'schema')),
    ...optional(found, 'layout', nameOf),
    adds: addFilesOf(member(found, 'adds')),
    deadLetterAdds: addFilesOf(member(found, 'deadLetterAdds')),
    putAt: countOf(member(found, 'putAt')),
  })
}

/** `first` equals `offset`: a partition's progress begins where its first commit puts it (I3a). */
function startCommitJobOf(found: Found, base: JobBase): StartCommitJob {
  const offset = countOf(member(found, 'offset'))
  const first = countOf(member(found, 'first'))
  if (first !== offset) malformed(member(found, 'first'), `the offset, ${offset}`)
  return Object.freeze({ ...base, kind: 'start', partition: countOf(member(found, 'partition')), offset, first })
}

interface JobBase {
  readonly v: number
  readonly tableId: string
  readonly topic: string
  readonly topicId: string | null
}

/** The version first: nothing else of a newer job may be judged by this code. */
function jobBaseOf(found: Found): JobBase {
  const v = countOf(member(found, 'v'))
  if (v > jobVersion)
    throw new SiltError(
      'unsupported',
      'job/newer-version',
      `the job has version ${v}, this process reads up to ${jobVersion}`,
      {
        context: { v, jobVersion },
      },
    )
  return {
    v,
    tableId: nameOf(member(found, 'tableId')),
    topic: topicOf(member(found, 'topic')),
    topicId: textOrNullOf(member(found, 'topicId')),
  }
}

function topicOf(found: Found): string {
  const topic = nameOf(found)
  return topic.includes(':') ? malformed(found, 'a topic name without ":"') : topic
}

function unitIdOf(found: Found): string {
  const text = textOf(found)
  return /^[0-9a-f]{16}$/.test(text) ? text : malformed(found, '16 hex digits')
}

/** Adds of new data: each path once. */
function addFilesOf(found: Found): readonly AddFile[] {
  const adds = listOf(found, addsMax, addFileOf)
  if (new Set(adds.map((add) => add.path)).size !== adds.length) malformed(found, 'a list that names each file once')
  return adds
}

function readRangeOf(found: Found): { partition: number; start: number; endExclusive: number; read: number } {
  return {
    partition: countOf(member(found, 'partition')),
    start: countOf(member(found, 'start')),
    endExclusive: countOf(member(found, 'endExclusive')),
    read: countOf(member(found, 'read')),
  }
}

/** Older ingestors do not say. */
function isApart(found: Found): boolean {
  return found.value !== undefined && booleanOf(found)
}

function deadlyRangeOf(found: Found): DeadlyRange {
  const partition = countOf(member(found, 'partition'))
  const start = countOf(member(found, 'start'))
  const endExclusive = countOf(member(found, 'endExclusive'))
  if (endExclusive <= start) malformed(member(found, 'endExclusive'), `more than start ${start}`)
  const place = member(found, 'middle')
  const middle = place.value === null ? null : countOf(place)
  if (middle !== null && (middle <= start || middle >= endExclusive))
    malformed(place, `null or between ${start} and ${endExclusive}`)
  return Object.freeze({ partition, start, endExclusive, middle })
}

function rootOf(json: unknown, name: string): Found {
  return { value: json, path: name }
}

/** The job types hold JSON values only, which their interfaces cannot say. */
function asJson(value: WriteJob | CommitJob | WriteResult | CommitNotice): Json {
  return value as unknown as Json
}
