import {
  assert,
  momentOf,
  msSince,
  SiltError,
  type Clock,
  type Moment,
  type ObjectStore,
  type ParquetReader,
} from '@silt/core'
import {
  applyActions,
  commitEntry,
  followLog,
  loadState,
  lookBegan,
  proveNewest,
  requireWritable,
  TallyTrail,
  withCheckpoint,
  withTally,
  type Action,
  type FileTally,
  type LogEntry,
  type TableState,
} from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { requireRetention } from './file-age.ts'

export interface TableLogDeps {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  readonly clock: Clock
}

/** Told of what goes on in a table's log, beside the commit path. */
export interface TableLogWatch {
  /** A version of this process's own is durable, `state` is what it made. */
  committed(store: ObjectStore, state: TableState, token: string): void
  /** The table was loaded anew. */
  loaded(location: string, state: TableState): void
}

const nobody: TableLogWatch = Object.freeze({ committed: () => undefined, loaded: () => undefined })

export interface TableLogOptions {
  /** Reads each commit's token back before it counts (I11). */
  readonly readBack: boolean
  /** How long a proof that a version is the newest lasts (I8a). */
  readonly baseProofMaxMs: number
}

/** A table as its log was read. */
export interface TableReading {
  readonly state: TableState
  /** When the reading began: `state` is known to have been the newest then. */
  readonly began: Moment
}

/** Undefined where there is no table. */
export async function readTable({ store, parquetReader, clock }: TableLogDeps): Promise<TableReading | undefined> {
  const began = await lookBegan(store, clock)
  const state = await loadState(store, parquetReader)
  return state && { state, began }
}

/** What a look at the log brought. `reloaded`: the state was read anew, what lies between is not in `entries`. */
export interface LogNews {
  readonly entries: readonly LogEntry[]
  readonly reloaded: boolean
}

const noNews: LogNews = Object.freeze({ entries: [], reloaded: false })

/**
 * One table's log as a committer knows it.
 *
 * 1. `state` comes from the log as read, or from a commit whose own body was proved to be that version (I6).
 * 2. After a conflict or an unknown outcome nothing is put before the log has been read on (I6, I7).
 * 3. Nothing is put on a base proved newest longer than `baseProofMaxMs` ago (I8a).
 * 4. The table keeps its id, and every state is one Silt may write to (I12).
 *
 * Errors: the store's, `delta/…`, `committer/table-changed` (unsupported), `committer/table-gone` (data),
 * `committer/retention-too-short` (invalid).
 */
export class TableLog {
  readonly #deps: TableLogDeps
  readonly #options: TableLogOptions
  #state: TableState
  /** When the newest proof that `#state` is the newest version began. */
  #proved: Moment
  #doubt = false
  #readingsBegun = 0
  #provedReading = 0
  /** Read and applied, not yet handed out: a look that failed half-way must not swallow them. */
  #unheard: LogEntry[] = []
  readonly #watch: TableLogWatch
  /** What the newest versions added: a count of the files of one of them still tells the newest's tally. */
  readonly #trail = new TallyTrail()

  private constructor(
    deps: TableLogDeps,
    options: TableLogOptions,
    { state, began: proved }: TableReading,
    watch: TableLogWatch,
  ) {
    this.#deps = deps
    this.#options = options
    this.#watch = watch
    this.#state = state
    this.#proved = proved
  }

  static open(
    deps: TableLogDeps,
    options: TableLogOptions,
    reading: TableReading,
    watch: TableLogWatch = nobody,
  ): TableLog {
    const { state } = reading
    requireWritable(state, judgeRowRules)
    requireRetention(state.metadata, deps.store.location)
    watch.loaded(deps.store.location, state)
    return new TableLog(deps, options, reading, watch)
  }

  get store(): ObjectStore {
    return this.#deps.store
  }

  get state(): TableState {
    return this.#state
  }

  /** When the state was last known to be the newest, monotonic ms. */
  get provedMs(): number {
    return this.#proved.steadyMs
  }

  /** How many readings of the newest version have begun, own commits among them. */
  get readingsBegun(): number {
    return this.#readingsBegun
  }

  /** Which reading the state is from: it knows everything that was in the log when that reading began. */
  get provedReading(): number {
    return this.#provedReading
  }

  /** Makes the state fit to commit on: reads on where there is doubt or the proof has aged. */
  async prepare(): Promise<LogNews> {
    return this.#doubt || !this.#proofHolds() ? this.look() : noNews
  }

