import { deadLetterAppliedAppId, parseCommitRecord, partitionAppId, partitionProgress } from '@silt/contracts'
import { applyActions, commitInfo, commitInfoOf, schemaToString, type Action, type TableState } from '@silt/delta'
import type { CommitBounds } from './bounds.ts'
import { beginMs, schemas, tableId, topic, type JobUniverse } from './jobs.ts'
import { brokenByDeadLetters, brokenByMain } from './version-properties.ts'

/** One version of the main table: the product's own state of it, and what a reader would find in it. */
export interface MainVersion {
  readonly id: number
  readonly state: TableState
  /** How often each record is a row. */
  readonly rows: readonly number[]
  /** How often each record was recorded as a dead letter, by this version or an earlier one. */
  readonly recorded: readonly number[]
  /** The files of the newest record of dead letters (I5). */
  readonly newestRecord: readonly string[]
  /** The records in them. */
  readonly newestLetters: ReadonlySet<number>
  /** Schemas of its files, as their writers say. */
  readonly fileSchemas: ReadonlySet<string>
  /** Every record of the first topic is behind `txn`. */
  readonly isAll: boolean
  /** The property that this version breaks. */
  readonly broken: string | undefined
}

/** One version of the dead-letter table. */
export interface DeadLetterVersion {
  readonly id: number
  readonly state: TableState
  readonly letters: readonly number[]
  readonly broken: string | undefined
}

/**
 * Every version of both tables met so far, each made once, by the product's own replay. Two versions of one number with equal content are one, whichever
 * commits led to them: what was different about those is gone for everybody.
 */
export class Versions {
  readonly #bounds: CommitBounds
  readonly #universe: JobUniverse
  readonly #main: MainVersion[] = []
  readonly #deadLetters: DeadLetterVersion[] = []
  readonly #ids = new Map<string, number>()

  constructor(bounds: CommitBounds, universe: JobUniverse) {
    this.#bounds = bounds
    this.#universe = universe
    const none = new Array<number>(universe.recordCount).fill(0)
    this.#main.push({
      id: 0,
      state: newTable(tableId, bounds.begun ? begunTxns(bounds) : []),
      rows: none,
      recorded: none,
      newestRecord: [],
      newestLetters: new Set(),
      fileSchemas: new Set(),
      isAll: false,
      broken: undefined,
    })
    this.#deadLetters.push({ id: 0, state: newTable('dead-letters', []), letters: none, broken: undefined })
  }

  main(id: number): MainVersion {
    return this.#main[id] as MainVersion
  }

  deadLetters(id: number): DeadLetterVersion {
    return this.#deadLetters[id] as DeadLetterVersion
  }

  /** The version that these actions make of `base`. */
  afterMain(base: MainVersion, actions: readonly Action[]): MainVersion {
    const state = applyActions(base.state, { version: base.state.version + 1, actions })
    const paths = actions.flatMap((action) => ('add' in action ? [action.add.path] : []))
    const letters = (parseCommitRecord(commitInfoOf(actions)?.silt)?.deadLetters ?? []).map((add) => add.path)
    const next = {
      state,
      rows: this.#counted(base.rows, paths),
      recorded: this.#counted(base.recorded, letters),
      newestRecord: letters.length > 0 ? letters : base.newestRecord,
      newestLetters:
        letters.length > 0 ? new Set(letters.flatMap((path) => this.#contentOf(path).records)) : base.newestLetters,
      fileSchemas: new Set([...base.fileSchemas, ...paths.map((path) => schemaToString(this.#contentOf(path).schema))]),
    }
    const content = [
      contentKey(state),
      next.rows,
      next.recorded,
      next.newestRecord.join(),
      [...next.fileSchemas].sort(),
    ]
    const broken = brokenByMain(this.#bounds, base, next)
    const isAll = this.#isAllCommitted(state)
    return this.#once(this.#main, `main ${content.join('|')} ${broken ?? ''}`, (id) => ({ ...next, id, isAll, broken }))
  }

  /** Another engine's commit, of nothing that concerns us. */
  afterForeign(base: MainVersion): MainVersion {
    return this.afterMain(base, [
      commitInfo({ timestampMs: beginMs, operation: 'OPTIMIZE', engineInfo: 'another', token: 'foreign' }),
    ])
  }

  /** The main version's newest record of dead letters, applied (I5). */
  afterProjection(base: DeadLetterVersion, main: MainVersion, recordVersion: number): DeadLetterVersion {
    const appId = deadLetterAppliedAppId(main.state.metadata.id)
    const state = applyActions(base.state, {
      version: base.state.version + 1,
      actions: [{ txn: { appId, version: recordVersion } }],
    })
    const next = { state, letters: this.#counted(base.letters, main.newestRecord) }
    const broken = brokenByDeadLetters(base, next)
    return this.#once(
      this.#deadLetters,
      `dead ${[contentKey(state), next.letters].join('|')} ${broken ?? ''}`,
      (id) => ({ ...next, id, broken }),
    )
  }

  #isAllCommitted(state: TableState): boolean {
    const topicId = this.#bounds.topicIds[0] as string
    return this.#bounds.records.every(
      (count, partition) => partitionProgress(state.txns, topic, topicId, partition)?.next === count,
    )
  }

  #once<V>(known: V[], key: string, make: (id: number) => V): V {
    const id = this.#ids.get(key)
    if (id !== undefined) return known[id] as V
    const made = make(known.length)
    this.#ids.set(key, known.length)
    known.push(made)
    return made
  }

  #counted(before: readonly number[], paths: readonly string[]): readonly number[] {
    const counts = [...before]
    for (const path of paths)
      for (const record of this.#contentOf(path).records) counts[record] = (counts[record] as number) + 1
    return counts
  }

  #contentOf(path: string): { readonly records: readonly number[]; readonly schema: (typeof schemas)['plain'] } {
    const content = this.#universe.files.get(path)
    if (content === undefined) throw new Error(`nobody wrote ${path}`)
    return content
  }
}

function newTable(id: string, txns: readonly (readonly [string, number])[]): TableState {
  return {
    version: 0,
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    metadata: {
      id,
      format: { provider: 'parquet', options: {} },
      schemaString: schemaToString(schemas.plain),
      partitionColumns: [],
      configuration: {},
      createdTime: beginMs,
    },
    schema: schemas.plain,
    txns: new Map(txns),
    domains: new Map(),
  }
}

function begunTxns(bounds: CommitBounds): readonly (readonly [string, number])[] {
  return bounds.records.flatMap((_, partition) => {
    const key = { topic, topicId: bounds.topicIds[0] as string, partition, restart: 0 }
    return [
      [partitionAppId('silt', key), 0],
      [partitionAppId('silt-first', key), 0],
    ] as const
  })
}

function contentKey(state: TableState): string {
  const txns = [...state.txns].map(([appId, version]) => `${appId}=${version}`).sort()
  return [state.version, state.metadata.schemaString, ...txns].join()
}
