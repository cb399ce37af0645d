import type { Json } from '@silt/core'
import { brokenLog } from '../errors.ts'
import type { Action, CommitInfo, JsonObject } from './action.ts'
import { fieldReader, type FieldReader } from './fields.ts'

const checks: Readonly<Record<string, (fields: FieldReader) => void>> = {
  protocol: (each) => {
    each.integer('minReaderVersion')
    each.integer('minWriterVersion')
    if (each.has('readerFeatures')) each.stringList('readerFeatures')
    if (each.has('writerFeatures')) each.stringList('writerFeatures')
  },
  metaData: (each) => {
    each.string('id')
    each.object('format').string('provider')
    each.string('schemaString')
    each.stringList('partitionColumns')
    if (each.has('configuration')) each.stringMap('configuration', 'present')
    optionalIntegers(each, ['createdTime'])
  },
  add: (each) => {
    checkFile(each)
    each.stringMap('partitionValues', 'nullable')
    each.integer('size')
    each.integer('modificationTime')
  },
  remove: (each) => {
    checkFile(each)
    if (each.has('partitionValues')) each.stringMap('partitionValues', 'nullable')
    optionalIntegers(each, ['size', 'deletionTimestamp'])
  },
  txn: (each) => {
    each.string('appId')
    each.integer('version')
    optionalIntegers(each, ['lastUpdated'])
  },
  cdc: (each) => {
    each.string('path')
    each.integer('size')
  },
  domainMetadata: (each) => {
    each.string('domain')
    each.string('configuration')
    each.boolean('removed')
  },
  checkpointMetadata: (each) => void each.integer('version'),
  sidecar: (each) => {
    each.string('path')
    each.integer('sizeInBytes')
    each.integer('modificationTime')
  },
}

/**
 * One decoded line of a commit, or one row of a checkpoint (its null columns count as absent). Undefined for a row without an action.
 * Actions this code does not know are kept as `unknown`; unknown fields stay on the action (§ Protocol Evolution). Of the former, and of
 * provenance, what nests deeper than anybody means is left out.
 * Throws `delta/broken-log` for a missing or mistyped field, also for a 64-bit value above 2^53 - 1.
 */
export function parseAction(where: string, value: unknown): Action | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw brokenLog(where, 'an action must be a JSON object')
  const row = value as Readonly<Record<string, unknown>>
  const present = Object.keys(row).filter((each) => row[each] !== null && row[each] !== undefined)
  const known = present.filter((each) => each === 'commitInfo' || Object.hasOwn(checks, each))
  if (known.length > 1) throw brokenLog(where, `one action expected, found ${known.join(' and ')}`)
  const [name] = known
  if (name === undefined) return present.length === 0 ? undefined : { unknown: shallow(value as JsonObject) }
  const body = row[name]
  if (name === 'commitInfo') return { commitInfo: readCommitInfo(body) }
  const fields = fieldReader(where, name, body)
  checks[name]?.(fields)
  return { [name]: withDefaults(name, fields.fields) } as unknown as Action
}

function checkFile(each: FieldReader): void {
  each.string('path')
  each.boolean('dataChange')
  if (each.has('stats')) each.string('stats')
  if (each.has('tags')) each.stringMap('tags', 'nullable')
  optionalIntegers(each, ['baseRowId', 'defaultRowCommitVersion'])
  if (each.has('deletionVector')) {
    const vector = each.object('deletionVector')
    vector.string('storageType')
    vector.string('pathOrInlineDv')
    vector.integer('sizeInBytes')
    vector.integer('cardinality')
    optionalIntegers(vector, ['offset'])
  }
}

function optionalIntegers(each: FieldReader, names: readonly string[]): void {
  for (const name of names) if (each.has(name)) each.integer(name)
}

function withDefaults(name: string, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (name === 'metaData' && fields['configuration'] === undefined) return { ...fields, configuration: {} }
  if (fields['deletionVector'] === undefined) return fields
  const vector = Object.entries(fields['deletionVector'] as object).filter(([, each]) => each !== null)
  return { ...fields, deletionVector: Object.fromEntries(vector) }
}

const commitInfoTypes: Readonly<Record<string, 'number' | 'string' | 'boolean' | 'object'>> = {
  timestamp: 'number',
  operation: 'string',
  operationParameters: 'object',
  operationMetrics: 'object',
  engineInfo: 'string',
  isBlindAppend: 'boolean',
  readVersion: 'number',
  inCommitTimestamp: 'number',
  txnId: 'string',
}

// "Implementations are free to store any valid JSON-formatted data via the commitInfo action": a field of another type is left out.
function readCommitInfo(body: unknown): CommitInfo {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {}
  const fits = ([name, value]: [string, Json]): boolean => {
    if (value === null) return false
    const type = Object.hasOwn(commitInfoTypes, name) ? commitInfoTypes[name] : undefined
    return (type === undefined || (typeof value === type && !Array.isArray(value))) && isShallow(value, depthMax)
  }
  return Object.fromEntries(Object.entries(body as JsonObject).filter(fits))
}

/** Levels of what no schema bounds. Whoever writes it out again would need as much stack as the file asks for. */
const depthMax = 200

function isShallow(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each: Json) => isShallow(each, levels - 1))
}

function shallow(fields: JsonObject): JsonObject {
  if (isShallow(fields, depthMax)) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isShallow(value, depthMax) ? value : null]),
  )
}