  /** Reads the log on from the state. Every entry is handed out exactly once, also when a look failed half-way. */
  async look(): Promise<LogNews> {
    for (;;) {
      const began = momentOf(this.#deps.clock, this.#deps.store)
      const reading = ++this.#readingsBegun
      const read = await this.#readOn()
      if (read === 'reload') {
        await this.#reload()
        this.#unheard = []
        return { entries: [], reloaded: true }
      }
      this.#accept(read.state)
      this.#unheard.push(...read.entries)
      for (const { version, actions } of read.entries) this.#trail.note(version, actions)
      if (read.entries.length > 0) continue
      this.#prove(began, reading)
      const entries = this.#unheard
      this.#unheard = []
      return { entries, reloaded: false }
    }
  }

  /**
   * One attempt at the next version, `actions` having been built from `state`. After anything but `committed`, `prepare` reads the log.
   * `unproved`: the process stood still since it prepared, nothing was sent. Where its answer tells that it stood still on the way, by the store's clock,
   * it counts only on a base that is still there: below a log that was cleaned meanwhile nobody reads it (`unknown`).
   */
  async commit(
    actions: readonly Action[],
    token: string,
  ): Promise<
    | { readonly kind: 'committed' }
    | { readonly kind: 'conflict' }
    | { readonly kind: 'unproved' }
    | { readonly kind: 'unknown'; readonly cause: unknown }
  > {
    assert(!this.#doubt, 'a commit is prepared once the log has been read')
    if (!this.#proofHolds()) return { kind: 'unproved' }
    const version = this.#state.version + 1
    const began = momentOf(this.#deps.clock, this.#deps.store)
    const reading = ++this.#readingsBegun
    this.#doubt = true
    const outcome = await commitEntry(this.#deps.store, { version, actions, token, readBack: this.#options.readBack })
    if (outcome.kind !== 'committed') return outcome
    if (!this.#proofHolds() && (await proveNewest(this.#deps.store, this.#state)) === 'reload')
      return { kind: 'unknown', cause: baseGone(version) }
    this.#state = applyActions(this.#state, { version, actions })
    this.#prove(began, reading)
    this.#trail.note(version, actions)
    this.#watch.committed(this.#deps.store, this.#state, token)
    return { kind: 'committed' }
  }

  noteCheckpoint(version: number): void {
    this.#state = withCheckpoint(this.#state, version)
  }

  /** Takes over what was counted of the live files of `version`, as far as it still tells those of the newest. */
  noteTally(version: number, counted: FileTally): void {
    const tally = this.#trail.carry(counted, version, this.#state.version)
    if (tally !== undefined) this.#state = withTally(this.#state, tally)
  }

  #proofHolds(): boolean {
    return msSince(this.#proved, this.#deps.clock, this.#deps.store) <= this.#options.baseProofMaxMs
  }

  /** A base with a fresh proof cannot have been cleaned away yet: what follows it is found by name alone. */
  async #readOn(): Promise<{ readonly state: TableState; readonly entries: readonly LogEntry[] } | 'reload'> {
    if (this.#proofHolds()) {
      const read = await followLog(this.#deps.store, this.#state)
      // The answer can tell that the machine was halted for long, which its own clocks did not.
      if (this.#proofHolds()) return read
    }
    const proof = await proveNewest(this.#deps.store, this.#state)
    if (proof === 'newest') return { state: this.#state, entries: [] }
    return proof
  }

  async #reload(): Promise<void> {
    const reading = ++this.#readingsBegun
    const read = await readTable(this.#deps)
    if (read === undefined)
      throw new SiltError('data', 'committer/table-gone', `there is no table at ${this.#deps.store.location} any more`)
    this.#accept(read.state)
    this.#watch.loaded(this.#deps.store.location, read.state)
    this.#prove(read.began, reading)
  }

  #prove(began: Moment, reading: number): void {
    this.#proved = began
    this.#provedReading = reading
    this.#doubt = false
  }

  #accept(state: TableState): void {
    const [was, is] = [this.#state.metadata.id, state.metadata.id]
    if (is !== was)
      throw new SiltError(
        'unsupported',
        'committer/table-changed',
        `the table at ${this.#deps.store.location} had id ${was} and now has ${is}: it was replaced. Check what replaced it, then restart Silt`,
        { context: { was, is, version: state.version } },
      )
    requireWritable(state, judgeRowRules)
    requireRetention(state.metadata, this.#deps.store.location)
    this.#state = state
  }
}

function baseGone(version: number): SiltError {
  const message = `version ${version} was put so late that the version before it is gone: nobody reads it, and it is built anew on the newest`
  return new SiltError('unavailable', 'committer/base-gone', message, { context: { version } })
}
