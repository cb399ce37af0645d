import {
  deadLetterAppliedAppId,
  deadLetterPointerAppId,
  deadLetterSchema,
  encodeCommitRecord,
  eventTableSchema,
  formatProperty,
  partitionAppId,
  unitId,
  unitTags,
  type CommitRecord,
  type CountedRange,
  type Decision,
  type PartitionKey,
} from '@silt/contracts'
import { struct, type AddFile, type StructType } from '@silt/core'
import { commitInfo, encodeEntry, newTableActions, type Action } from '@silt/delta'
import {
  fileKey,
  type Deletion,
  type History,
  type LandedEntry,
  type TableName,
  type TruthLog,
  type TruthRecord,
} from '../../history.ts'
import { SimParquet } from '../../sim-parquet.ts'

const topic = 'events'
export const topicId = 'topic-1'
const mainId = '00000000-0000-4000-8000-000000000001'
const silt = 'silt/0.1.0'
const spark = 'Apache-Spark/3.5.3'

/** A commit before it lands: sound as the builder makes it, for a test to break. */
export interface Draft {
  readonly table: TableName
  version: number
  by: string
  operation: string
  operationParameters: Readonly<Record<string, string>>
  engineInfo: string
  token: string
  units: CommitRecord['units'][number][]
  deadLetters: AddFile[]
  decisions: Decision[]
  readonly txns: Map<string, number>
  readonly lastUpdated: Map<string, number>
  adds: AddFile[]
  /** Beside the others: `metaData`, `protocol`, `remove`. */
  readonly others: Action[]
}

export interface Row {
  readonly partition: number
  readonly offset: number
  readonly sessionId?: string | undefined
  readonly topicId?: string
}

/** Makes histories by hand, commit by commit, as sound as the product would. */
export class HistoryBuilder {
  readonly parquet = new SimParquet()
  readonly logs: TruthLog[] = []
  readonly #entries: LandedEntry[] = []
  readonly #files = new Map<string, Uint8Array>()
  readonly #deletions: Deletion[] = []
  readonly #txns: Record<TableName, Map<string, number>> = { main: new Map(), 'dead-letters': new Map() }
  readonly #newest: Record<TableName, number> = { main: -1, 'dead-letters': -1 }
  #names = 0

