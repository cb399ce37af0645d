import { partitionAppId, parsePartitionAppId } from '@silt/contracts'
import type { DataType, StructType } from '@silt/core'
import { parseSchema, type TableState } from '@silt/delta'
import type { CommitBounds } from './bounds.ts'
import { recordIndex, topic } from './jobs.ts'

/** A main version as its properties see it. */
interface MainContent {
  readonly state: TableState
  readonly rows: readonly number[]
  readonly recorded: readonly number[]
  readonly fileSchemas: ReadonlySet<string>
}

/** The first invariant of a main version that does not hold, in the words of architecture.md § 4. Knows nothing of how the version came about. */
export function brokenByMain(bounds: CommitBounds, before: MainContent, after: MainContent): string | undefined {
  return (
    firstIsDurable(bounds, before.state, after.state) ??
    everyRecordOnce(bounds, after) ??
    txnNeverDecreases(before.state, after.state) ??
    schemaHoldsAllFiles(before, after) ??
    oneTopicId(bounds, after.state)
  )
}

export function brokenByDeadLetters(
  before: { readonly state: TableState },
  after: { readonly state: TableState; readonly letters: readonly number[] },
): string | undefined {
  const twice = after.letters.findIndex((count) => count > 1)
  if (twice >= 0) return `I5: record ${twice} is ${after.letters[twice]} times in the dead-letter table`
  return txnNeverDecreases(before.state, after.state)
}

/** I2 (and with it I3 and I4): rows and recorded dead letters are the records of `[first, txn)`, each once. */
function everyRecordOnce(bounds: CommitBounds, { state, rows, recorded }: MainContent): string | undefined {
  for (const topicId of bounds.topicIds)
    for (const [partition, count] of bounds.records.entries()) {
      const key = { topic, topicId, partition, restart: 0 }
      const next = state.txns.get(partitionAppId('silt', key)) ?? 0
      const first = state.txns.get(partitionAppId('silt-first', key)) ?? next
      for (let offset = 0; offset < count; offset++) {
        const index = recordIndex(bounds, topicId, [partition, offset])
        const found = (rows[index] as number) + (recorded[index] as number)
        const expected = first <= offset && offset < next ? 1 : 0
        if (found === expected) continue
        const what = found < expected ? 'lost' : found > 1 ? 'there twice' : 'there and outside of [first, txn)'
        return `I2: record ${offset} of partition ${partition} is ${what} (first ${first}, txn ${next}, topic id ${topicId})`
      }
    }
  return undefined
}

/** I3a: a partition with progress has a first offset, which never changes. */
function firstIsDurable(bounds: CommitBounds, before: TableState, after: TableState): string | undefined {
  for (const topicId of bounds.topicIds)
    for (const partition of bounds.records.keys()) {
      const key = { topic, topicId, partition, restart: 0 }
      const [was, is] = [before, after].map((state) => state.txns.get(partitionAppId('silt-first', key)))
      if (was !== undefined && is !== was)
        return `I3a: the first offset of partition ${partition} was ${was} and is ${is}`
      if (is === undefined && after.txns.has(partitionAppId('silt', key)))
        return `I3a: partition ${partition} has progress and no first offset`
    }
  return undefined
}

/** I8. */
function txnNeverDecreases(before: TableState, after: TableState): string | undefined {
  for (const [appId, was] of before.txns) {
    const is = after.txns.get(appId)
    if (is === undefined || is < was) return `I8: txn ${appId} went from ${was} to ${is ?? 'nothing'}`
  }
  return undefined
}

/** I9: columns are added or stay as they are, and every file's columns are the table's. */
function schemaHoldsAllFiles(before: MainContent, after: MainContent): string | undefined {
  const columns = columnsOf(after.state.schema)
  for (const [name, type] of columnsOf(before.state.schema))
    if (columns.get(name) !== type) return `I9: column ${name} was ${type} and is ${columns.get(name) ?? 'gone'}`
  for (const text of after.fileSchemas)
    for (const [name, type] of columnsOf(parseSchema(text)))
      if (columns.get(name) !== type)
        return `I9: a file's column ${name} is ${type}, the table's is ${columns.get(name) ?? 'not there'}`
  return undefined
}

/** I13: without an operator's decision a partition has one topic id, for ever. */
function oneTopicId(bounds: CommitBounds, state: TableState): string | undefined {
  for (const partition of bounds.records.keys()) {
    const ids = new Set<string | null>()
    for (const appId of state.txns.keys()) {
      const parsed = parsePartitionAppId(appId)
      if (parsed?.counter === 'silt' && parsed.key.partition === partition) ids.add(parsed.key.topicId)
    }
    if (ids.size > 1) return `I13: partition ${partition} has progress under the topic ids ${[...ids].join(' and ')}`
  }
  return undefined
}

function columnsOf(schema: StructType): ReadonlyMap<string, string> {
  return new Map(schema.fields.map((each) => [each.name, typeText(each.type)]))
}

function typeText(type: DataType): string {
  return typeof type === 'string' ? type : JSON.stringify(type)
}