  /** Both tables at version 0. */
  constructor() {
    this.land({ ...this.#tableDraft('dead-letters', deadLetterSchema) })
    this.land({ ...this.#tableDraft('main', eventTableSchema) })
  }

  get history(): History {
    return {
      entries: this.#entries,
      files: this.#files,
      deletions: this.#deletions,
      truth: { topic, logs: this.logs },
    }
  }

  /** One record an offset from 0: `r` a row, `d` a dead letter, `a` aborted, `c` compacted, `-` no record. */
  produce(partition: number, shape: string, changes: Partial<TruthLog> = {}): TruthLog {
    const id = changes.topicId ?? topicId
    const records = [...shape].flatMap((each, offset): TruthRecord[] => {
      const sessionId = each === 'd' ? undefined : `${id}/${partition}/${offset}`
      const fate = each === 'a' ? 'aborted' : each === 'c' ? 'compacted' : 'readable'
      return each === '-' ? [] : [{ offset, fate, sessionId }]
    })
    const whole = { topicId: id, partition, records, logStart: 0, readableEnd: shape.length, isGone: false }
    const log: TruthLog = { ...whole, ...changes }
    this.logs.push(log)
    return log
  }

  /** The commit that begins partitions (I3a). */
  start(...partitions: readonly number[]): Draft {
    const draft = this.draft('main')
    for (const partition of partitions) this.begin(draft, key(partition), 0)
    return draft
  }

  begin(draft: Draft, of: PartitionKey, first: number): void {
    draft.txns.set(partitionAppId('silt', of), first)
    draft.txns.set(partitionAppId('silt-first', of), first)
  }

  /** A commit of one unit that holds `ranges` as they were produced. */
  unit(ranges: readonly { partition: number; start: number; endExclusive: number; restart?: number }[]): Draft {
    const draft = this.draft('main')
    this.addUnit(draft, ranges)
    return draft
  }

  addUnit(
    draft: Draft,
    given: readonly { partition: number; start: number; endExclusive: number; restart?: number }[],
    id = topicId,
  ): void {
    const ranges = given.map((range): CountedRange => {
      const found = this.#records(id, range)
      const deadLetters = found.filter(({ sessionId }) => sessionId === undefined).length
      const gaps = range.endExclusive - range.start - found.length
      return { restart: 0, ...range, read: found.length, rows: found.length - deadLetters, deadLetters, gaps }
    })
    const unit = { unitId: unitId(id, ranges), topic, topicId: id, ranges }
    draft.units.push(unit)
    const rows = ranges.flatMap((range) => this.#records(id, range).map((each) => ({ ...each, ...range, topicId: id })))
    const alive = rows.filter(({ sessionId }) => sessionId !== undefined)
    const dead = rows.filter(({ sessionId }) => sessionId === undefined)
    const tags = unitTags(unit)
    if (alive.length > 0) draft.adds.push(this.file('main', alive, { tags }))
    if (dead.length > 0) {
      draft.deadLetters.push(this.file('dead-letters', dead, { tags }))
      draft.txns.set(deadLetterPointerAppId, draft.version)
    }
    for (const range of ranges) {
      const of: PartitionKey = { topic, topicId: id, ...range }
      draft.txns.set(partitionAppId('silt', of), range.endExclusive)
      if (range.gaps > 0) {
        const gapsId = partitionAppId('silt-gaps', of)
        draft.txns.set(gapsId, (draft.txns.get(gapsId) ?? this.#txns.main.get(gapsId) ?? 0) + range.gaps)
      }
    }
  }

  /** The commit that applies what main version `version` recorded. */
  projection(version: number, deadLetters: readonly AddFile[]): Draft {
    const draft = this.draft('dead-letters')
    draft.txns.set(deadLetterAppliedAppId(mainId), version)
    draft.adds.push(...deadLetters)
    return draft
  }

  /** Puts a file; its add. */
  file(
    table: TableName,
    rows: readonly Row[],
    changes: { readonly tags?: Readonly<Record<string, string>>; readonly schema?: StructType } = {},
  ): AddFile {
    const whole = table === 'main' ? eventTableSchema : deadLetterSchema
    const names = ['_topic', '_topic_id', '_partition', '_offset', 'session_id']
    const schema = changes.schema ?? struct(whole.fields.filter(({ name }) => names.includes(name)))
    const body = this.parquet.encodeRows(
      schema,
      rows.map((row) => ({
        _topic: topic,
        _topic_id: row.topicId ?? topicId,
        _partition: row.partition,
        _offset: row.offset,
        session_id: row.sessionId,
      })),
    )
    const key = `part-${++this.#names}.parquet`
    this.#files.set(fileKey(table, key), body)
    const stats = JSON.stringify({ numRecords: rows.length })
    const base = { path: key, partitionValues: {}, size: body.length, modificationTime: 1, dataChange: true, stats }
    return changes.tags === undefined ? base : { ...base, tags: changes.tags }
  }

  draft(table: TableName): Draft {
    return {
      table,
      version: this.#newest[table] + 1,
      by: 'committer-1#1',
      operation: 'STREAMING UPDATE',
      operationParameters: {},
      engineInfo: silt,
      token: `token-${++this.#names}`,
      units: [],
      deadLetters: [],
      decisions: [],
      txns: new Map(),
      lastUpdated: new Map(),
      adds: [],
      others: [],
    }
  }

  /** A commit of another engine. */
  foreign(operation: string, mode?: string): Draft {
    return {
      ...this.draft('main'),
      by: 'spark',
      engineInfo: spark,
      operation,
      operationParameters: mode === undefined ? {} : { mode },
    }
  }

  /** An operator's decisions, by the CLI. */
  decision(...decisions: readonly Decision[]): Draft {
    return { ...this.draft('main'), by: 'operator', operation: 'SILT DECISION', decisions: [...decisions] }
  }

  land(draft: Draft): Draft {
    const { table, version, by } = draft
    this.#entries.push({ table, version, by, atMs: this.#entries.length * 100, body: encodeEntry(actionsOf(draft)) })
    this.#newest[table] = Math.max(this.#newest[table], version)
    for (const [appId, next] of draft.txns) this.#txns[table].set(appId, next)
    return draft
  }

  delete(table: TableName, { path }: AddFile, by: string): void {
    this.#deletions.push({ table, key: path, by, afterEntries: this.#entries.length })
  }

  /** Replaces a landed entry's body: what nobody would write. */
  spoil(index: number, body: string): void {
    this.#entries[index] = { ...this.#entries[index]!, body: new TextEncoder().encode(body) }
  }

  metadata(changes: Readonly<Record<string, unknown>>): Action {
    const [, action] = this.#tableActions('main', eventTableSchema)
    if (action === undefined || !('metaData' in action)) throw new Error('a new table has metadata')
    return { metaData: { ...action.metaData, ...changes } }
  }

  #tableDraft(table: TableName, schema: StructType): Draft {
    const draft = { ...this.draft(table), operation: 'CREATE TABLE' }
    draft.others.push(...this.#tableActions(table, schema))
    return draft
  }

  #tableActions(table: TableName, schema: StructType): readonly Action[] {
    const id = table === 'main' ? mainId : '00000000-0000-4000-8000-000000000002'
    return newTableActions({ id, schema, partitionColumns: [], configuration: { [formatProperty]: '1' }, createdMs: 1 })
  }

  #records(id: string, range: { partition: number; start: number; endExclusive: number }): TruthRecord[] {
    const log = this.logs.find((each) => each.topicId === id && each.partition === range.partition)
    return (log?.records ?? []).filter(
      ({ offset, fate }) => offset >= range.start && offset < range.endExclusive && fate === 'readable',
    )
  }
}

export function key(partition: number, restart = 0, id = topicId): PartitionKey {
  return { topic, topicId: id, partition, restart }
}

function actionsOf(draft: Draft): Action[] {
  const { table, engineInfo, operation, operationParameters, token, units, deadLetters, decisions } = draft
  const hasRecord = engineInfo === silt && table === 'main' && draft.version > 0
  const record = encodeCommitRecord({ v: 1, units, deadLetters, decisions })
  const base = { timestampMs: 1, operation, operationParameters, engineInfo, token, isBlindAppend: true }
  return [
    commitInfo(hasRecord ? { ...base, silt: record } : base),
    ...draft.others,
    ...[...draft.txns].map(([appId, version]): Action => {
      const lastUpdated = draft.lastUpdated.get(appId)
      return { txn: lastUpdated === undefined ? { appId, version } : { appId, version, lastUpdated } }
    }),
    ...draft.adds.map((add): Action => ({ add })),
  ]
}
